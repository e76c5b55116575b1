import { mkdirSync, openSync, writeSync } from 'node:fs'
import { type Clock, type Fault, type Log, wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import { createDiskSync, type Segment } from './disk-sync.ts'
import { journalLine } from './journal-line.ts'
import { lockJournal } from './journal-lock.ts'
import type { MessageEvent } from './records.ts'
import { listSegments, segmentPath } from './segments.ts'

/** The append-only record of what messages did: one JSON object a line, in numbered segments. */
export interface Journal {
  /** Takes an event; all of one turn of the event loop are written at its end. @throws monitor.eventTooLarge */
  readonly append: (event: MessageEvent) => void
  /**
   * Resolves when all that was appended is written, so that it survives the end of the process.
   * Rejects with monitor.journalFull or monitor.journalFailed: the events are then not recorded.
   */
  readonly flushed: () => Promise<void>
  /** Writes what is left to the disk and lets go of the folder. */
  readonly close: () => Promise<void>
}

const largestEvent = 32 * 1024 * 1024

const nothingPending = Promise.resolve()

const diskFull = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

function journalFault(cause: unknown): Fault {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return diskFull.has(code) ? faults.journalFull({}, { cause }) : faults.journalFailed({}, { cause })
}

/** Writes a text as UTF-8; returns its bytes. */
function writeWhole(file: number, text: string): number {
  const length = Buffer.byteLength(text)
  let written = writeSync(file, text)
  if (written === length) return length
  const bytes = Buffer.from(text)
  while (written < length) written += writeSync(file, bytes, written)
  return length
}

function lineOf(event: MessageEvent): string {
  let line = ''
  try {
    line = journalLine(event)
  } catch (cause) {
    // The engine's longest text is 512 MB.
    if (!(cause instanceof RangeError)) throw cause
  }
  if (line === '' || line.length > largestEvent) throw faults.eventTooLarge({ megabytes: largestEvent / 1024 / 1024 })
  return line
}

/**
 * Opens the journal in a folder that belongs to this process alone. `written` is called after each write.
 * @throws monitor.journalInUse
 */
export function createJournal(given: {
  readonly folder: string
  /** A segment that has reached this size is followed by the next. */
  readonly segmentBytes: number
  readonly clock: Clock
  readonly log: Log
  readonly written?: () => void
}): Journal {
  const { folder, segmentBytes, clock, log } = given
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockJournal(folder)
  const disk = createDiskSync({ folder, failed: (cause) => giveUpSegment('cannot be synced', cause) })
  let last = listSegments(folder).at(-1) ?? 0
  let segment: Segment | undefined
  let pending = ''
  let scheduled: NodeJS.Immediate | undefined
  let waiting: PromiseWithResolvers<void> | undefined

  function openSegment(): Segment {
    // Numbers are times, so that those of a journal that was deleted never come again.
    const number = Math.max(last + 1, clock.now())
    const file = openSync(segmentPath(folder, number), 'ax', 0o600)
    last = number
    return disk.opened(file)
  }

  /** What comes next goes to a new file: a half-written line ends with its segment. */
  function giveUpSegment(words: string, cause: unknown): void {
    log.error(`the message journal ${words}`, { folder, reason: wordsOf(cause) })
    if (segment) disk.retire(segment)
    segment = undefined
  }

  function write(text: string): void {
    segment ??= openSegment()
    segment.size += writeWhole(segment.file, text)
    disk.written(segment)
    if (segment.size < segmentBytes) return
    disk.retire(segment)
    segment = undefined
  }

  function flush(): void {
    scheduled = undefined
    const text = pending
    const turn = waiting
    pending = ''
    waiting = undefined
    try {
      write(text)
    } catch (thrown) {
      giveUpSegment('cannot be written', thrown)
      turn?.reject(journalFault(thrown))
      return
    }
    turn?.resolve()
    given.written?.()
  }

  return {
    append: (event) => {
      pending += `${lineOf(event)}\n`
      scheduled ??= setImmediate(flush)
    },
    flushed: () => {
      if (scheduled === undefined) return nothingPending
      waiting ??= Promise.withResolvers()
      return waiting.promise
    },
    close: async () => {
      if (scheduled) {
        clearImmediate(scheduled)
        flush()
      }
      if (segment) disk.retire(segment)
      segment = undefined
      await disk.idle()
      lock.release()
    },
  }
}
