import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { silentLog } from '../src/base/index.ts'
import { createTrust } from '../src/trust/index.ts'

export interface PkitsResult {
  readonly id: string
  readonly outcome: 'agrees' | 'unsupported' | 'accepts wrongly' | 'refuses wrongly' | 'skipped'
  /** Why it was skipped or refused all the same, or the code and words of a refusal. */
  readonly why: string
}

/** Where Debian's python3-cryptography-vectors puts the certificates and CRLs of PKITS. */
const debianPlace = '/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data'
/** Inside the validity of the suite, whatever the date is. */
const now = Date.UTC(2020, 0, 1)

/**
 * Certificates whose name does not say what is expected, with the answer for default settings: any policy is
 * acceptable, none is required.
 */
const expected: Readonly<Record<string, boolean>> = {
  AllCertificatesNoPoliciesTest2: true,
  DifferentPoliciesTest3: true,
  DifferentPoliciesTest4: false,
  DifferentPoliciesTest5: false,
  OverlappingPoliciesTest6: true,
  DifferentPoliciesTest7: false,
  DifferentPoliciesTest8: false,
  DifferentPoliciesTest9: false,
  AllCertificatesSamePoliciesTest10: true,
  AllCertificatesanyPolicyTest11: true,
  DifferentPoliciesTest12: false,
  AllCertificatesSamePoliciesTest13: true,
  AnyPolicyTest14: true,
  UserNoticeQualifierTest15: true,
  UserNoticeQualifierTest16: true,
  UserNoticeQualifierTest17: true,
  UserNoticeQualifierTest18: true,
  UserNoticeQualifierTest19: true,
  CPSPointerQualifierTest20: true,
  inhibitAnyPolicyTest3: true,
}

/** Valid paths that are refused, which errs on the safe side, each with the reason. */
const unsupported: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^ValidDSA/, 'DSA keys are not accepted'],
  [/^Valid(?:IDPwithindirectCRL|cRLIssuer)/, 'indirect CRLs are not read'],
  [/^ValidonlySomeReasons/, 'CRLs for some reasons only are not read'],
  [
    /^Valid(?:BasicSelfIssued|SelfIssued|SeparateCertificate|DNnameConstraintsTest19)/,
    'a CRL counts only if it was signed with the key that signed the certificate',
  ],
]

/** Runs all cases: every end entity with the CAs that lead to it, all CRLs, revocation hard. */
export async function runPkits(folder: string): Promise<readonly PkitsResult[]> {
  const certificates = filesIn(join(folder, 'certs')).map(([name, der]) => [name, new X509Certificate(der)] as const)
  const authorities = certificates.filter(([name]) => !name.endsWith('EE')).map(([, certificate]) => certificate)
  const anchor = certificates.find(([name]) => name === 'TrustAnchorRootCertificate')?.[1]
  if (anchor === undefined) throw new Error(`${folder} does not hold PKITS`)
  const crls = readableCrls(folder, anchor)
  const results: PkitsResult[] = []
  for (const [name, leaf] of certificates.filter(([file]) => file.endsWith('EE'))) {
    const id = name.slice(0, -2)
    if (id.includes('deltaCRLTest')) {
      results.push({ id, outcome: 'skipped', why: 'asks for delta CRLs, which are not read (use-deltas is off)' })
      continue
    }
    const trust = createTrust({ ...surroundings })
    trust.set({ ...settings, anchors: [{ kind: 'ca', certificate: anchor }], crls })
    const verdict = await trust.validate(leaf, above(leaf, authorities), 'server')
    const why = verdict.trusted ? '' : `${verdict.failure.code}: ${verdict.failure.reason}`
    const limit = unsupported.find(([pattern]) => pattern.test(id))?.[1]
    if (verdict.trusted === expectationOf(id)) results.push({ id, outcome: 'agrees', why })
    else if (verdict.trusted) results.push({ id, outcome: 'accepts wrongly', why })
    else if (limit === undefined) results.push({ id, outcome: 'refuses wrongly', why })
    else results.push({ id, outcome: 'unsupported', why: limit })
  }
  return results
}

const surroundings = {
  clock: { now: () => now, monotonic: () => 0 },
  log: silentLog,
  fetch: () => Promise.reject(new Error('nothing is fetched here')),
}
const settings = { crls: [], publicRoots: false, revocation: 'hard', minimumRsaBits: 2048 } as const

function expectationOf(id: string): boolean {
  if (id.startsWith('Valid')) return true
  if (id.startsWith('Invalid')) return false
  const known = expected[id]
  if (known === undefined) throw new Error(`nobody said what is expected of ${id}`)
  return known
}

const filesIn = (folder: string) =>
  readdirSync(folder).map((file) => [file.replace(/\.\w+$/, ''), readFileSync(join(folder, file))] as const)

/** CRLs of kinds that are not supported are refused when they are given; an administrator could not give them either. */
function readableCrls(folder: string, anchor: X509Certificate): readonly Buffer[] {
  return filesIn(join(folder, 'crls')).flatMap(([, crl]) => {
    try {
      createTrust(surroundings).set({ ...settings, anchors: [{ kind: 'ca', certificate: anchor }], crls: [crl] })
      return [crl]
    } catch {
      return []
    }
  })
}

const looselyEqual = (one: string, other: string) =>
  one.toLowerCase().replaceAll(/[\s\\]+/g, '') === other.toLowerCase().replaceAll(/[\s\\]+/g, '')

/** Everything whose subject occurs as an issuer on the way up. */
function above(leaf: X509Certificate, authorities: readonly X509Certificate[]): readonly X509Certificate[] {
  const found = new Set<X509Certificate>()
  for (const queue = [leaf]; queue.length > 0; ) {
    const issuer = queue.pop()?.issuer ?? ''
    for (const ca of authorities)
      if (!found.has(ca) && looselyEqual(ca.subject, issuer)) {
        found.add(ca)
        queue.push(ca)
      }
  }
  return [...found]
}

/** The folder in the environment variable PKITS, or where Debian puts it. */
export function pkitsFolder(): string {
  const folder = process.env['PKITS'] ?? debianPlace
  if (existsSync(join(folder, 'certs'))) return folder
  throw new Error(`${folder} is missing: apt-get install python3-cryptography-vectors, or set PKITS`)
}

if (import.meta.main) {
  const results = await runPkits(process.argv[2] ?? pkitsFolder())
  const counts = Map.groupBy(results, ({ outcome }) => outcome)
  console.log('| outcome | cases |\n|---|---|')
  for (const [outcome, found] of counts) console.log(`| ${outcome} | ${found.length} |`)
  for (const outcome of ['accepts wrongly', 'refuses wrongly', 'unsupported', 'skipped'] as const)
    for (const { id, why } of counts.get(outcome) ?? [])
      console.log(`${outcome}: ${id}${why === '' ? '' : ` (${why})`}`)
}
