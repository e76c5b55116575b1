import { setImmediate as turn } from 'node:timers/promises'
import { type Log, wordsOf } from '../base/index.ts'
import { canonicalJson } from './canonical-json.ts'
import { doubtAbout, endOf, type Position, type Signer } from './chain.ts'
import { faults } from './faults.ts'
import type { AuditEnds, AuditStore, Seal, StoredAuditEvent } from './ports.ts'
import type { AuditAction, AuditObjectType } from './records.ts'
import type { Unplaced } from './stored-event.ts'

/** Gives events their places in the log. */
export interface Writer {
  /** Resolves when the events are durable. @throws audit.notRecorded */
  readonly write: (events: readonly Unplaced[]) => Promise<void>
  /** The last event that this process knows to have been in the log. */
  readonly seen: () => Position | undefined
}

const mostEvents = 500

interface Waiting {
  readonly events: readonly Unplaced[]
  readonly settle: (failure: unknown) => void
}

/** Says in the log itself that it was tampered with, so that going on does not cover it up. */
const breakEvent = (reason: string, time: number): Unplaced => ({
  time,
  user: 'system',
  source: '',
  via: 'system',
  action: 'Break' satisfies AuditAction,
  objectType: 'Audit Log' satisfies AuditObjectType,
  objectId: '',
  times: 1,
  details: canonicalJson({ attributes: { reason }, changedAttributes: {} }),
})

/** Writes all together what came in one turn, or while a transaction was under way. */
export function createWriter(given: {
  readonly store: AuditStore
  readonly signer: Signer
  readonly log: Log
}): Writer {
  const { store, signer, log } = given
  let waiting: Waiting[] = []
  let running = false
  let seen: Position | undefined

  function link(ends: AuditEnds, events: readonly Unplaced[]): { events: StoredAuditEvent[]; head: Seal } {
    const doubt = doubtAbout(ends, signer, seen)
    const time = events[0]?.time ?? 0
    if (doubt !== undefined) log.error('the audit log was tampered with', { reason: doubt })
    let at = endOf(ends, signer, seen)
    if (at.seq + events.length >= Number.MAX_SAFE_INTEGER) throw faults.full()
    const placed = [...(doubt === undefined ? [] : [breakEvent(doubt, time)]), ...events].map((event) => {
      const signed = signer.event({ ...event, seq: at.seq + 1, previousHash: at.hash })
      at = signed
      return signed
    })
    return { events: placed, head: signer.seal('head', at.seq, at.hash) }
  }

  async function append(events: readonly Unplaced[]): Promise<void> {
    let head: Seal | undefined
    await store.append((ends) => {
      const linked = link(ends, events)
      head = linked.head
      return linked
    })
    if (head !== undefined) seen = { seq: head.seq, hash: head.hash }
  }

  /** What waits longest, as much as one transaction takes; at least one entry. */
  function takeGroup(): Waiting[] {
    let count = 0
    const end = waiting.findIndex(({ events }, index) => {
      count += events.length
      return index > 0 && count > mostEvents
    })
    const group = waiting.slice(0, end === -1 ? undefined : end)
    waiting = waiting.slice(group.length)
    return group
  }

  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      // SQLite answers in this thread without a pause: calls get their turn, and what they record goes along.
      await turn()
      const group = takeGroup()
      let failure: unknown
      try {
        await append(group.flatMap(({ events }) => events))
      } catch (thrown) {
        log.error('the audit log could not be written', { reason: wordsOf(thrown) })
        failure = faults.notRecorded({}, { cause: thrown })
      }
      for (const { settle } of group) settle(failure)
    }
    running = false
  }

  return {
    write: (events) =>
      new Promise((resolve, reject) => {
        const settle = (failure: unknown) => (failure === undefined ? resolve() : reject(failure))
        waiting.push({ events, settle })
        if (!running) void run()
      }),
    seen: () => seen,
  }
}
