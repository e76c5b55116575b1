import type { Clock, Log } from '../base/index.ts'
import type { Deliver, Ended, Origin, Routine, Services } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'
import type { LogLevel, MessageEvent, MessageStatus } from '../monitor/index.ts'
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
    const first = { id, correlationId, flow: plan.flow, packageId: given.packageId, level, origin, start }
    const run = new MessageRun({
      id,
      correlationId,
      flow: plan.flow,
      principal: origin.principal,
      deadline: Math.min(start + host.messageTimeout, origin.deadline ?? Number.POSITIVE_INFINITY),
      clock: host.clock,
      log: new Recorder(first, host.recording),
      services: host.services,
      depth: origin.depth ?? 0,
    })
    runs.add(run)
    return run
  }

  async function deliver(routine: Routine, exchange: Exchange, origin: Origin): Promise<Ended> {
    const run = begin(origin)
    exchange.properties.set('SAP_MessageProcessingLogID', run.messageId)
    exchange.headers.set('SAP_MessageProcessingLogID', run.messageId)
    exchange.headers.set('SAP_MplCorrelationId', run.correlationId)
    exchange.properties.set('CamelCreatedTimestamp', new Date(host.clock.now()))
    try {
      let ended = run.call(routine, exchange)
      if (typeof ended !== 'string') {
        if (run.log.active) host.sink.append(run.log.started())
        ended = await ended
      }
      await finish(run, exchange, ended === 'escalated' ? 'ESCALATED' : 'COMPLETED', undefined)
      return ended
    } catch (error) {
      await finish(run, exchange, run.cancelled ? 'CANCELLED' : 'FAILED', error)
      throw error
    }
  }

  async function finish(
    run: MessageRun,
    exchange: Exchange,
    status: Exclude<MessageStatus, 'PROCESSING'>,
    error: unknown,
  ): Promise<void> {
    runs.delete(run)
    if (runs.size === 0) idle?.()
    if (run.hasCleanups) await run.clean()
    const caught = error === undefined ? run.handled : caughtOf(error)
    const entry = run.log.ended(exchange, status, caught)
    host.ended(plan.flow.id, status, entry.end - entry.start)
    if (!run.log.active) return
    host.sink.append(entry)
    // The caller's answer waits for this: what was answered is in the journal.
    await host.sink.flushed()
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
