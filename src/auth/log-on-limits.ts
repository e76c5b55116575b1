import type { Clock } from '../base/index.ts'
import { createRates } from '../inbound/index.ts'

/** Seconds until a log-on may begin; 0 counts one that begins now. */
export type BeginLogOn = (remoteAddress: string) => number

/**
 * Anybody may begin a log-on, and each is stored for a quarter of an hour: a person begins a few, and the table of all of
 * them stays below some 12,000 rows.
 */
const ofAddress = { perSecond: 0.5, burst: 30 }
const ofAll = { perSecond: 12, burst: 1_000 }

/** Counts log-ons as they begin, by address and together. */
export function createLogOnLimits(clock: Clock): BeginLogOn {
  const rates = createRates(clock)
  return (remoteAddress) => {
    const limits = [
      { key: `address ${remoteAddress}`, rate: ofAddress },
      { key: 'all', rate: ofAll },
    ]
    const wait = Math.max(...limits.map(rates.waitOf))
    if (wait > 0) return Math.ceil(wait / 1000)
    for (const limit of limits) rates.count(limit)
    return 0
  }
}
