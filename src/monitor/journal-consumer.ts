import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, type Log, wordsOf } from '../base/index.ts'
import type { JournalReader, Position } from './journal-reader.ts'
import type { MessageLogStore } from './ports.ts'
import type { MessageEvent } from './records.ts'
import { deleteSegmentsBefore } from './segments.ts'

/** Moves the journal into the store. */
export interface JournalConsumer {
  /** Applies all complete lines that are there; waits as long as the store is down. */
  readonly consume: () => Promise<void>
}

const firstWait = 100
const longestWait = 5_000
// Between two batches others may have the lock of the database, and messages the processor: a burst is written down in
// the journal at once, and takes this many times longer to get into the store than it would have to.
const gap = 2
const leisure = 3
/** Bytes the store may be behind before there is no more leisure. */
const mostBehind = 128 * 1024 * 1024

/** Lines that can never be applied are kept here. */
const rejectedFile = 'rejected.jsonl'

const isPassing = (thrown: unknown): boolean =>
  thrown instanceof Fault && (thrown.kind === 'unavailable' || thrown.kind === 'exhausted')

/** Nothing is deleted from the journal before the store has it. */
export function createJournalConsumer(given: {
  readonly folder: string
  readonly node: string
  readonly reader: JournalReader
  readonly store: MessageLogStore
  readonly log: Log
  /** True when somebody waits for the store to catch up. */
  readonly hurry: () => boolean
}): JournalConsumer {
  const { folder, node, reader, store, log, hurry } = given

  function reject(line: string, reason: string): void {
    log.error('an event of the message journal cannot be stored', { reason, file: join(folder, rejectedFile) })
    appendFileSync(join(folder, rejectedFile), `${line}\n`, { mode: 0o600 })
  }

  /** Applies, again and again while the store is down; returns why the store will never take these events. */
  async function tryApply(events: readonly MessageEvent[], position: Position, before: Position): Promise<unknown> {
    for (let wait = firstWait; ; wait = Math.min(wait * 2, longestWait)) {
      try {
        await store.apply(events, { node, ...position })
        return undefined
      } catch (thrown) {
        // The events are to blame only if the store works without them.
        if (!isPassing(thrown) && (await storeWorks(before))) return thrown
        log.warn('the message log cannot be written, trying again', { reason: wordsOf(thrown), milliseconds: wait })
        await sleep(wait)
      }
    }
  }

  const storeWorks = (before: Position): Promise<boolean> =>
    store.apply([], { node, ...before }).then(
      () => true,
      () => false,
    )

  /** Finds the events that fail, so that the others are kept. */
  async function applyParts(events: readonly MessageEvent[], before: Position): Promise<void> {
    const reason = await tryApply(events, before, before)
    if (reason === undefined) return
    const [only] = events
    if (events.length === 1 && only) return reject(JSON.stringify(only), wordsOf(reason))
    const half = Math.ceil(events.length / 2)
    await applyParts(events.slice(0, half), before)
    await applyParts(events.slice(half), before)
  }

  async function consume(): Promise<void> {
    for (;;) {
      const began = performance.now()
      const before = reader.position()
      const batch = reader.next()
      if (!batch) return
      const { events, broken, position, more } = batch
      for (const line of broken) reject(line, 'the line is no JSON')
      if ((await tryApply(events, position, before)) !== undefined) {
        await applyParts(events, before)
        await tryApply([], position, before)
      }
      if (position.segment !== before.segment) deleteSegmentsBefore(folder, position.segment)
      // What was written meanwhile waits for the next time: many messages in one transaction cost far less than one by one.
      if (!more) return
      const took = performance.now() - began
      await sleep(hurry() || reader.behind() > mostBehind ? gap : Math.max(gap, took * leisure))
    }
  }

  return { consume }
}
