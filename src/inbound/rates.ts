import type { Clock } from '../base/index.ts'
import type { Rate } from '../identity/index.ts'

/** A bucket of calls that fills again as time goes by. */
export interface Limit {
  /** Tells buckets apart. */
  readonly key: string
  readonly rate: Rate
}

/** Counts calls against rates. Waits in milliseconds; 0 lets the call pass. */
export interface Rates {
  /** How long until a call would pass; nothing is counted. */
  readonly waitOf: (limit: Limit) => number
  /** Counts a call; only after `waitOf` gave 0. */
  readonly count: (limit: Limit) => void
}

interface Bucket {
  calls: number
  at: number
}

const mostBuckets = 20_000

/** Token buckets in memory. When there are too many, the one used longest ago is forgotten: it is the fullest. */
export function createRates(clock: Clock): Rates {
  const buckets = new Map<string, Bucket>()

  function bucketOf({ key, rate }: Limit): Bucket {
    const now = clock.monotonic()
    const most = Math.max(1, rate.burst)
    const found = buckets.get(key)
    if (found === undefined) return { calls: most, at: now }
    found.calls = Math.min(most, found.calls + ((now - found.at) / 1000) * rate.perSecond)
    found.at = now
    return found
  }

  function makeRoom(): void {
    const [oldest] = buckets.keys()
    if (oldest !== undefined) buckets.delete(oldest)
  }

  return {
    waitOf(limit) {
      if (limit.rate.perSecond <= 0) return 0
      const { calls } = bucketOf(limit)
      return calls >= 1 ? 0 : ((1 - calls) / limit.rate.perSecond) * 1000
    },
    count(limit) {
      if (limit.rate.perSecond <= 0) return
      const bucket = bucketOf(limit)
      bucket.calls--
      // Put in again, so that the one that was used longest ago is the first.
      buckets.delete(limit.key)
      if (buckets.size >= mostBuckets) makeRoom()
      buckets.set(limit.key, bucket)
    },
  }
}
