/** The thread that keeps the message log: reads the journal and writes the database. */
import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { compactMemory, Fault, type Log, systemClock, wordsOf } from '../base/index.ts'
import type { FromIngest, IngestOrders, ToIngest } from './ingest.ts'
import { createJournalConsumer } from './journal-consumer.ts'
import { createJournalReader } from './journal-reader.ts'
import type { OpenMessageLog } from './ports.ts'

// Waiting a little makes one transaction of many messages, and costs a reader of the log no patience.
const gatherMilliseconds = 100
const longestWait = 5_000
// A tenth of the share of the others where all processors are busy.
const later = 10

const orders = workerData as IngestOrders
const port = parentPort as MessagePort
const signal = new Int32Array(orders.signal)

const tell = (message: FromIngest): void => port.postMessage(message)
const say =
  (level: keyof Log) =>
  (words: string, fields?: object): void =>
    tell({ kind: 'log', level, words, fields })
const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }

const drains: number[] = []
const ending = new AbortController()
let hurry = new AbortController()

port.on('message', (message: ToIngest) => {
  if (message.kind === 'drain') drains.push(message.id)
  else ending.abort()
  hurry.abort()
  // The wake-up that came with the message may have been taken before the message was.
  Atomics.add(signal, 0, 1)
  Atomics.notify(signal, 0)
})

/**
 * Lets those who wait for an answer go first. Linux gives each thread a priority of its own; elsewhere it is that of the
 * process, which stays as it is.
 */
function giveWay(): void {
  try {
    if (process.platform !== 'linux') return
    const thread = Number(basename(readlinkSync('/proc/thread-self')))
    setPriority(thread, Math.min(constants.priority.PRIORITY_LOW, getPriority(thread) + later))
  } catch (error) {
    // Where the system forbids it the thread works all the same.
    log.debug('the message log keeps its priority', { reason: wordsOf(error) })
  }
}

/** Waits as long as the database is down; any other fault ends the thread. */
async function whenAvailable<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let wait = 100; ; wait = Math.min(wait * 2, longestWait)) {
    try {
      return await work()
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.kind !== 'unavailable') throw thrown
      log.warn('the message log cannot be opened, trying again', { reason: wordsOf(thrown), milliseconds: wait })
      await sleep(wait)
    }
  }
}

async function keepLog(): Promise<void> {
  giveWay()
  const { openMessageLog } = (await import(orders.module)) as { openMessageLog: OpenMessageLog<unknown> }
  const { store, close } = await whenAvailable(() => openMessageLog(orders.place))
  const checkpoint = await whenAvailable(() => store.checkpoint(orders.node))
  const reader = createJournalReader(orders.folder, checkpoint)
  let waitedFor = orders.recover
  const { consume } = createJournalConsumer({
    folder: orders.folder,
    node: orders.node,
    reader,
    store,
    log,
    hurry: () => waitedFor || drains.length > 0 || ending.signal.aborted,
  })
  if (orders.recover) {
    await consume()
    waitedFor = false
    const abandoned = await whenAvailable(() => store.abandon(orders.node, systemClock.now()))
    compactMemory()
    tell({ kind: 'ready', abandoned })
  }
  while (!ending.signal.aborted) {
    const seen = Atomics.load(signal, 0)
    const asked = drains.splice(0)
    waitedFor = asked.length > 0
    await consume()
    for (const id of asked) tell({ kind: 'drained', id })
    if (drains.length > 0 || ending.signal.aborted) continue
    const change = Atomics.waitAsync(signal, 0, seen)
    if (change.async) await change.value
    hurry = new AbortController()
    if (drains.length === 0 && !ending.signal.aborted)
      await sleep(gatherMilliseconds, undefined, { signal: hurry.signal }).catch(() => {})
  }
  await close()
  port.close()
}

keepLog().catch((thrown: unknown) => {
  const { code, kind, message, remedy, details } =
    thrown instanceof Fault
      ? thrown
      : { code: 'monitor.ingest', kind: 'defect' as const, message: wordsOf(thrown), remedy: '', details: {} }
  tell({ kind: 'failed', fault: { code, kind, message, remedy, details } })
  port.close()
})
