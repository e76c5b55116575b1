import { type Clock, createBoundedMap, type Log, wordsOf } from '../base/index.ts'
import type { ParsedCertificate } from './certificate.ts'
import { isoOf } from './checks.ts'
import { type Crl, type Revocation, readCrl } from './crl.ts'
import { absolute } from './extensions.ts'
import { type TrustFailure, failureOf } from './failures.ts'
import { ocspRequestFor, readOcspResponse } from './ocsp.ts'
import type { RevocationFetch } from './revocation-fetch.ts'

/** How strictly revocation is looked at: not at all; unknown is a warning; unknown is a refusal. */
export type RevocationMode = 'off' | 'soft' | 'hard'

/** What revocation says about a whole path. */
export interface RevocationResult {
  readonly failure: TrustFailure | undefined
  /** When the first of the answers used ends. */
  readonly until: number
  readonly warnings: readonly string[]
}

export interface RevocationCheck {
  /** A promise only where something has to be fetched. @param path from the leaf up to the anchor */
  readonly check: (
    path: readonly ParsedCertificate[],
    given: { readonly crls: readonly Crl[]; readonly mode: RevocationMode; readonly minimumRsaBits: number },
  ) => RevocationResult | Promise<RevocationResult>
}

type Status =
  | { readonly kind: 'good'; readonly until: number }
  | { readonly kind: 'revoked'; readonly revocation: Revocation }
  | { readonly kind: 'unknown'; readonly what: string }

interface Question {
  readonly certificate: ParsedCertificate
  readonly issuer: ParsedCertificate
  readonly crls: readonly Crl[]
  readonly minimumRsaBits: number
}

const skew = 5 * 60_000
/** How long nobody is asked again who gave no answer that counts. */
const retryAfter = 60_000
const mostCrlBytes = 10_000_000
const mostOcspBytes = 100_000

export function createRevocationCheck(given: {
  readonly clock: Clock
  readonly log: Log
  readonly fetch: RevocationFetch
}): RevocationCheck {
  const { clock, log, fetch } = given
  const fetchedCrls = createBoundedMap<{ readonly crl: Crl; readonly size: number }>(32_000_000, ({ size }) => size)
  const answers = createBoundedMap<{ readonly revocation: Revocation | undefined; readonly until: number }>(5_000)
  const failed = createBoundedMap<{ readonly what: string; readonly again: number }>(1_000)
  const underWay = new Map<string, Promise<void>>()

  /** What is known without asking anybody. */
  function statusAtHand({ certificate, issuer, crls }: Question): Status {
    const now = clock.now()
    const fetched = fetchedCrls.get(crlUrlOf(certificate) ?? '')
    const statuses = [...crls, ...(fetched === undefined ? [] : [fetched.crl])].map((crl) =>
      statusIn(crl, certificate, issuer, now),
    )
    const answer = answers.get(certificate.fingerprint)
    if (answer !== undefined && answer.until >= now)
      statuses.push(
        answer.revocation === undefined
          ? { kind: 'good', until: answer.until }
          : { kind: 'revoked', revocation: answer.revocation },
      )
    const revoked = statuses.find((status) => status?.kind === 'revoked')
    const good = statuses.find((status) => status?.kind === 'good')
    return revoked ?? good ?? statuses.find((status) => status !== undefined) ?? unknown(certificate)
  }

  const unknown = (certificate: ParsedCertificate): Status => {
    const tried = sourcesOf(certificate).flatMap((key) => failed.get(key)?.what ?? [])
    const what = tried.length > 0 ? tried.join('; ') : 'there is no CRL of its issuer and it names nobody to ask'
    return { kind: 'unknown', what }
  }

  /** Does a task unless it is under way already, or failed a moment ago. */
  async function once(key: string, task: () => Promise<void>): Promise<void> {
    if ((failed.get(key)?.again ?? 0) > clock.now()) return
    const running =
      underWay.get(key) ??
      task()
        .then(() => failed.delete(key))
        .catch((error: unknown) => {
          failed.set(key, { what: wordsOf(error), again: clock.now() + retryAfter })
          log.warn('revocation status not fetched', { source: key, why: wordsOf(error) })
        })
        .finally(() => underWay.delete(key))
    underWay.set(key, running)
    await running
  }

  /** Asks the responder first, whose answer is short, then fetches the CRL. */
  async function askFor(question: Question): Promise<Status> {
    const { certificate, issuer, minimumRsaBits } = question
    const [responder, list] = [ocspUrlOf(certificate), crlUrlOf(certificate)]
    if (responder !== undefined)
      await once(`${responder} ${certificate.fingerprint}`, async () => {
        const request = ocspRequestFor(certificate, issuer)
        const bytes = await fetch({ url: responder, body: request.der, limit: mostOcspBytes })
        const answer = readOcspResponse(bytes, request, issuer, { now: clock.now(), minimumRsaBits })
        answers.set(certificate.fingerprint, answer)
      })
    const soFar = statusAtHand(question)
    if (soFar.kind !== 'unknown') return soFar
    if (list !== undefined)
      await once(list, async () => {
        const bytes = await fetch({ url: list, limit: mostCrlBytes })
        const crl = readCrl(bytes, 'published')
        // Anybody between us and the CA can answer: what the issuer did not sign is not kept.
        if (!crl.isSignedBy(issuer)) throw new Error(`the CRL at ${list} was not signed by the issuer`)
        fetchedCrls.set(list, { crl, size: bytes.length })
      })
    const status = statusAtHand(question)
    // A list that is over, or about others, was fetched and does not help: it is no more asked for at once than none.
    if (status.kind === 'unknown')
      for (const key of sourcesOf(certificate))
        if ((failed.get(key)?.again ?? 0) <= clock.now())
          failed.set(key, { what: status.what, again: clock.now() + retryAfter })
    return status
  }

  return {
    check(path, { mode, ...shared }) {
      if (mode === 'off') return nothingAgainst
      const questions = path.slice(0, -1).map((certificate, at) => {
        return { certificate, issuer: path[at + 1] ?? certificate, ...shared }
      })
      const atHand = questions.map(statusAtHand)
      const settled = () => atHand.every((status, at) => status.kind !== 'unknown' || !canAsk(questions[at]))
      if (settled() || atHand.some(({ kind }) => kind === 'revoked'))
        return resultOf(questions, atHand, mode, clock.now())
      const asked = questions.map((question, at) => {
        const status = atHand[at]
        return status?.kind === 'unknown' && canAsk(question)
          ? askFor(question)
          : Promise.resolve(status ?? unknown(question.certificate))
      })
      return Promise.all(asked).then((statuses) => resultOf(questions, statuses, mode, clock.now()))
    },
  }

  function canAsk(question: Question | undefined): boolean {
    const now = clock.now()
    return question !== undefined && sourcesOf(question.certificate).some((key) => (failed.get(key)?.again ?? 0) <= now)
  }
}

