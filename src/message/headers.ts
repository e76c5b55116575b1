import { isPrincipal } from './principal.ts'

/** A header or property may hold any value: text, number, bytes, nodes, or something only a script understands. */
export type Value = unknown

// The same few names come with every message: lower-casing and hashing them each time would cost more than all look-ups.
const lowered = new Map<string, string>()
const mostLowered = 2_000

function lower(name: string): string {
  const known = lowered.get(name)
  if (known !== undefined) return known
  const made = name.toLowerCase()
  if (lowered.size < mostLowered) lowered.set(name, made)
  return made
}

/** Message headers: names compare without case and keep the spelling of the last write. */
export class Headers implements Iterable<readonly [string, Value]> {
  readonly #entries: Map<string, readonly [name: string, value: Value]>

  constructor(from?: Iterable<readonly [string, Value]>) {
    if (from instanceof Headers) this.#entries = new Map(from.#entries)
    else {
      this.#entries = new Map()
      if (from) for (const [name, value] of from) this.set(name, value)
    }
  }

  get(name: string): Value {
    return this.#entries.get(lower(name))?.[1]
  }

  /** The header as text; undefined when there is none. */
  text(name: string): string | undefined {
    const value = this.get(name)
    return value === undefined || value === null ? undefined : String(value)
  }

  has(name: string): boolean {
    return this.#entries.has(lower(name))
  }

  /** Headers leave the flow, the caller's facts do not: of a principal the name becomes the header. */
  set(name: string, value: Value): void {
    this.#entries.set(lower(name), [name, isPrincipal(value) ? value.name : value])
  }

  delete(name: string): void {
    this.#entries.delete(lower(name))
  }

  clear(): void {
    this.#entries.clear()
  }

  get size(): number {
    return this.#entries.size
  }

  [Symbol.iterator](): IterableIterator<readonly [string, Value]> {
    return this.#entries.values()
  }
}
