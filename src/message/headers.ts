/** A header or property may hold any value: text, number, bytes, nodes, or something only a script understands. */
export type Value = unknown

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
    return this.#entries.get(name.toLowerCase())?.[1]
  }

  /** The header as text; undefined when there is none. */
  text(name: string): string | undefined {
    const value = this.get(name)
    return value === undefined || value === null ? undefined : String(value)
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase())
  }

  set(name: string, value: Value): void {
    this.#entries.set(name.toLowerCase(), [name, value])
  }

  delete(name: string): void {
    this.#entries.delete(name.toLowerCase())
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
