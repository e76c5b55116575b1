import type { Clock, Log } from '../base/index.ts'
import type { Schedule } from '../flow/index.ts'
import { nextTick } from '../languages/index.ts'
import type { ScheduleStore } from './ports.ts'

export interface Scheduler {
  /** Replaces the schedules of one flow. Schedules that run once do so now, on one node, once per generation. */
  readonly swap: (flowId: string, schedules: readonly Schedule[], generation: number) => void
  readonly stop: () => void
}

// setTimeout cannot wait longer than 2^31 ms.
const longestWait = 2_000_000_000

/** Fires schedules: each tick on exactly one node, and not while the run before is still going. */
export function createScheduler(given: {
  readonly store: ScheduleStore
  readonly node: string
  readonly clock: Clock
  readonly log: Log
}): Scheduler {
  const { store, node, clock, log } = given
  const stops = new Map<string, AbortController>()

  async function fire(schedule: Schedule, tick: number, signal: AbortSignal): Promise<void> {
    try {
      if (!(await store.claim(schedule.key, tick, node)) || signal.aborted) return
      await schedule.fire(signal)
    } catch (error) {
      // The message's own log entry says what failed; the schedule goes on.
      log.warn('a scheduled run failed', {
        schedule: schedule.key,
        why: error instanceof Error ? error.message : String(error),
      })
    }
  }

  function tickAfter(schedule: Schedule, after: number, signal: AbortSignal): void {
    if (schedule.when.kind !== 'cron') return
    const tick = nextTick(schedule.when, after)
    if (tick === undefined) return
    const wait = tick - clock.now()
    const timer = setTimeout(
      () => {
        if (wait > longestWait) tickAfter(schedule, after, signal)
        else
          void fire(schedule, tick, signal).finally(
            () => !signal.aborted && tickAfter(schedule, Math.max(tick, clock.now()), signal),
          )
      },
      Math.min(Math.max(wait, 0), longestWait),
    )
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  }

  return {
    swap(flowId, schedules, generation) {
      stops.get(flowId)?.abort()
      const controller = new AbortController()
      stops.set(flowId, controller)
      for (const schedule of schedules) {
        if (schedule.when.kind === 'once') void fire(schedule, generation, controller.signal)
        else tickAfter(schedule, clock.now(), controller.signal)
      }
    },
    stop() {
      for (const controller of stops.values()) controller.abort()
      stops.clear()
    },
  }
}