const nothingAgainst: RevocationResult = { failure: undefined, until: Number.POSITIVE_INFINITY, warnings: [] }

const isHttp = (url: string) => /^http:\/\//i.test(url)
const ocspUrlOf = ({ ocspUrls }: ParsedCertificate) => ocspUrls.find(isHttp)
const crlUrlOf = ({ distributionPoints }: ParsedCertificate) =>
  distributionPoints.flatMap(({ partial, urls }) => (partial ? [] : urls)).find(isHttp)

function sourcesOf(certificate: ParsedCertificate): readonly string[] {
  const responder = ocspUrlOf(certificate)
  const list = crlUrlOf(certificate)
  return [
    ...(responder === undefined ? [] : [`${responder} ${certificate.fingerprint}`]),
    ...(list === undefined ? [] : [list]),
  ]
}

/** What one CRL says; undefined when it is not about this certificate (RFC 5280, 6.3.3). */
function statusIn(
  crl: Crl,
  certificate: ParsedCertificate,
  issuer: ParsedCertificate,
  now: number,
): Status | undefined {
  if (crl.issuerKey !== issuer.subject.key) return undefined
  if (crl.scope !== 'all' && (crl.scope === 'authorities') !== certificate.isAuthority) return undefined
  if (crl.points.length > 0) {
    const named = certificate.distributionPoints.filter(({ partial }) => !partial).flatMap(({ names }) => names)
    if (!named.some((name) => crl.points.includes(absolute(name, issuer.subject.key)))) return undefined
  }
  if (!crl.isSignedBy(issuer))
    return { kind: 'unknown', what: `the CRL of '${issuer.subject.text}' was not signed with its key, or may not be` }
  const revocation = crl.find(certificate.serial)
  // An old CRL still says what was revoked, only not what was revoked since.
  if (revocation !== undefined) return { kind: 'revoked', revocation }
  if (crl.nextUpdate < now)
    return { kind: 'unknown', what: `the CRL of '${issuer.subject.text}' ended at ${isoOf(crl.nextUpdate)}` }
  if (crl.thisUpdate > now + skew)
    return { kind: 'unknown', what: `the CRL of '${issuer.subject.text}' begins at ${isoOf(crl.thisUpdate)}` }
  return { kind: 'good', until: crl.nextUpdate }
}

function resultOf(
  questions: readonly Question[],
  statuses: readonly Status[],
  mode: RevocationMode,
  now: number,
): RevocationResult {
  let until = Number.POSITIVE_INFINITY
  let failure: TrustFailure | undefined
  const warnings: string[] = []
  for (const [at, status] of statuses.entries()) {
    const certificate = questions[at]?.certificate
    const subject = certificate?.subject.text ?? ''
    if (status.kind === 'good') until = Math.min(until, status.until)
    else if (status.kind === 'revoked') {
      const { at: time, reason } = status.revocation
      return { failure: failureOf('revoked', { subject, what: reason, at: isoOf(time) }), until, warnings }
    } else {
      const missing = failureOf('revocationUnknown', { subject, what: status.what })
      if (mode === 'hard') failure ??= missing
      else warnings.push(missing.reason)
      if (certificate !== undefined && sourcesOf(certificate).length > 0) until = Math.min(until, now + retryAfter)
    }
  }
  return { failure, until, warnings }
}
