import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Which alerts were delivered: the lowest threshold in days, by channel, object and end of validity. */
export interface AlertMemory {
  readonly lowest: (key: string) => number | undefined
  /** Forgets what is not in `keys`, adds `delivered`, and keeps it. */
  readonly keep: (delivered: ReadonlyMap<string, number>, keys: ReadonlySet<string>) => void
}

/**
 * A memory that outlives the process, in a file that is replaced as a whole. It holds no secret. One that cannot be
 * read counts as empty: an alert too many is better than none.
 */
export function openAlertMemory(file: string): AlertMemory {
  let known = read(file)
  return {
    lowest: (key) => known.get(key),
    keep(delivered, keys) {
      const next = new Map([...known, ...delivered].filter(([key]) => keys.has(key)))
      if (next.size === known.size && [...next].every(([key, days]) => known.get(key) === days)) return
      const draft = `${file}.new`
      writeFileSync(draft, JSON.stringify(Object.fromEntries(next)), { mode: 0o600 })
      renameSync(draft, file)
      known = next
    },
  }
}

function read(file: string): ReadonlyMap<string, number> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null) return new Map()
    return new Map(Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
  } catch {
    return new Map()
  }
}
