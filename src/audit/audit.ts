import { AsyncLocalStorage } from 'node:async_hooks'
import { type Clock, type Log, silentLog } from '../base/index.ts'
import { createSigner, type Position } from './chain.ts'
import { type ExportFormat, exportEvents } from './export-events.ts'
import { createNoteBuffer } from './note-buffer.ts'
import type { AuditFilter, AuditStore } from './ports.ts'
import type { Actor, AuditDraft, AuditEvent } from './records.ts'
import { retain } from './retain.ts'
import { eventOf, unplaced } from './stored-event.ts'
import { type Verification, verifyChain } from './verify-chain.ts'
import { createWriter } from './writer.ts'

/** The audit log of one tenant: who did what to which security object. */
export interface Audit {
  /** Resolves when the event is durable. @throws audit.notRecorded, and then nothing was recorded */
  readonly record: (draft: AuditDraft) => Promise<void>
  /** Records within 200 ms, equal events of one second as one. Never waits and never throws. */
  readonly note: (draft: AuditDraft) => void
  /** Newest first, with what was just noted. */
  readonly list: (
    filter: AuditFilter,
    page: { readonly top: number; readonly skip?: number },
  ) => Promise<readonly AuditEvent[]>
  readonly count: (filter: AuditFilter) => Promise<number>
  /** The events that fit, oldest first, in pieces of text. */
  readonly export: (format: ExportFormat, filter?: AuditFilter) => AsyncIterable<string>
  /** Checks the whole log. A `witness` is the `head` of an earlier check, kept elsewhere. */
  readonly verify: (witness?: Position) => Promise<Verification>
  /**
   * Deletes what is older than `before` (milliseconds since 1970), and records that; returns how many events it were.
   * @throws audit.chainBroken when that part was tampered with, unless `evenBroken` is true; audit.notRecorded
   */
  readonly retain: (before: number, options?: { readonly evenBroken?: boolean }) => Promise<number>
  /** Does the work, and all that it starts, in the name of an actor. */
  readonly as: <Result>(actor: Actor, work: () => Result) => Result
  /** Who is at work; the system when nobody else is. */
  readonly actor: () => Actor
  /** Writes what was noted. */
  readonly stop: () => Promise<void>
}

const system: Actor = { user: 'system', source: '', via: 'system' }

/**
 * Opens the audit log. Each event is signed together with the signature of the one before, under the first of `keys`
 * (32 bytes each, derived for this purpose); the others are earlier keys, so that what they signed can be checked.
 * @throws RangeError when there is no key or one is not 32 bytes long
 */
export function createAudit(given: {
  readonly store: AuditStore
  readonly keys: readonly Uint8Array[]
  readonly clock: Clock
  readonly log?: Log
}): Audit {
  const { store, clock, log = silentLog } = given
  const signer = createSigner(given.keys)
  const actors = new AsyncLocalStorage<Actor>()
  const writer = createWriter({ store, signer, log })
  const notes = createNoteBuffer(writer)
  const actor = (): Actor => actors.getStore() ?? system
  const eventFor = (draft: AuditDraft) => unplaced(draft, actor(), clock.now())
  const record = async (draft: AuditDraft): Promise<void> => writer.write([eventFor(draft)])
  // What cannot be written now is kept and tried again; the reader gets what is there.
  const settled = (): Promise<void> => notes.flush().catch(() => {})

  async function* exported(format: ExportFormat, filter: AuditFilter): AsyncIterable<string> {
    await settled()
    yield* exportEvents(store, format, filter)
  }

  return {
    record,
    note: (draft) => notes.add(eventFor(draft)),
    list: async (filter, { top, skip = 0 }) => {
      await settled()
      return (await store.list(filter, { order: 'newest', top, skip })).map(eventOf)
    },
    count: async (filter) => {
      await settled()
      return store.count(filter)
    },
    export: (format, filter = {}) => exported(format, filter),
    verify: async (witness) => {
      await settled()
      return verifyChain({ store, signer, seen: writer.seen(), witness })
    },
    retain: (before, { evenBroken = false } = {}) => retain({ store, signer, record, before, evenBroken }),
    as: (who, work) => actors.run(who, work),
    actor,
    stop: async () => {
      try {
        await notes.flush()
      } catch {
        log.error('events of the audit log were lost at the end', { events: notes.size() })
      }
    },
  }
}
