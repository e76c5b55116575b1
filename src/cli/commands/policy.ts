import { text } from '../../fields/index.ts'
import { factsOf, readCertificates } from '../../keystore/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { suggestion } from '../nearest.ts'
import { pairs } from '../several.ts'
import type { Session } from '../session.ts'
import { facts } from '../table.ts'

/** Settings of a policy by the names of the command line: the property of the API, and how its text is read. */
const settings: Readonly<
  Record<string, { readonly property: string; readonly as: 'list' | 'word' | 'flag' | 'number' | 'certificates' }>
> = {
  methods: { property: 'Methods', as: 'list' },
  require: { property: 'Require', as: 'word' },
  networks: { property: 'Networks', as: 'list' },
  'certificate-outside': { property: 'CertificateOutside', as: 'list' },
  'channel-certificates': { property: 'ChannelCertificates', as: 'word' },
  'pin-on-registration': { property: 'PinOnRegistration', as: 'flag' },
  'public-roots': { property: 'PublicRoots', as: 'flag' },
  revocation: { property: 'Revocation', as: 'word' },
  'minimum-rsa-bits': { property: 'MinimumRsaBits', as: 'number' },
  'server-name-required': { property: 'ServerNameRequired', as: 'flag' },
  'lock-after': { property: 'LockAfter', as: 'number' },
  'client-rate': { property: 'ClientRatePerSecond', as: 'number' },
  'client-burst': { property: 'ClientRateBurst', as: 'number' },
  'endpoint-rate': { property: 'EndpointRatePerSecond', as: 'number' },
  'endpoint-burst': { property: 'EndpointRateBurst', as: 'number' },
  'tenant-rate': { property: 'TenantRatePerSecond', as: 'number' },
  'tenant-burst': { property: 'TenantRateBurst', as: 'number' },
  capabilities: { property: 'Capabilities', as: 'word' },
  'lint-stop': { property: 'LintStop', as: 'list' },
  publishers: { property: 'Publishers', as: 'certificates' },
  'require-signature': { property: 'RequireSignature', as: 'flag' },
  groovy: { property: 'Groovy', as: 'word' },
  'script-networks': { property: 'ScriptNetworks', as: 'list' },
}

const tenant = 'tenant'
const endpoint = text({
  label: 'address',
  help: 'Address such as /http/orders or /http/orders/*; default: the policy of the tenant.',
  default: tenant,
})

const known = Object.keys(settings).join(', ')

const find = async ({ api }: Session, address: string): Promise<Entity | undefined> =>
  (await api().list('InboundPolicies')).find((each) => textOf(each, 'Address') === address)

const textsOf = (policy: Entity, property: string): readonly string[] =>
  JSON.parse(textOf(policy, property)) as readonly string[]

/** Who the certificates are of, for whoever compares them with those of a publisher. */
const certificatesOf = (policy: Entity, property: string) =>
  textsOf(policy, property)
    .flatMap((pem) => readCertificates(pem))
    .map(factsOf)
    .map(({ subject, fingerprint }) => ({ subject, fingerprint }))

/** A value as it is shown and typed: lists with commas, `off` for a condition that is not there. */
function shown(policy: Entity, name: string): string {
  const setting = settings[name]
  const value = setting === undefined ? undefined : policy[setting.property]
  if (setting === undefined || value === null || value === undefined) return ''
  const { property, as } = setting
  if (as === 'list') return textsOf(policy, property).join(',')
  if (as !== 'certificates') return textOf(policy, property)
  return certificatesOf(policy, property)
    .map(({ subject, fingerprint }) => `${subject} (${fingerprint})`)
    .join('; ')
}

const recordOf = (policy: Entity): Record<string, unknown> =>
  Object.fromEntries([
    ['endpoint', policy.Address],
    ...Object.entries(settings).flatMap(([name, { property, as }]) => {
      const value = policy[property]
      if (value === null || value === undefined) return []
      if (as === 'certificates') return [[name, certificatesOf(policy, property)]]
      return [[name, as === 'list' ? textsOf(policy, property) : value]]
    }),
  ]) as Record<string, unknown>

