import type { Audience, Explanation, SamlSigner } from '../assertions/index.ts'
import { addressesOf } from '../auth/addresses.ts'
import { readCertificates, systemAlias } from '../keystore/index.ts'
import type { FunctionImport, Reply } from '../odata/index.ts'
import { faults } from './faults.ts'
import { type Json, readJson } from './parameters/read-json.ts'
import { asNumber, asText, asTexts, type Reader, readMembers } from './parameters/read-members.ts'
import { roles } from './roles.ts'
import { present } from './row-values.ts'
import type { Call, Services } from './services.ts'

type Given = Pick<Services, 'keystore' | 'identity' | 'audit' | 'clock' | 'addresses'>

/** The workbench for assertions. Its room is loaded when it is first asked for. */
export function assertionFunctions(given: Given): readonly FunctionImport<Call>[] {
  const { identity, clock, addresses } = given
  const post = { method: 'POST', status: 200, parameters: [] } as const
  const load = () => import('../assertions/index.ts')

  return [
    {
      ...post,
      name: 'MakeAssertion',
      requires: roles.signAssertions,
      run: async (_, _call, { content }) => {
        const { alias, algorithm, kid, ...wish } = madeOf(content)
        const { makeAssertion, sentForm } = await load()
        const signer = await signerOf(given, alias)
        const now = clock.now()
        const assertion = makeAssertion(wish, signer, { now, ...present({ algorithm, kid }) })
        const { issuer, user, audience: for_ } = wish
        await record(given, alias, { what: 'made an assertion', issuer, user, audience: for_ })
        return json({ assertion, sent: sentForm(assertion) })
      },
    },
    {
      ...post,
      name: 'SignAssertion',
      requires: roles.signAssertions,
      run: async (_, _call, { content }) => {
        const readers = { alias: asText, assertion: asText, algorithm: asText, kid: asText }
        const { alias = '', assertion = '', algorithm, kid } = readMembers(bodyOf(content), readers, 'body')
        required({ alias, assertion })
        const { explainAssertion, sentForm, signAssertion } = await load()
        const signed = signAssertion(assertion, await signerOf(given, alias), present({ algorithm, kid }))
        await record(given, alias, {
          what: 'signed an assertion',
          ...whoIn(await explainAssertion(signed, { now: clock.now() })),
        })
        return json({ assertion: signed, sent: sentForm(signed) })
      },
    },
    {
      ...post,
      name: 'DecodeAssertion',
      requires: roles.explain,
      run: async (_, _call, { content }) => {
        const { assertion = '' } = readMembers(bodyOf(content), { assertion: asText }, 'body')
        const { explainAssertion } = await load()
        return json(await explainAssertion(assertion, { now: clock.now() }))
      },
    },
    {
      ...post,
      name: 'VerifyAssertion',
      requires: roles.explain,
      run: async (_, _call, { content }) => {
        const { assertion = '', client } = readMembers(bodyOf(content), { assertion: asText, client: asText }, 'body')
        const { explainAssertion } = await load()
        const providerOf = (issuer: string) => identity.identityProviderOf(issuer)
        return json(
          await explainAssertion(assertion, { providerOf, audience: audienceOf(addresses, client), now: clock.now() }),
        )
      },
    },
  ]
}

/** What an assertion for this server names, as the authorization server has it. */
function audienceOf({ controlUrl }: Services['addresses'], client: string | undefined): Audience {
  const { issuer, tokenEndpoints } = addressesOf(controlUrl)
  const audiences = [...new Set([issuer, ...tokenEndpoints, controlUrl])]
  return { audiences, recipients: tokenEndpoints, client: client === undefined ? [] : [client] }
}

const json = (value: unknown): Reply => ({
  document: { content: JSON.stringify(value), contentType: 'application/json' },
})

const bodyOf = (content: Buffer): Json => readJson(content.toString('utf8'), 'body')

/** @throws api.parametersInvalid */
function required(texts: Readonly<Record<string, string>>): void {
  const problems = Object.entries(texts).flatMap(([name, value]) => (value === '' ? [`'${name}' is missing`] : []))
  if (problems.length > 0) throw faults.parametersInvalid({ property: 'body', problems })
}

const asAttributes: Reader<Readonly<Record<string, readonly string[]>>> = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'must be an object' }
  const read = Object.entries(value).map(
    ([name, one]) => [name, typeof one === 'string' ? [one] : asTexts(one)] as const,
  )
  const found: [string, readonly string[]][] = []
  for (const [name, one] of read) {
    if ('problem' in one) return { problem: `must have texts or lists of texts, which '${name}' is not` }
    found.push([name, 'value' in one ? one.value : one])
  }
  return { value: Object.fromEntries(found) }
}

function madeOf(content: Buffer) {
  const readers = {
    type: asText,
    alias: asText,
    issuer: asText,
    user: asText,
    audience: asText,
    recipient: asText,
    seconds: asNumber,
    attributes: asAttributes,
    algorithm: asText,
    kid: asText,
  }
  const { type = 'saml', alias = '', ...given } = readMembers(bodyOf(content), readers, 'body')
  const { issuer = '', user = '', audience = '', recipient = '', seconds = 300, attributes = {} } = given
  required({ alias, issuer, user, audience, ...(type === 'saml' && { recipient }) })
  if (type !== 'saml' && type !== 'jwt')
    throw faults.parametersInvalid({ property: 'body', problems: ["'type' must be saml or jwt"] })
  const { algorithm, kid } = given
  return { type, alias, issuer, user, audience, recipient, seconds, attributes, algorithm, kid } as const
}

/** Keys of the system are for what they were made for, and the built-in CA's above all. */
async function signerOf({ keystore }: Given, alias: string): Promise<SamlSigner> {
  const entry = await keystore.find(alias)
  if (entry?.owner === 'system' && alias !== systemAlias) {
    const { assertionFaults } = await import('../assertions/index.ts')
    throw assertionFaults.keyReserved({ alias })
  }
  const { key, chain } = await keystore.lend(alias)
  return { privateKey: key, certificates: readCertificates(chain).map((each) => each.toString()) }
}

const record = ({ audit }: Given, alias: string, attributes: Readonly<Record<string, string>>): Promise<void> =>
  audit.record({ action: 'Read', objectType: 'X.509 Key-Pair', objectId: alias, attributes })

/** Whom a signed assertion speaks of, for the audit log. */
function whoIn({ facts }: Explanation): Readonly<Record<string, string>> {
  const wanted = {
    issuer: ['Assertion/Issuer', 'claims/iss'],
    user: ['Assertion/Subject/NameID', 'claims/sub'],
    audience: ['Assertion/Conditions/AudienceRestriction/Audience', 'claims/aud'],
  }
  return Object.fromEntries(
    Object.entries(wanted).map(([name, elements]) => [
      name,
      facts.find(({ element }) => elements.includes(element))?.value ?? '',
    ]),
  )
}
