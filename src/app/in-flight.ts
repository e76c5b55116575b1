import { AsyncLocalStorage } from 'node:async_hooks'

/** Knows what is at work, so that somebody can wait for it to end. */
export interface InFlight {
  readonly run: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** True when all that is at work now has ended, without the work that asks; false after so many milliseconds. */
  readonly ended: (within: number) => Promise<boolean>
}

export function createInFlight(): InFlight {
  const running = new Set<Promise<unknown>>()
  const own = new AsyncLocalStorage<ReadonlySet<Promise<unknown>>>()
  return {
    run(work) {
      const done = Promise.withResolvers<void>()
      running.add(done.promise)
      return own.run(new Set([...(own.getStore() ?? []), done.promise]), work).finally(() => {
        running.delete(done.promise)
        done.resolve()
      })
    },
    async ended(within) {
      const mine = own.getStore()
      const others = [...running].filter((each) => mine?.has(each) !== true)
      const late = Promise.withResolvers<boolean>()
      const timer = setTimeout(() => late.resolve(false), within)
      try {
        return await Promise.race([Promise.all(others).then(() => true), late.promise])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
