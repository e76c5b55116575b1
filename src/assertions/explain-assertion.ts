import { X509Certificate } from 'node:crypto'

import type { IdentityProvider } from '../identity/index.ts'
import type { CheckCode } from './checks.ts'
import type { Asserted, Audience } from './contracts.ts'
import { decodeUtf8 } from './decode-assertion.ts'
import { type Fact, jwtFacts, samlFacts } from './facts-of-assertion.ts'
import { readJwt } from './read-jwt.ts'
import { decodeSaml, readSaml } from './read-saml.ts'
import { joseNames } from './signature-algorithms.ts'
import { createTrail, type Finding, followed, type Trail } from './trail.ts'

/** A finding of the reader, or one that could not be made here for want of something to compare with. */
export interface ExplainedFinding extends Omit<Finding, 'state'> {
  readonly state: Finding['state'] | 'unchecked'
}

export interface Explanation {
  readonly kind: 'saml' | 'jwt'
  /** How it was given: `xml`, `base64`, `base64url`, `compact`. */
  readonly form: string
  /** True when every check was made and held; being used once is not checked. */
  readonly accepted: boolean
  /** The checks in the order in which the reader makes them, as far as they could be made. */
  readonly findings: readonly ExplainedFinding[]
  /** What stands in it, element by element; without signature values. */
  readonly facts: readonly Fact[]
  /** Whom it would stand for; undefined unless accepted. */
  readonly asserted: Asserted | undefined
}

