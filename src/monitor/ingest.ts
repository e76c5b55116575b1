import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Fault, type FaultKind, type Log } from '../base/index.ts'

/** The thread that moves the journal into the message log. */
export interface Ingest {
  /**
   * Starts the thread; resolves when all that an earlier process left in the journal is in the log and its unfinished
   * messages are ABANDONED, and returns how many those were. Append nothing to the journal before.
   * Rejects with the fault of a database that cannot be opened; one that does not answer is waited for.
   */
  readonly start: () => Promise<number>
  /** Says that the journal has grown; costs next to nothing. */
  readonly wake: () => void
  /** Resolves with true when all that is written now is in the log, or with false after so many milliseconds. */
  readonly drain: (within: number) => Promise<boolean>
  /** Ends the thread; what is still in the journal is applied at the next start. */
  readonly stop: () => Promise<void>
}

/** What the thread is started with. */
export interface IngestOrders {
  readonly folder: string
  readonly node: string
  readonly module: string
  readonly place: unknown
  readonly recover: boolean
  readonly signal: SharedArrayBuffer
}

interface PlainFault {
  readonly code: string
  readonly kind: FaultKind
  readonly message: string
  readonly remedy: string
  readonly details: object
}

export type ToIngest = { readonly kind: 'drain'; readonly id: number } | { readonly kind: 'stop' }

export type FromIngest =
  | { readonly kind: 'ready'; readonly abandoned: number }
  | { readonly kind: 'drained'; readonly id: number }
  | { readonly kind: 'failed'; readonly fault: PlainFault }
  | { readonly kind: 'log'; readonly level: keyof Log; readonly words: string; readonly fields: object | undefined }

// The largest event of a journal, as text and as objects, fits in; what the thread needs day by day is far less.
const limits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8, stackSizeMb: 1 }
const restartMilliseconds = 1_000

/**
 * Prepares the thread. `opener.module` is the URL of a module that exports `openMessageLog` (see `OpenMessageLog`), and
 * `opener.place` what it is called with. `node` stays the same over restarts of this process.
 */
export function createIngest(given: {
  /** Folder of the journal. */
  readonly folder: string
  readonly node: string
  readonly opener: { readonly module: URL; readonly place: unknown }
  readonly log: Log
}): Ingest {
  const { folder, node, opener, log } = given
  const shared = new SharedArrayBuffer(4)
  const signal = new Int32Array(shared)
  const ready = Promise.withResolvers<number>()
  const drains = new Map<number, () => void>()
  let worker: Worker | undefined
  let recovered = false
  let stopped = false
  let lastDrain = 0

  const wake = (): void => {
    Atomics.add(signal, 0, 1)
    Atomics.notify(signal, 0)
  }

  function send(message: ToIngest): void {
    worker?.postMessage(message)
    wake()
  }

  function hear(message: FromIngest): void {
    if (message.kind === 'log') log[message.level](message.words, message.fields)
    else if (message.kind === 'drained') drains.get(message.id)?.()
    else if (message.kind === 'ready') {
      recovered = true
      ready.resolve(message.abandoned)
    } else {
      log.error('the thread of the message log failed', { ...message.fault })
      if (recovered) return
      stopped = true
      ready.reject(new Fault(message.fault))
    }
  }

  /** A thread that dies, by lack of memory say, is followed by another, which goes on at the checkpoint. */
  async function replace(): Promise<void> {
    if (stopped) return
    await sleep(restartMilliseconds)
    if (stopped) return
    launch()
    for (const id of drains.keys()) send({ kind: 'drain', id })
  }

  function launch(): void {
    const orders: IngestOrders = {
      folder,
      node,
      module: opener.module.href,
      place: opener.place,
      recover: !recovered,
      signal: shared,
    }
    const launched = new Worker(new URL('./ingest-worker.ts', import.meta.url), {
      name: 'message-log',
      workerData: orders,
      resourceLimits: limits,
    })
    worker = launched
    launched.on('message', hear)
    launched.on('error', (thrown) => log.error('the thread of the message log died', { reason: thrown.message }))
    launched.on('exit', () => {
      worker = undefined
      void replace()
    })
  }

  async function drain(within: number): Promise<boolean> {
    const id = ++lastDrain
    const done = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => done.resolve(false), within)
    drains.set(id, () => done.resolve(true))
    send({ kind: 'drain', id })
    const drained = await done.promise
    clearTimeout(timer)
    drains.delete(id)
    return drained
  }

  return {
    start: () => {
      launch()
      return ready.promise
    },
    wake,
    drain,
    stop: async () => {
      stopped = true
      const running = worker
      if (!running) return
      const exited = new Promise((resolve) => running.once('exit', resolve))
      send({ kind: 'stop' })
      // A thread that waits for its database does not hear; the journal keeps what it has not applied.
      const timer = setTimeout(() => void running.terminate(), 2_000)
      await exited
      clearTimeout(timer)
    },
  }
}
