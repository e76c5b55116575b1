import type { AssertionRequest, ExplainGiven, Explanation } from '../../assertions/index.ts'
import { choice, integer, text } from '../../fields/index.ts'
import { readCertificates } from '../../keystore/index.ts'
import { assertionSigner } from './assertion-signer.ts'
import { showExplanation } from './assertion-words.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readBytes } from '../files.ts'
import type { Session } from '../session.ts'
import { pairs } from '../several.ts'

const load = () => import('../../assertions/index.ts')

const signerFlags = {
  key: text({ label: 'file', help: 'Private key (PEM), with its certificate or without; stays here.', default: '' }),
  cert: text({
    label: 'file',
    help: 'Certificate of the key (PEM, leaf first), to be shown in the signature.',
    default: '',
  }),
  alias: text({
    label: 'alias',
    help: 'Key pair of the keystore, in the place of --key: the server signs.',
    default: '',
  }),
  algorithm: text({ label: 'name', help: 'RS256, PS256, ES256, EdDSA, …; by default as the key has it.', default: '' }),
  kid: text({ label: 'kid', help: 'Name of the key in the header of a JWT.', default: '' }),
}

const formFlag = choice({
  label: 'form',
  help: 'readable: XML, or the JWT; sent: as it goes into the parameter assertion (base64url).',
  options: { readable: 'XML or JWT', sent: 'base64url or JWT' },
  default: 'readable',
})

const present = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))

interface Made {
  readonly assertion: string
  readonly sent: string
}

function show({ output }: Session, made: Made, form: string): void {
  output.result(made, form === 'sent' ? made.sent : made.assertion)
}

/** @throws cli.usage unless exactly one key is named */
function requireOneKey(command: string, { key, alias }: { readonly key: string; readonly alias: string }): void {
  if ((key === '') === (alias === ''))
    throw faults.usage({ problems: ['name one key, by --key or by --alias'], command })
}

export const assertionMake = declareCommand({
  name: 'assertion make',
  summary:
    'Makes a signed assertion for a user, by which a client gets a token: SAML 2.0 bearer or JWT bearer. With a key in a file no server is asked.',
  examples: [
    {
      line: 'assertion make --key idp.pem --issuer https://idp.example --user alice --audience https://localhost:9443 --recipient https://localhost:9443/oauth/token',
      words: 'A SAML assertion that counts for five minutes.',
    },
    {
      line: 'assertion make --type jwt --alias idp --issuer https://idp.example --user alice --audience https://localhost:9443',
      words: 'A JWT, signed with a key of the keystore.',
    },
  ],
  positionals: {},
  flags: {
    type: choice({ label: 'type', help: 'saml or jwt.', options: { saml: 'SAML 2.0', jwt: 'JWT' }, default: 'saml' }),
    issuer: text({ label: 'issuer', help: 'Issuer of a trusted identity provider.' }),
    user: text({ label: 'user', help: 'User id: NameID, or sub.' }),
    audience: text({ label: 'audience', help: 'For whom it is: the issuer name of the server.' }),
    recipient: text({ label: 'address', help: 'Token endpoint; SAML only.', default: '' }),
    seconds: integer({ label: 'seconds', help: 'How long it counts.', min: 1, max: 86_400, default: 300 }),
    attribute: pairs({ label: 'name=value', help: 'Attribute of the user, or claim.' }),
    form: formFlag,
    ...signerFlags,
  },
  async run({ form, key, cert, alias, algorithm, kid, attribute, ...wish }, session) {
    requireOneKey('assertion make', { key, alias })
    if (wish.type === 'saml' && wish.recipient === '')
      throw faults.usage({ problems: ['--recipient is missing'], command: 'assertion make' })
    const options = present({ algorithm, kid })
    const attributes = Object.fromEntries([...attribute].map(([name, value]) => [name, [value]]))
    const request = { ...wish, attributes } as AssertionRequest
    if (alias !== '')
      return show(session, await ask<Made>(session, 'MakeAssertion', { ...request, alias, ...options }), form)
    const { makeAssertion, sentForm } = await load()
    const signer = await assertionSigner(session, { key, cert })
    const assertion = makeAssertion(request, signer, { now: session.clock.now(), ...options })
    show(session, { assertion, sent: sentForm(assertion) }, form)
  },
})

