import { randomUUID } from 'node:crypto'

import type { SamlSigner } from './contracts.ts'
import { faults } from './faults.ts'
import { makeJwtAssertion } from './make-jwt-assertion.ts'
import { makeSamlAssertion } from './make-saml-assertion.ts'
import { usualName } from './signature-algorithms.ts'
import { signSamlAssertion } from './sign-saml-assertion.ts'
import { strictObject } from './strict-json.ts'

/** What a person says of an assertion that is to be made. */
export interface AssertionRequest {
  readonly type: 'saml' | 'jwt'
  readonly issuer: string
  readonly user: string
  readonly audience: string
  /** Token endpoint; SAML only. */
  readonly recipient: string
  /** How long it counts. */
  readonly seconds: number
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

export interface SigningOptions {
  /** JOSE name; by default the usual one of the key. */
  readonly algorithm?: string
  /** JWT only. */
  readonly kid?: string
}

/** Claims that a request fills itself. */
const own: readonly string[] = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']

/**
 * A signed assertion for a user: SAML as XML, JWT in compact form.
 * @param now milliseconds since 1970; SAML begins a minute before, for clocks that are slow
 * @throws assertions.draftInvalid, assertions.keyUnfit, assertions.certificateOfAnother
 */
export function makeAssertion(
  request: AssertionRequest,
  signer: SamlSigner,
  { now, algorithm, kid }: SigningOptions & { readonly now: number },
): string {
  const { type, issuer, user, audience, recipient, seconds, attributes } = request
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400)
    throw faults.draftInvalid({ problems: ['it must count for 1 to 86400 seconds'] })
  const until = now + seconds * 1000
  if (type === 'saml') {
    const times = { notBefore: now - 60_000, notOnOrAfter: until }
    const draft = { issuer, subject: { nameId: user }, audience, recipient, attributes, ...times }
    return makeSamlAssertion(draft, signer, algorithm)
  }
  const problems = [
    ...Object.entries({ issuer, user, audience }).flatMap(([name, value]) =>
      value === '' ? [`${name} is empty`] : [],
    ),
    ...Object.keys(attributes).flatMap((name) => (own.includes(name) ? [`${name} is given otherwise`] : [])),
  ]
  if (problems.length > 0) throw faults.draftInvalid({ problems })
  const [iat, exp] = [Math.floor(now / 1000), Math.floor(until / 1000)]
  const more = Object.entries(attributes).map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  const claims = { iss: issuer, sub: user, aud: audience, iat, exp, jti: randomUUID(), ...Object.fromEntries(more) }
  return signJwt(claims, signer, { algorithm, kid })
}

/**
 * Signs what is there already: a SAML assertion as XML, or claims as a JSON object.
 * @throws assertions.textUnreadable, assertions.keyUnfit, assertions.certificateOfAnother
 */
export function signAssertion(text: string, signer: SamlSigner, { algorithm, kid }: SigningOptions): string {
  if (!text.trimStart().startsWith('{')) return signSamlAssertion(text, signer, algorithm)
  const claims = strictObject(text)
  if (claims === undefined) throw faults.textUnreadable({ why: 'the claims are not one JSON object' })
  return signJwt(claims, signer, { algorithm, kid })
}

function signJwt(
  claims: Readonly<Record<string, unknown>>,
  { privateKey }: SamlSigner,
  { algorithm, kid }: { readonly algorithm: string | undefined; readonly kid: string | undefined },
): string {
  const name = algorithm ?? usualName(privateKey) ?? 'any algorithm'
  return makeJwtAssertion(claims, { privateKey, ...(kid !== undefined && { kid }) }, name)
}

/** As it goes into the `assertion` parameter of a token request: SAML in base64url, a JWT as it is. */
export const sentForm = (assertion: string): string =>
  assertion.startsWith('<') ? Buffer.from(assertion).toString('base64url') : assertion
