import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { silentLog } from '../src/base/index.ts'
import { type Verdict, createTrust } from '../src/trust/index.ts'

/** What is read of a case of x509-limbo (https://x509-limbo.com). */
interface LimboCase {
  readonly id: string
  readonly features: readonly string[]
  readonly validation_kind: 'CLIENT' | 'SERVER'
  readonly trusted_certs: readonly string[]
  readonly untrusted_intermediates: readonly string[]
  readonly peer_certificate: string
  readonly validation_time: string | null
  readonly expected_result: 'SUCCESS' | 'FAILURE'
  readonly crls: readonly string[]
  readonly expected_peer_name: { readonly kind: 'DNS' | 'IP' | 'RFC822'; readonly value: string } | null
}

export interface LimboResult {
  readonly id: string
  readonly outcome: 'agrees' | 'argued' | 'accepts wrongly' | 'refuses wrongly' | 'skipped'
  /** Why it was skipped or is accepted all the same, or the code and words of a refusal. */
  readonly why: string
}

/** Groups that ask something else than path validation, each with the reason why they are not run. */
const skipped: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^webpki::cn::/, 'asks whether the common name of a server repeats an alternative name; a client has neither rule'],
  [/^webpki::san::public-suffix-/, 'asks for the list of public suffixes; it is about names of servers'],
  [/^pathlen::max-chain-depth-/, 'asks for a depth that the caller chooses; it is always 10 certificates here'],
]

const issuerRule = 'a rule for issuers: key identifiers only help to find a path (RFC 5280, 6.1 does not look at them)'
const anchorRule = 'a rule for the content of roots: the administrator vouches for an anchor (RFC 5280, 6.1.1 d)'
const browserRule = 'a rule for public servers (CA/Browser Forum), not for clients'
const twin = 'contradicts another case, which must be accepted'

/** Cases that are accepted although limbo says otherwise, each with the reason. */
const argued: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^rfc5280::aki::(?:leaf|intermediate|cross-signed-root)-missing-aki$/, issuerRule],
  [/^rfc5280::ski::(?:root|intermediate)-missing-ski$/, issuerRule],
  [/^webpki::aki::root-with-aki-/, anchorRule],
  [/^rfc5280::root-non-critical-basic-constraints$/, anchorRule],
  [/^rfc5280::nc::permitted-dns-match-noncritical$/, `${twin}: webpki::nc::permitted-dns-match-noncritical`],
  [/^webpki::(?:ee-basicconstraints-ca|ca-as-leaf)$/, `${twin}: rfc5280::ca-as-leaf`],
  [/^rfc5280::pc::ica-noncritical-pc$/, 'the constraint is enforced all the same, and PKITS has it so in valid paths'],
  [/^rfc5280::san::underscore-dns$/, 'a name that nothing is decided by, and underscores are widely used'],
  [/^webpki::eku::/, browserRule],
  [/^webpki::san::san-critical-with-nonempty-subject$/, browserRule],
]

/** Names of servers are no part of path validation for clients; Node compares them, so that these cases can be run. */
function isOf({ peer_certificate, expected_peer_name: name }: LimboCase): boolean {
  if (name === null || name.kind === 'RFC822') return true
  const certificate = new X509Certificate(peer_certificate)
  return name.kind === 'IP'
    ? certificate.checkIP(name.value) !== undefined
    : certificate.checkHost(name.value, { subject: 'never', partialWildcards: false }) !== undefined
}

/** Runs one case; revocation is hard where a case brings a CRL. */
export async function runLimboCase(given: LimboCase): Promise<LimboResult> {
  const { id } = given
  const group = skipped.find(([pattern]) => pattern.test(id))
  if (group !== undefined) return { id, outcome: 'skipped', why: group[1] }
  const verdict = await verdictOn(given)
  const accepted = verdict.trusted && isOf(given)
  const why = verdict.trusted ? (accepted ? '' : 'another name') : `${verdict.failure.code}: ${verdict.failure.reason}`
  if (accepted === (given.expected_result === 'SUCCESS')) return { id, outcome: 'agrees', why }
  if (!accepted) return { id, outcome: 'refuses wrongly', why }
  const reason = argued.find(([pattern]) => pattern.test(id))?.[1]
  return reason === undefined ? { id, outcome: 'accepts wrongly', why } : { id, outcome: 'argued', why: reason }
}

async function verdictOn(given: LimboCase): Promise<Verdict> {
  const now = given.validation_time === null ? Date.now() : Date.parse(given.validation_time)
  const fetch = () => Promise.reject(new Error('nothing is fetched here'))
  const trust = createTrust({ clock: { now: () => now, monotonic: () => 0 }, log: silentLog, fetch })
  try {
    trust.set({
      anchors: given.trusted_certs.map((pem) => ({ kind: 'ca', certificate: new X509Certificate(pem) })),
      crls: given.crls.map((pem) => Buffer.from(pem)),
      publicRoots: false,
      revocation: given.crls.length > 0 ? 'hard' : 'off',
      minimumRsaBits: 2048,
    })
    const sent = given.untrusted_intermediates.map((pem) => new X509Certificate(pem))
    const profile = given.validation_kind === 'CLIENT' ? 'client' : 'server'
    return await trust.validate(new X509Certificate(given.peer_certificate), sent, profile)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { trusted: false, failure: { code: 'malformed', reason, remedy: '' } }
  }
}

/** Runs every case of a limbo.json. */
export async function runLimbo(file: string): Promise<readonly LimboResult[]> {
  const { testcases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly testcases: readonly LimboCase[] }
  const results: LimboResult[] = []
  for (const testcase of testcases) results.push(await runLimboCase(testcase))
  return results
}

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error('usage: node tools/limbo.ts <limbo.json>')
  const results = await runLimbo(file)
  const counts = Map.groupBy(results, ({ outcome }) => outcome)
  console.log('| outcome | cases |\n|---|---|')
  for (const [outcome, found] of counts) console.log(`| ${outcome} | ${found.length} |`)
  for (const outcome of ['accepts wrongly', 'refuses wrongly', 'argued', 'skipped'] as const)
    for (const { id, why } of counts.get(outcome) ?? [])
      console.log(`${outcome}: ${id}${why === '' ? '' : ` (${why})`}`)
}

if (import.meta.main) await main(process.argv[2])