export const assertionSign = declareCommand({
  name: 'assertion sign',
  summary: 'Signs an assertion that you wrote: SAML as XML, or the claims of a JWT as JSON.',
  examples: [
    { line: 'assertion sign unsigned.xml --key idp.pem', words: 'Digest, signature and certificate are put in.' },
    { line: 'assertion sign claims.json --alias idp --kid idp-1', words: 'Signed with a key of the keystore.' },
  ],
  positionals: { file: text({ label: 'file', help: 'XML or JSON; - is standard input.' }) },
  flags: { form: formFlag, ...signerFlags },
  async run({ file, form, key, cert, alias, algorithm, kid }, session) {
    requireOneKey('assertion sign', { key, alias })
    const unsigned = (await readBytes(session, file, 'assertion')).toString().trim()
    const options = present({ algorithm, kid })
    if (alias !== '')
      return show(session, await ask<Made>(session, 'SignAssertion', { assertion: unsigned, alias, ...options }), form)
    const { sentForm, signAssertion } = await load()
    const assertion = signAssertion(unsigned, await assertionSigner(session, { key, cert }), options)
    show(session, { assertion, sent: sentForm(assertion) }, form)
  },
})

const assertionFile = text({
  label: 'file',
  help: 'Assertion as XML, base64, base64url or JWT; - is standard input.',
})

export const assertionDecode = declareCommand({
  name: 'assertion decode',
  summary:
    'Shows what stands in an assertion, element by element, and checks what can be checked without knowing whom to trust. Works without a server.',
  examples: [{ line: 'assertion decode assertion.txt', words: 'Also what a log or a form has of it.' }],
  positionals: { file: assertionFile },
  flags: {},
  async run({ file }, session) {
    const { explainAssertion } = await load()
    const assertion = (await readBytes(session, file, 'assertion')).toString()
    showExplanation(session.output, await explainAssertion(assertion, { now: session.clock.now() }), { facts: true })
  },
})

export const assertionVerify = declareCommand({
  name: 'assertion verify',
  summary:
    'Says whether an assertion would be accepted, which check fails and how to mend it; it is not used up. Exit code 0: it would; 1: it would not.',
  examples: [
    { line: 'assertion verify assertion.txt', words: 'By the identity providers that the server trusts.' },
    {
      line: 'assertion verify a.xml --cert idp.pem --audience https://localhost:9443 --recipient https://localhost:9443/oauth/token',
      words: 'Without a server, by the certificate of the one who signs.',
    },
  ],
  positionals: { file: assertionFile },
  flags: {
    client: text({ label: 'client', help: 'Client id that would bring it.', default: '' }),
    cert: text({ label: 'file', help: 'Trusted certificate (PEM); then no server is asked.', default: '' }),
    audience: text({ label: 'audience', help: 'With --cert: the audience that counts.', default: '' }),
    recipient: text({ label: 'address', help: 'With --cert: the token endpoint that counts.', default: '' }),
  },
  async run({ file, client, cert, audience, recipient }, session) {
    const assertion = (await readBytes(session, file, 'assertion')).toString()
    const explanation =
      cert === ''
        ? await ask<Explanation>(session, 'VerifyAssertion', { assertion, ...present({ client }) })
        : await verifiedBy(session, assertion, { cert, audience, recipient })
    showExplanation(session.output, explanation, { facts: false })
    return explanation.accepted ? 0 : 1
  },
})

async function verifiedBy(
  session: Session,
  assertion: string,
  { cert, audience, recipient }: { readonly cert: string; readonly audience: string; readonly recipient: string },
): Promise<Explanation> {
  if (audience === '') throw faults.usage({ problems: ['--audience is missing'], command: 'assertion verify' })
  const { explainAssertion, plainProvider } = await load()
  const certificates = readCertificates(await readBytes(session, cert, 'certificate')).map((each) => ({
    fingerprint: each.fingerprint256.replaceAll(':', '').toLowerCase(),
    pem: each.toString(),
    from: undefined,
    until: undefined,
  }))
  const given: ExplainGiven = {
    providerOf: (issuer) => plainProvider(issuer, certificates),
    audience: { audiences: [audience], recipients: recipient === '' ? [] : [recipient], client: [] },
    now: session.clock.now(),
  }
  return explainAssertion(assertion, given)
}

const ask = async <Answer>({ api }: Session, name: string, body: object): Promise<Answer> =>
  JSON.parse((await api().invoke(name, body)).toString()) as Answer
