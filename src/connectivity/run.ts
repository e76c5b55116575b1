import type { KeyObject, X509Certificate } from 'node:crypto'

import { Fault } from '../base/index.ts'
import { factsOf } from '../keystore/index.ts'
import type { ConnectivityContext, Fact, ShownCertificate, StepName, TestResult, TestStep } from './contracts.ts'
import { explain } from './explain.ts'
import { faults } from './faults.ts'
import { createRedaction } from './redaction.ts'

/** One test while it runs. */
export interface Run {
  readonly context: ConnectivityContext
  /** Limit of each step, in milliseconds. */
  readonly timeout: number
  /** `host:port` of the server that is talked to, for words. */
  server: string
  readonly facts: Record<string, Fact>
  /** Does one step within the time limit and notes how it went. Steps do not nest. */
  readonly step: <Value>(name: StepName, work: (note: (detail: string) => void) => Promise<Value>) => Promise<Value>
  /** Destroys the socket when the test ends, however it ends. */
  readonly own: <Socket extends { destroy: () => void }>(socket: Socket) => Socket
  /** Shows the chain of a server. The first one stays: further connections of a test show none. */
  readonly show: (chain: readonly X509Certificate[]) => void
  /** @throws connectivity.credentialMissing */
  readonly credential: (alias: string) => Promise<{ readonly user: string; readonly password: string }>
  /** @throws connectivity.keyPairMissing */
  readonly keyPair: (alias: string) => Promise<{ readonly chain: string; readonly key: KeyObject }>
  /** What a server said, made safe to show: short, printable, without what was lent. */
  readonly quote: (words: string) => string
}

const iso = (millis: number): string => new Date(millis).toISOString()

function shown(certificate: X509Certificate): ShownCertificate {
  const { subject, issuer, serialNumber, validFrom, validTo, fingerprint } = factsOf(certificate)
  const pem = certificate.toString()
  return {
    subject,
    issuer,
    serialNumber,
    validFrom: iso(validFrom),
    validTo: iso(validTo),
    sha256: fingerprint,
    pem: pem.endsWith('\n') ? pem : `${pem}\n`,
  }
}

/** Runs a test to its result. Sockets are closed and secrets are redacted on every way out. */
export async function perform(
  context: ConnectivityContext,
  timeout: number,
  work: (run: Run) => Promise<string>,
): Promise<TestResult> {
  const steps: TestStep[] = []
  const certificates: ShownCertificate[] = []
  const owned = new Set<{ destroy: () => void }>()
  const redaction = createRedaction()
  const ending = AbortSignal.any([context.signal, AbortSignal.timeout(context.totalMillis ?? 60_000)])
  const { monotonic } = context.clock

  const run: Run = {
    context,
    timeout,
    server: 'the server',
    facts: {},
    async step(name, doing) {
      const begun = monotonic()
      let detail = ''
      const note = (words: string): void => void (detail = words)
      const done = (ok: boolean): void =>
        void steps.push({ name, ok, detail: redaction.clean(detail), millis: Math.round(monotonic() - begun) })
      try {
        const late = () => faults.timeout({ server: run.server, step: name, millis: timeout })
        const value = await within(timeout, ending, late, () => doing(note))
        done(true)
        return value
      } catch (thrown) {
        const fault = explain(thrown, { server: run.server, step: name, quote: run.quote })
        detail = fault.message
        done(false)
        throw fault
      }
    },
    own(socket) {
      owned.add(socket)
      return socket
    },
    show(chain) {
      if (certificates.length === 0) certificates.push(...chain.map(shown))
    },
    async credential(alias) {
      const found = alias === '' ? undefined : await context.userCredential(alias)
      if (found === undefined) throw faults.credentialMissing({ alias })
      redaction.add(found.user, found.password)
      return found
    },
    async keyPair(alias) {
      const found = alias === '' ? undefined : await context.keyPair(alias)
      if (found === undefined) throw faults.keyPairMissing({ alias })
      return found
    },
    quote: redaction.quote,
  }

  const result = (ok: boolean, summary: string): TestResult => ({
    ok,
    summary: redaction.clean(summary),
    steps,
    certificates,
    facts: redaction.cleanAll(run.facts),
  })
  try {
    return result(true, await work(run))
  } catch (thrown) {
    const fault = thrown instanceof Fault ? thrown : explain(thrown, { server: run.server, step: '', quote: run.quote })
    const reason = redaction.clean(fault.message)
    return { ...result(false, reason), problem: { code: fault.code, reason, remedy: redaction.clean(fault.remedy) } }
  } finally {
    // The newest first: Node 24 crashes when the socket below a TLS socket goes while that still reads.
    for (const socket of [...owned].reverse()) socket.destroy()
  }
}

async function within<Value>(
  millis: number,
  ending: AbortSignal,
  late: () => Fault,
  work: () => Promise<Value>,
): Promise<Value> {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(late()), millis)
  const cancel = (): void => reject(faults.cancelled())
  ending.addEventListener('abort', cancel, { once: true })
  if (ending.aborted) cancel()
  try {
    const working = ending.aborted ? ended : work()
    // When time is up first, the sockets are destroyed and the work fails with nobody left to hear it.
    working.catch(() => {})
    return await Promise.race([ended, working])
  } finally {
    clearTimeout(timer)
    ending.removeEventListener('abort', cancel)
  }
}
