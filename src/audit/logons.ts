import type { Clock } from '../base/index.ts'
import type { Audit } from './audit.ts'

/** An attempt to log on to the API. */
export interface Logon {
  /** Only the name of a user that exists: what else is typed there may be a password. */
  readonly user: string | undefined
  /** Remote address. */
  readonly source: string
  /** How: `password`, `certificate`, `bearer`, … */
  readonly method: string
}

/** Records logons to the API without letting a caller flood the log. */
export interface LogonLog {
  readonly succeeded: (logon: Logon) => void
  readonly failed: (logon: Logon, reason: string) => void
}

const minute = 60_000
const mostCallers = 1_000

interface Window {
  readonly since: number
  /** Attempts that were not recorded one by one. */
  held: number
}

/** 10, 100, 1000, …: a flood is seen while it lasts, and costs a few events. */
const isPowerOfTen = (count: number): boolean => count >= 10 && /^10+$/.test(String(count))

/**
 * Of equal attempts the first in a minute is recorded at once, and how many were held back when they are 10, 100, 1,000
 * and so on, and with the first of a later minute. With more than 1,000 different callers at once all further ones of a
 * kind count as one.
 */
export function createLogonLog({ audit, clock }: { readonly audit: Audit; readonly clock: Clock }): LogonLog {
  const windows = new Map<string, Window>()

  function forget(now: number): void {
    for (const [key, { since }] of windows) if (now - since >= minute) windows.delete(key)
  }

  function windowFor(logon: Logon, outcome: string): { readonly key: string; readonly known: Window | undefined } {
    const key = JSON.stringify([outcome, logon.user ?? '', logon.source, logon.method])
    if (windows.has(key) || windows.size < mostCallers) return { key, known: windows.get(key) }
    return { key: outcome, known: windows.get(outcome) }
  }

  function attempt(logon: Logon, outcome: string, reason: string | undefined): void {
    const now = clock.monotonic()
    if (windows.size >= mostCallers) forget(now)
    const { key, known } = windowFor(logon, outcome)
    const isHeld = known !== undefined && now - known.since < minute
    if (isHeld && !isPowerOfTen(++known.held)) return
    if (!isHeld) windows.set(key, { since: now, held: 0 })
    audit.note({
      action: reason === undefined ? 'Logon' : 'Refuse',
      objectType: 'Logon',
      objectId: logon.user ?? '',
      user: logon.user ?? '',
      source: logon.source,
      via: 'api',
      attributes: {
        method: logon.method,
        ...(reason !== undefined && { reason }),
        ...(known && known.held > 0 && { heldBack: String(known.held) }),
      },
    })
  }

  return {
    succeeded: (logon) => attempt(logon, 'succeeded', undefined),
    failed: (logon, reason) => attempt(logon, 'failed', reason),
  }
}
