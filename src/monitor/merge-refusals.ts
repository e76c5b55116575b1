import type { Clock } from '../base/index.ts'
import type { Refusal } from './ports.ts'

/** A record that may come to stand for more refusals. */
export interface Counted {
  readonly refusal: Refusal
  /** How many refusals it stands for, and of how many the store knows. */
  times: number
  written: number
}

/** Records that a minute may bring, each of one refusal, and merged ones of one code and one address. */
const perMinute = 1_000
const minute = 60_000

const manyAddresses = (refusal: Refusal): Refusal => ({
  ...refusal,
  remoteAddress: '',
  certificate: undefined,
  method: '',
  endpoint: '',
  reason: 'Refusals with this code came from too many addresses at once to record each address.',
  remedy: 'Look for clients that call again and again, and block them in front of Sluice.',
})

/**
 * Finds the record that a refusal goes into, counted: one of its own, as long as 1,000 a minute are not used up (a
 * token bucket); then one for all with its code and remote address in this minute; and when these are 1,000 as well,
 * one for all with its code. So a flood costs a few thousand records a minute, and what stands alone beside it, such as
 * the one call of a partner, is still seen.
 */
export function createMerger(clock: Clock): (refusal: Refusal) => Counted {
  const merged = new Map<string, Counted>()
  let tokens = perMinute
  let filledAt = clock.monotonic()
  let mergedSince = filledAt

  function takeToken(now: number): boolean {
    tokens = Math.min(perMinute, tokens + ((now - filledAt) * perMinute) / minute)
    filledAt = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }

  function mergedRecord(key: string, create: () => Refusal): Counted {
    const known = merged.get(key)
    if (known !== undefined) return known
    const fresh = { refusal: create(), times: 0, written: 0 }
    merged.set(key, fresh)
    return fresh
  }

  function recordOf(refusal: Refusal): Counted {
    const now = clock.monotonic()
    if (takeToken(now)) return { refusal, times: 0, written: 0 }
    if (now - mergedSince >= minute) {
      merged.clear()
      mergedSince = now
    }
    const { code, remoteAddress } = refusal
    const key = `${code} ${remoteAddress}`
    return merged.has(key) || merged.size < perMinute
      ? mergedRecord(key, () => refusal)
      : mergedRecord(code, () => manyAddresses(refusal))
  }

  return (refusal) => {
    const record = recordOf(refusal)
    record.times += 1
    return record
  }
}