export interface ExplainGiven {
  /** Trusted identity providers; absent, nobody is trusted and the certificate in the assertion stands in. */
  readonly providerOf?: (issuer: string) => IdentityProvider | undefined
  /** Absent, audience and recipient are shown and not checked. */
  readonly audience?: Audience
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Explains an assertion as it was pasted in: XML, base64, base64url or a compact JWT. It is read by the reader itself,
 * which goes on after a failure here; nothing is spent and nothing is fetched.
 */
export async function explainAssertion(given: string, how: ExplainGiven): Promise<Explanation> {
  const text = given.trim()
  const trail = createTrail({ strict: false })
  if (/^[\w-]*\.[\w.-]*$/.test(text)) return explainJwt(text, how, trail)
  const xml = text.startsWith('<') ? text : xmlOf(text, trail)
  const encoding = trail.findings.find(({ check, state }) => check === 'saml.encoding' && state === 'ok')?.found
  const form = text.startsWith('<') ? 'xml' : (encoding ?? 'unknown')
  const certificates = certificatesIn(xml)
  const { reading, untrusted } = readingFor(how, trail, 'saml.issuer', certificates)
  const outcome = await followed(trail, () => readSaml(xml, reading))
  return explained({ kind: 'saml', form, trail, outcome, how, untrusted: untrusted(), facts: samlFacts(xml) })
}

async function explainJwt(token: string, how: ExplainGiven, trail: Trail): Promise<Explanation> {
  const { reading, untrusted } = readingFor(how, trail, 'jwt.issuer', [])
  const outcome = await followed(trail, () => readJwt(token, { ...reading, fetchKeys: undefined }))
  const facts = jwtFacts(token)
  return explained({ kind: 'jwt', form: 'compact', trail, outcome, how, untrusted: untrusted(), facts })
}

/** Decoded as it should be sent, else as it may have been meant. */
function xmlOf(text: string, trail: Trail): string {
  const attempt = createTrail({ strict: true })
  try {
    const xml = decodeSaml(text, attempt)
    const found = attempt.findings.at(-1)?.found ?? ''
    trail.check('saml.encoding', true, { expected: 'base64url or base64', found })
    return xml
  } catch {
    trail.check('saml.encoding', false, { expected: 'base64url or base64', found: 'something else, or blanks in it' })
    const plain = text.replaceAll(/%[\da-f]{2}/gi, (code) => String.fromCodePoint(Number.parseInt(code.slice(1), 16)))
    return decodeUtf8(Buffer.from(plain.replaceAll(/\s/g, ''), 'base64')) ?? ''
  }
}

/** With a provider that nobody trusts in the place of one that is missing, so that all else can be explained. */
function readingFor(
  { providerOf, audience, now }: ExplainGiven,
  trail: Trail,
  check: 'saml.issuer' | 'jwt.issuer',
  certificates: IdentityProvider['certificates'],
) {
  let untrusted = false
  const reading = {
    now,
    trail,
    audience: audience ?? { audiences: [], recipients: [], client: [] },
    providerOf(issuer: string): IdentityProvider {
      const known = providerOf?.(issuer)
      if (known !== undefined) return known
      untrusted = true
      if (providerOf !== undefined) trail.check(check, false, { expected: 'one that is registered', found: issuer })
      return plainProvider(issuer, certificates)
    },
  }
  return { reading, untrusted: () => untrusted }
}

/** A provider of which nothing is known but its issuer and keys, with the settings that a new one has. */
export const plainProvider = (issuer: string, certificates: IdentityProvider['certificates']): IdentityProvider => ({
  id: '',
  name: issuer,
  issuer,
  description: '',
  enabled: true,
  certificates,
  jwks: [],
  jwksUri: undefined,
  algorithms: joseNames,
  sha1: false,
  userId: { source: 'nameId' },
  audiences: [],
  recipients: [],
  defaultAttributes: {},
  attributes: [],
  defaultGroups: [],
  groupRules: [],
  skew: 60,
  clients: [],
  createdBy: '',
  createdAt: 0,
  modifiedBy: '',
  modifiedAt: 0,
})

function certificatesIn(xml: string): IdentityProvider['certificates'] {
  const body = /<(?:[\w.-]+:)?X509Certificate(?:\s[^>]*)?>([^<]*)</.exec(xml)?.[1]
  if (body === undefined) return []
  try {
    const pem = new X509Certificate(Buffer.from(body, 'base64')).toString()
    return [{ fingerprint: '', pem, from: undefined, until: undefined }]
  } catch {
    return []
  }
}

/** What is compared with an identity provider. */
const ofProvider: readonly CheckCode[] = [
  'saml.provider',
  'saml.client',
  'saml.certificate',
  'saml.signature',
  'saml.signatureAlgorithm',
  'jwt.provider',
  'jwt.client',
  'jwt.algorithm',
  'jwt.key',
  'jwt.signature',
]

/** What cannot be found where there is no provider to look in. */
const ofItsKeys: readonly CheckCode[] = ['saml.certificate', 'jwt.key']

/** What is compared with this server and with the client that brings the assertion. */
const ofServer: readonly CheckCode[] = ['saml.audience', 'saml.recipient', 'jwt.audience', 'saml.client', 'jwt.client']

/**
 * Whether a check says nothing, because nobody is trusted or the server is not known. A signature that is not right
 * by the certificate that came with it is wrong all the same.
 */
function isOpen({ check, state }: Finding, how: ExplainGiven, untrusted: boolean): boolean {
  if (how.audience === undefined && ofServer.includes(check)) return true
  if (!untrusted) return false
  if (check === 'saml.issuer' || check === 'jwt.issuer') return how.providerOf === undefined && state === 'ok'
  return ofProvider.includes(check) && (state === 'ok' || ofItsKeys.includes(check))
}

function explained(given: {
  readonly kind: 'saml' | 'jwt'
  readonly form: string
  readonly trail: Trail
  readonly outcome: Awaited<ReturnType<typeof readJwt>> | { readonly failed: true }
  readonly how: ExplainGiven
  readonly untrusted: boolean
  readonly facts: readonly Fact[]
}): Explanation {
  const { kind, form, trail, outcome, how, untrusted, facts } = given
  const failed = new Set(trail.findings.filter(({ state }) => state !== 'ok').map(({ check }) => check))
  const findings = trail.findings
    .filter(({ check, state }) => state !== 'ok' || !failed.has(check))
    .map(
      (finding): ExplainedFinding =>
        isOpen(finding, how, untrusted) ? { ...finding, state: 'unchecked', problem: '', remedy: '' } : finding,
    )
  const accepted = !('failed' in outcome) && findings.every(({ state }) => state === 'ok')
  if (!accepted || 'failed' in outcome) return { kind, form, accepted: false, findings, facts, asserted: undefined }
  const { skew: _, ...asserted } = outcome
  return { kind, form, accepted, findings, facts, asserted }
}
