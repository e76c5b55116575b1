import type { Clock } from '../base/index.ts'
import { faults } from './faults.ts'

const minute = 60_000

export interface TestGate {
  /** Lets a test in and returns what must be called when it ends. @throws connectivity.tooManyTests, tooManyAtOnce */
  readonly enter: (who: string) => () => void
}

/** Holds tests to so many a minute for each person, and so many at once for all: without it they scan ports. */
export function createTestGate(given: {
  readonly clock: Clock
  readonly perMinute: number
  readonly concurrent: number
}): TestGate {
  const { clock, perMinute, concurrent } = given
  const begun = new Map<string, readonly number[]>()
  let running = 0

  return {
    enter(who) {
      const now = clock.monotonic()
      for (const [name, times] of begun) {
        const recent = times.filter((time) => now - time < minute)
        if (recent.length === 0) begun.delete(name)
        else begun.set(name, recent)
      }
      const recent = begun.get(who) ?? []
      if (recent.length >= perMinute) {
        const seconds = Math.ceil((minute - (now - (recent[0] ?? now))) / 1000)
        throw faults.tooManyTests({ perMinute, seconds })
      }
      if (running >= concurrent) throw faults.tooManyAtOnce({ concurrent })
      begun.set(who, [...recent, now])
      running++
      let left = false
      return () => {
        if (!left) running--
        left = true
      }
    },
  }
}
