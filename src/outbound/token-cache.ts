import type { Clock } from '../base/index.ts'
import type { LentSecret } from '../flow/index.ts'

/** Something that was got for a while: a token, a certificate. */
export interface Lasting {
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
}

export interface Token extends Lasting {
  readonly value: string
  /** The same object for every message, so that it is prepared once. */
  readonly secret: LentSecret
}

/** Keeps what lasts for a while. Nothing in it outlives what it was asked with. */
export interface LastingCache<Value extends Lasting> {
  /**
   * What is held, else what `fetch` yields: asked once, however many wait. What ends soon is renewed while it is still
   * given out.
   */
  readonly get: (key: string, fetch: () => Promise<Value>, clock: Clock) => Promise<Value>
  /** Forgets this very value; another one that came meanwhile stays. */
  readonly drop: (key: string, value: Value) => void
}

interface Entry<Value> {
  held: Value | undefined
  running: Promise<Value> | undefined
  /** Milliseconds since 1970 before which nobody tries to renew early, because the last try failed. */
  notBefore: number
}

/** Users and scopes of one credential; the one that was used longest ago goes first. */
const mostEntries = 5_000
/** What has less left is not given out any more, so that it does not end on the way. */
const margin = 2_000
const renewWithin = 60_000
const patience = 10_000

export function createLastingCache<Value extends Lasting>(most = mostEntries): LastingCache<Value> {
  const entries = new Map<string, Entry<Value>>()

  function entryFor(key: string): Entry<Value> {
    const entry = entries.get(key) ?? { held: undefined, running: undefined, notBefore: 0 }
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size > most) entries.delete(entries.keys().next().value ?? '')
    return entry
  }

  function renew(key: string, entry: Entry<Value>, fetch: () => Promise<Value>): Promise<Value> {
    const running = fetch().then(
      (value) => {
        entry.held = value
        entry.running = undefined
        return value
      },
      (error: unknown) => {
        entry.running = undefined
        if (entry.held === undefined && entries.get(key) === entry) entries.delete(key)
        throw error
      },
    )
    entry.running = running
    return running
  }

  return {
    async get(key, fetch, clock) {
      const entry = entryFor(key)
      const { held } = entry
      const now = clock.now()
      if (held === undefined || !lasts(held, now)) return entry.running ?? renew(key, entry, fetch)
      if (entry.running === undefined && now >= entry.notBefore && endsSoon(held, now))
        renew(key, entry, fetch).catch(() => {
          entry.notBefore = clock.now() + patience
        })
      return held
    },
    drop(key, value) {
      const entry = entries.get(key)
      if (entry?.held === value) entry.held = undefined
    },
  }
}

const lifeOf = ({ issuedAt, expiresAt }: Lasting): number => expiresAt - issuedAt

const lasts = (value: Lasting, now: number): boolean => value.expiresAt - Math.min(margin, lifeOf(value) / 10) > now

/** In its last fifth, or its last minute; of what does not live two minutes, in its second half. */
const endsSoon = (value: Lasting, now: number): boolean =>
  value.expiresAt - now < Math.max(lifeOf(value) / 5, Math.min(renewWithin, lifeOf(value) / 2))

const ofSources = new WeakMap<object, LastingCache<Token>>()

/** The tokens of one credential. A changed credential is another object, and has none. */
export function tokensOf(credential: object): LastingCache<Token> {
  const known = ofSources.get(credential)
  if (known !== undefined) return known
  const made = createLastingCache<Token>()
  ofSources.set(credential, made)
  return made
}
