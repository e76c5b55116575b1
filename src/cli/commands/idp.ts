import { text } from '../../fields/index.ts'
import { type Entity, localTime, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import {
  choiceFlags,
  choicesOf,
  keyFlags,
  keysOf,
  metadataCertificate,
  metadataOf,
} from '../identity-provider-flags.ts'
import { moment } from '../moment.ts'
import { type Column, factsOfEntity, listOf, pick, recordOf, showEntities } from '../registry.ts'
import type { Session } from '../session.ts'

const provider = text({ label: 'provider', help: 'Id of the identity provider, its name, or its issuer.' })
const name = text({ label: 'name', help: 'Name for people; default: the host of the issuer.', default: '' })

/** @throws cli.entryUnknown, cli.entryAmbiguous */
const find = async ({ api }: Session, wanted: string): Promise<Entity> =>
  pick(await api().list('TrustedIdentityProviders'), {
    wanted,
    id: 'Id',
    names: [(each) => textOf(each, 'Name'), (each) => textOf(each, 'Issuer')],
    what: 'identity provider',
    list: 'idp list',
  })

interface Certificate {
  readonly fingerprint: string
  readonly subject: string
  readonly validTo: string | null
  readonly from: string | null
  readonly until: string | null
  readonly certificate: string
}

const certificatesOf = (found: Entity): readonly Certificate[] =>
  JSON.parse(textOf(found, 'Certificates') || '[]') as readonly Certificate[]

/** Says what was done, and what is questionable about the provider on the error output. */
function say({ output, err }: Session, done: string, found: Entity): void {
  for (const warning of listOf(found, 'Warnings')) err.write(`warning  ${warning}\n`)
  const id = textOf(found, 'Id')
  output.result({ id, name: found.Name, issuer: found.Issuer, done }, `${done}  ${textOf(found, 'Name')}  ${id}`)
}

export const idpList = declareCommand({
  name: 'idp list',
  summary: 'Lists the identity providers whose users may call flows, and what is questionable about them.',
  examples: [{ line: 'idp list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const columns = [
      { property: 'Name', title: 'Name' },
      { property: 'Issuer', title: 'Issuer' },
      { property: 'Enabled', title: 'Enabled' },
      { property: 'UsedBy', title: 'Used by', as: 'list' },
      { property: 'Warnings', title: 'Warnings', as: 'list' },
    ] as const
    const found = await session.api().list('TrustedIdentityProviders')
    showEntities(session, found, columns, 'No identity provider is trusted.')
  },
})

const shown: readonly Column[] = [
  ...['Name', 'Issuer', 'Description', 'Enabled', 'JwksUri', 'Loopback'].map((property) => ({
    property,
    title: property,
  })),
  { property: 'Algorithms', title: 'Algorithms', as: 'list' },
  { property: 'Sha1', title: 'SHA-1' },
  { property: 'UserIdAttribute', title: 'User id attribute' },
  { property: 'Audiences', title: 'Audiences', as: 'list' },
  { property: 'Recipients', title: 'Recipients', as: 'list' },
  { property: 'DefaultAttributes', title: 'Default attributes' },
  { property: 'Attributes', title: 'Attributes' },
  { property: 'DefaultGroups', title: 'Default groups', as: 'list' },
  { property: 'GroupRules', title: 'Group rules' },
  { property: 'Skew', title: 'Skew (s)' },
  { property: 'Clients', title: 'Clients', as: 'list' },
  { property: 'UsedBy', title: 'Used by', as: 'list' },
  { property: 'Warnings', title: 'Warnings', as: 'list' },
  { property: 'Id', title: 'Id' },
]

export const idpShow = declareCommand({
  name: 'idp show',
  summary: 'Shows an identity provider with its certificates and keys.',
  examples: [{ line: 'idp show Portal', words: 'Shows it.' }],
  positionals: { provider },
  flags: {},
  async run({ provider }, session) {
    const found = await find(session, provider)
    const certificates = certificatesOf(found)
    const keys = JSON.parse(textOf(found, 'Jwks') || '[]') as readonly Readonly<Record<string, unknown>>[]
    const time = (text: string | null) => (text === null ? '' : localTime(Date.parse(text)))
    const lines = [
      ...certificates.map(
        ({ fingerprint, subject, validTo, from, until }) =>
          `certificate  ${fingerprint}  ${subject}  valid to ${time(validTo)}${from === null ? '' : `  from ${time(from)}`}${until === null ? '' : `  until ${time(until)}`}`,
      ),
      ...keys.map(({ kid, kty, alg }) =>
        `key  ${String(kid ?? '(no kid)')}  ${String(kty)}  ${String(alg ?? '')}`.trimEnd(),
      ),
    ]
    const facts = factsOfEntity(found, shown)
    session.output.result(
      { ...recordOf(found, shown), Certificates: certificates, Jwks: keys },
      lines.length === 0 ? facts : `${facts}\n\n${lines.join('\n')}`,
    )
  },
})

export const idpAdd = declareCommand({
  name: 'idp add',
  summary: 'Trusts the assertions of an identity provider, by its signing certificates or keys.',
  examples: [
    {
      line: 'idp add Portal https://portal.example --cert portal.pem --default-group partners',
      words: 'Every user of the portal is in the group partners.',
    },
  ],
  positionals: {
    name: text({ label: 'name', help: 'Name for people.', maxLength: 150 }),
    issuer: text({ label: 'issuer', help: 'SAML entity id, or iss of its tokens, exactly as it writes it.' }),
  },
  flags: {
    ...keyFlags,
    ...choiceFlags,
  },
  async run({ name, issuer, ...given }, session) {
    const keys = await keysOf(session, given, 'idp add')
    const body = { Name: name, Issuer: issuer, ...keys, ...choicesOf(given, 'idp add') }
    const { d } = JSON.parse(await session.api().write('POST', 'TrustedIdentityProviders', body)) as {
      readonly d: Entity
    }
    say(session, 'trusted', d)
  },
})

export const idpUpdate = declareCommand({
  name: 'idp update',
  summary: 'Changes an identity provider. What is not given stays.',
  examples: [
    { line: 'idp update Portal --enabled off', words: 'Its assertions count no more.' },
    { line: "idp update Portal --group-rule 'buyers: role equals buyer'", words: 'Replaces the rules for groups.' },
  ],
  positionals: { provider },
  flags: {
    name: text({ label: 'name', help: 'Another name.', default: '' }),
    ...keyFlags,
    ...choiceFlags,
  },
  async run({ provider, name, ...given }, session) {
    const change = {
      ...(name !== '' && { Name: name }),
      ...(await keysOf(session, given, 'idp update')),
      ...choicesOf(given, 'idp update'),
    }
    if (Object.keys(change).length === 0)
      throw faults.usage({ problems: ['there is nothing to change'], command: 'idp update' })
    const found = await find(session, provider)
    await put(session, found, change)
    say(session, 'changed', await find(session, textOf(found, 'Id')))
  },
})

const put = ({ api }: Session, found: Entity, change: object) =>
  api().write('PUT', entity`TrustedIdentityProviders(${textOf(found, 'Id')})`, change)

export const idpRemove = declareCommand({
  name: 'idp remove',
  summary: 'Ends the trust in an identity provider: its assertions are refused from now on.',
  examples: [{ line: 'idp remove Portal', words: 'Removes it.' }],
  positionals: { provider },
  flags: {},
  async run({ provider }, session) {
    const found = await find(session, provider)
    await session.api().write('DELETE', entity`TrustedIdentityProviders(${textOf(found, 'Id')})`)
    say(session, 'removed', { ...found, Warnings: null })
  },
})

const renewed = text({
  label: 'provider',
  help: 'Give this one the keys instead of making another; what is there of them is replaced.',
  default: '',
})

/** The id of the provider that is to be renewed. */
const idOf = async (session: Session, wanted: string): Promise<object> =>
  wanted === '' ? {} : { Id: textOf(await find(session, wanted), 'Id') }

export const idpImport = declareCommand({
  name: 'idp import',
  summary: 'Trusts the identity provider that SAML 2.0 metadata describes.',
  examples: [
    { line: 'idp import metadata.xml --name Portal', words: 'Makes it, with all its signing certificates.' },
    { line: 'idp import metadata.xml --renew Portal', words: 'Replaces its certificates by the published ones.' },
  ],
  positionals: { file: text({ label: 'file', help: 'Metadata of one identity provider; - is standard input.' }) },
  flags: {
    name,
    renew: renewed,
    'signed-by': metadataCertificate,
    ...choiceFlags,
  },
  async run({ file, name, renew, 'signed-by': signedBy, ...given }, session) {
    const body = {
      ...(await metadataOf(session, file, signedBy)),
      ...(await idOf(session, renew)),
      ...(name !== '' && { Name: name }),
      ...choicesOf(given, 'idp import'),
    }
    const answer = await session.api().invoke('ImportSamlMetadata', body)
    say(session, renew === '' ? 'trusted' : 'renewed', JSON.parse(answer.toString()) as Entity)
  },
})

export const idpDiscover = declareCommand({
  name: 'idp discover',
  summary: 'Trusts an OpenID Connect issuer by its address: the server fetches its keys, now and when they change.',
  examples: [{ line: 'idp discover https://login.example.com', words: 'Reads what it publishes of itself.' }],
  positionals: { issuer: text({ label: 'issuer', help: 'Https address of the issuer, as it names itself.' }) },
  flags: {
    name,
    renew: renewed,
    loopback: keyFlags.loopback,
    ...choiceFlags,
  },
  async run({ issuer, name, renew, loopback, ...given }, session) {
    const body = {
      Issuer: issuer,
      ...(await idOf(session, renew)),
      ...(name !== '' && { Name: name }),
      ...(loopback !== '' && { Loopback: loopback === 'on' }),
      ...choicesOf(given, 'idp discover'),
    }
    const answer = await session.api().invoke('DiscoverIdentityProvider', body)
    say(session, renew === '' ? 'trusted' : 'renewed', JSON.parse(answer.toString()) as Entity)
  },
})

export const idpAddCertificate = declareCommand({
  name: 'idp add-certificate',
  summary: 'Adds a signing certificate beside those that are there, so that both count while one is rolled over.',
  examples: [{ line: 'idp add-certificate Portal new.pem', words: 'Both certificates count from now on.' }],
  positionals: { provider, file: text({ label: 'file', help: 'Certificate as PEM or DER; - is standard input.' }) },
  flags: {
    from: moment({ label: 'time', help: 'From when on it counts, as ISO 8601.' }),
    until: moment({ label: 'time', help: 'Until when it counts, as ISO 8601.' }),
  },
  async run({ provider, file, from, until }, session) {
    const certificate = await readCertificateText(session, file)
    const found = await find(session, provider)
    const now = Date.now()
    const added = { certificate, ...(from && { from: from(now) }), ...(until && { until: until(now) }) }
    await put(session, found, { Certificates: JSON.stringify([...certificatesOf(found), added]) })
    say(session, 'added', await find(session, textOf(found, 'Id')))
  },
})

export const idpRemoveCertificate = declareCommand({
  name: 'idp remove-certificate',
  summary: 'Removes a signing certificate: what it has signed is refused from now on.',
  examples: [{ line: 'idp remove-certificate Portal 3f2a9c10', words: 'By the first letters of its fingerprint.' }],
  positionals: {
    provider,
    fingerprint: text({ label: 'fingerprint', help: 'Fingerprint, or its first 8 or more letters.' }),
  },
  flags: {},
  async run({ provider, fingerprint }, session) {
    const found = await find(session, provider)
    const all = certificatesOf(found)
    const one = pick(
      all.map(({ fingerprint: Fingerprint }) => ({ Fingerprint })),
      { wanted: fingerprint, id: 'Fingerprint', names: [], what: 'certificate', list: 'idp show' },
    )
    const rest = all.filter((each) => each.fingerprint !== textOf(one, 'Fingerprint'))
    await put(session, found, { Certificates: JSON.stringify(rest) })
    say(session, 'removed', await find(session, textOf(found, 'Id')))
  },
})