export const policyShow = declareCommand({
  name: 'policy show',
  summary: 'Shows what the tenant, or one address, asks of every caller, and of bundles.',
  examples: [
    { line: 'policy show', words: 'The policy of the tenant, and which addresses have one of their own.' },
    { line: 'policy show --endpoint /http/orders', words: 'What this address asks besides.' },
  ],
  positionals: {},
  flags: { endpoint },
  async run({ endpoint }, session) {
    const policies = await session.api().list('InboundPolicies')
    const policy = policies.find((each) => textOf(each, 'Address') === endpoint)
    if (policy === undefined) throw faults.entryUnknown({ what: 'policy for', wanted: endpoint, list: 'policy show' })
    const others = policies.map((each) => textOf(each, 'Address')).filter((address) => address !== tenant)
    const lines = facts(
      Object.keys(settings)
        .filter((name) => policy[settings[name]?.property ?? ''] !== undefined)
        .map((name) => [name, shown(policy, name)]),
    )
    const more =
      endpoint === tenant && others.length > 0 ? `Addresses with a policy of their own: ${others.join(', ')}` : ''
    session.output.result(
      { ...recordOf(policy), ...(endpoint === tenant && { endpoints: others }) },
      [lines, more].filter(Boolean).join('\n\n'),
    )
  },
})

export const policySet = declareCommand({
  name: 'policy set',
  summary: `Changes what the tenant, or one address, asks of every caller, and of bundles. It holds from the next request, or deployment, on. Settings: ${known}.`,
  examples: [
    { line: 'policy set methods=certificate,bearer', words: 'Passwords and secrets count no more.' },
    {
      line: 'policy set --endpoint /http/orders networks=10.0.0.0/8 methods=certificate,bearer require=all',
      words: 'This address asks for both, from inside.',
    },
    {
      line: 'policy set certificate-outside=off lock-after=5',
      words: 'No condition for externals; lock after 5 wrong passwords.',
    },
    {
      line: 'policy set publishers=@publishers.pem require-signature=true lint-stop=error',
      words: 'Deploys only what these publishers signed, without errors in its scripts.',
    },
  ],
  positionals: {
    settings: pairs({
      label: 'name=value',
      help: 'What to change; lists with commas, an empty list as name= alone; certificates as files in PEM, name=@file.',
    }),
  },
  flags: { endpoint },
  async run({ settings: given, endpoint }, session) {
    const body = await bodyOf(given, session)
    const { api, output } = session
    if (endpoint !== tenant && (await find(session, endpoint)) === undefined)
      await api().write('POST', 'InboundPolicies', { Address: endpoint, ...body })
    else await api().write('PUT', entity`InboundPolicies(${endpoint})`, body)
    output.result({ endpoint, set: Object.fromEntries(given), done: 'changed' }, `changed  ${endpoint}`)
  },
})

export const policyRemove = declareCommand({
  name: 'policy remove',
  summary: 'Removes the policy of an address: only that of the tenant holds there from then on.',
  examples: [{ line: 'policy remove /http/orders', words: 'Removes it.' }],
  positionals: { endpoint: text({ label: 'address', help: 'Address such as /http/orders.' }) },
  flags: {},
  async run({ endpoint }, { api, output }) {
    await api().write('DELETE', entity`InboundPolicies(${endpoint})`)
    output.result({ endpoint, done: 'removed' }, `removed  ${endpoint}`)
  },
})

/** @throws cli.usage naming every setting that is unknown or has a wrong value, cli.fileUnreadable */
async function bodyOf(given: ReadonlyMap<string, string>, session: Session): Promise<Record<string, unknown>> {
  const problems: string[] = given.size === 0 ? [`nothing to change; settings are ${known}`] : []
  const body: Record<string, unknown> = {}
  for (const [name, value] of given) {
    const setting = settings[name]
    if (setting === undefined) {
      problems.push(`${name} is no setting${suggestion(name, Object.keys(settings))}`)
      continue
    }
    const { property, as } = setting
    if (as === 'flag' && !/^(?:true|false)$/.test(value)) problems.push(`${name} must be true or false, not '${value}'`)
    if (as === 'number' && !/^\d{1,9}$/.test(value)) problems.push(`${name} must be a whole number, not '${value}'`)
    const list = value.split(',').map((part) => part.trim())
    if (as === 'certificates') {
      const files = list.filter((part) => part !== '')
      if (files.every((part) => part.startsWith('@'))) body[property] = await certificatesIn(files, session)
      else problems.push(`${name} needs files of certificates, such as @publishers.pem, not '${value}'`)
      continue
    }
    if (as === 'list') body[property] = JSON.stringify(value === 'off' ? null : list.filter((part) => part !== ''))
    else body[property] = as === 'flag' ? value === 'true' : as === 'number' ? Number(value) : value
  }
  if (problems.length > 0) throw faults.usage({ problems, command: 'policy set' })
  return body
}

/** JSON of all certificates of files that are named with `@` before them. */
async function certificatesIn(files: readonly string[], session: Session): Promise<string> {
  const texts = await Promise.all(files.map((file) => readCertificateText(session, file.slice(1))))
  return JSON.stringify(texts.flatMap((text) => readCertificates(text).map(String)))
}
