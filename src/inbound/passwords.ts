/** Checks passwords a few at a time: each takes a thread of the pool for tens of milliseconds, and much memory. */
export interface Passwords {
  /** Undefined when too many wait already. `key` stands for hash and password together: one check serves all who wait. */
  readonly check: (key: string, hash: string | undefined, password: string) => Promise<boolean> | undefined
}

export function createPasswords(given: {
  readonly verify: (hash: string | undefined, password: string) => Promise<boolean>
  readonly atOnce: number
  readonly waiting: number
}): Passwords {
  const { verify, atOnce, waiting } = given
  const underWay = new Map<string, Promise<boolean>>()
  const queue: (() => void)[] = []
  let running = 0

  async function run(hash: string | undefined, password: string): Promise<boolean> {
    if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve))
    else running++
    try {
      return await verify(hash, password)
    } finally {
      const next = queue.shift()
      if (next === undefined) running--
      else next()
    }
  }

  return {
    check(key, hash, password) {
      const same = underWay.get(key)
      if (same !== undefined) return same
      if (queue.length >= waiting) return undefined
      const checked = run(hash, password).finally(() => underWay.delete(key))
      underWay.set(key, checked)
      return checked
    },
  }
}
