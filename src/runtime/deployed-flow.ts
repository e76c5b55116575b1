import type { Clock, Log } from '../base/index.ts'
import type { Caught, Deliver, Ended, Origin, Routine, Services } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'
import type { LogLevel, MessageEvent, MessageStatus } from '../monitor/index.ts'
import { createLentSecrets } from '../redaction/index.ts'
import { caughtOf } from './caught.ts'
import { identify, MessageRun } from './engine.ts'
import type { Plan } from './plan.ts'
import { Recorder, type RecorderContext } from './recorder.ts'

/** Where log entries go. What is appended is on its way to disk when `flushed` resolves. */
export interface LogSink {
  readonly append: (event: MessageEvent) => void
  readonly flushed: () => Promise<void>
}

export interface FlowHost {
  readonly services: Services
  readonly clock: Clock
  readonly log: Log
  readonly sink: LogSink
  readonly recording: RecorderContext
  /** Milliseconds a message may take. */
  readonly messageTimeout: number
  readonly ended: (flowId: string, status: MessageStatus, millis: number) => void
}

/** A plan at work: takes messages, knows which are in flight, and ends when the last of them has. */
export interface DeployedFlow {
  readonly plan: Plan
  readonly deliver: (routine: Routine) => Deliver
  readonly setLogLevel: (level: LogLevel) => void
  /** Cancels what has passed its deadline. */
  readonly sweep: (now: number) => void
  readonly cancel: (messageId: string) => boolean
  readonly active: () => number
  /** Waits for the messages in flight, then closes all receivers. After `patience` milliseconds the rest is cancelled. */
  readonly drain: (patience: number) => Promise<void>
}

type Ending = Exclude<MessageStatus, 'PROCESSING'>

const nothingToWrite = Promise.resolve()

export function createDeployedFlow(
  plan: Plan,
  given: { readonly packageId: string; readonly logLevel: LogLevel },
  host: FlowHost,
): DeployedFlow {
  const runs = new Set<MessageRun>()
  let level = given.logLevel
  let idle: (() => void) | undefined

  function begin(origin: Origin): MessageRun {
    const start = host.clock.now()
    const { id, correlationId } = identify(origin, start)
    const lent = origin.lent ?? createLentSecrets()
    const first = { id, correlationId, flow: plan.flow, packageId: given.packageId, level, origin, start, lent }
    const run = new MessageRun({
      id,
      correlationId,
      flow: plan.flow,
      principal: origin.principal,
      deadline: Math.min(start + host.messageTimeout, origin.deadline ?? Number.POSITIVE_INFINITY),
      clock: host.clock,
      log: new Recorder(first, host.recording),
      services: host.services,
      lent,
      depth: origin.depth ?? 0,
    })
    runs.add(run)
    return run
  }

  /** Written without `async`: a message that never waits costs one promise, that of the journal. */
  function deliver(routine: Routine, exchange: Exchange, origin: Origin): Promise<Ended> {
    const run = begin(origin)
    exchange.properties.set('SAP_MessageProcessingLogID', run.messageId)
    exchange.headers.set('SAP_MessageProcessingLogID', run.messageId)
    exchange.headers.set('SAP_MplCorrelationId', run.correlationId)
    exchange.properties.set('CamelCreatedTimestamp', new Date(host.clock.now()))
    // For the flow to read. Whatever it does to the property, `run.principal` is what decisions rest on.
    if (run.principal !== undefined) exchange.properties.set('principal', run.principal)
    let ended: Ended | Promise<Ended>
    try {
      ended = run.call(routine, exchange)
    } catch (error) {
      return fail(run, exchange, error)
    }
    if (typeof ended === 'string') return succeed(run, exchange, ended)
    if (run.log.active) host.sink.append(run.log.started())
    return ended.then(
      (end) => succeed(run, exchange, end),
      (error: unknown) => fail(run, exchange, error),
    )
  }

  function succeed(run: MessageRun, exchange: Exchange, ended: Ended): Promise<Ended> {
    const written = finish(run, exchange, ended === 'escalated' ? 'ESCALATED' : 'COMPLETED', run.handled)
    return written.then(() => ended)
  }

  async function fail(run: MessageRun, exchange: Exchange, error: unknown): Promise<never> {
    await finish(run, exchange, run.cancelled ? 'CANCELLED' : 'FAILED', caughtOf(error))
    throw error
  }

  /** Makes the log entry. What is answered to the caller waits for the promise: then the entry is in the journal. */
  function finish(run: MessageRun, exchange: Exchange, status: Ending, caught: Caught | undefined): Promise<void> {
    runs.delete(run)
    if (runs.size === 0) idle?.()
    if (run.hasCleanups) return run.clean().then(() => record(run, exchange, status, caught))
    return record(run, exchange, status, caught)
  }

  function record(run: MessageRun, exchange: Exchange, status: Ending, caught: Caught | undefined): Promise<void> {
    const entry = run.log.ended(exchange, status, caught)
    host.ended(plan.flow.id, status, entry.end - entry.start)
    if (!run.log.active) return nothingToWrite
    host.sink.append(entry)
    return host.sink.flushed()
  }

  return {
    plan,
    deliver: (routine) => (exchange, origin) => deliver(routine, exchange, origin),
    setLogLevel: (next) => {
      level = next
    },
    sweep(now) {
      for (const run of runs) if (now > run.deadline) run.cancel('it took longer than its deadline allows')
    },
    cancel(messageId) {
      for (const run of runs) {
        if (run.messageId !== messageId) continue
        run.cancel('an administrator cancelled it')
        return true
      }
      return false
    },
    active: () => runs.size,
    async drain(patience) {
      if (runs.size > 0) {
        const empty = new Promise<void>((resolve) => (idle = resolve))
        const timer = setTimeout(() => {
          for (const run of runs) run.cancel('its flow was stopped')
        }, patience)
        await empty
        clearTimeout(timer)
      }
      const closed = await Promise.allSettled(plan.outlets.map((outlet) => outlet[Symbol.asyncDispose]()))
      for (const outcome of closed) {
        if (outcome.status === 'rejected')
          host.log.warn('a receiver did not close', { flow: plan.flow.id, why: String(outcome.reason) })
      }
    },
  }
}
