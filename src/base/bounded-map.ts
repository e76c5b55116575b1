/** A map that forgets what was not used for longest once it is full. */
export interface BoundedMap<Value> {
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
  readonly delete: (key: string) => void
  readonly clear: () => void
  readonly values: () => Iterable<Value>
}

/** `most` is the number of entries, or the sum of what `weigh` says of them. */
export function createBoundedMap<Value>(most: number, weigh: (value: Value) => number = () => 1): BoundedMap<Value> {
  const entries = new Map<string, Value>()
  let weight = 0

  function remove(key: string): void {
    const value = entries.get(key)
    if (value === undefined) return
    weight -= weigh(value)
    entries.delete(key)
  }

  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      // A Map keeps the order of insertion: the first key is the one not used for longest.
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      remove(key)
      entries.set(key, value)
      weight += weigh(value)
      for (const oldest of entries.keys()) {
        if (weight <= most) break
        remove(oldest)
      }
    },
    delete: remove,
    clear() {
      entries.clear()
      weight = 0
    },
    values: () => entries.values(),
  }
}
