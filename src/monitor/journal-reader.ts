import type { Checkpoint } from './ports.ts'
import type { MessageEvent } from './records.ts'
import { listSegments, readSegment, segmentSize } from './segments.ts'

/** Lines read in one go, and where the reader is after them. */
export interface Batch {
  readonly events: readonly MessageEvent[]
  /** Lines that are no JSON. */
  readonly broken: readonly string[]
  readonly position: Position
  /** True when there was more to read at once; false when this is all that was written by now. */
  readonly more: boolean
}

export type Position = Pick<Checkpoint, 'segment' | 'offset'>

/** Reads a journal that may still be written. */
export interface JournalReader {
  readonly position: () => Position
  /** What comes next, or undefined when all complete lines are read. */
  readonly next: () => Batch | undefined
  /** Bytes that were written and not read yet. */
  readonly behind: () => number
}

// Enough for a thousand messages, and little enough to hold as objects.
const batchBytes = 1024 * 1024

const newline = 0x0a

function parse(text: string): Pick<Batch, 'events' | 'broken'> {
  const events: MessageEvent[] = []
  const broken: string[] = []
  for (const line of text.split('\n')) {
    try {
      if (line !== '') events.push(JSON.parse(line) as MessageEvent)
    } catch {
      broken.push(line)
    }
  }
  return { events, broken }
}

/** Where to begin: at the checkpoint, or at the oldest segment when the journal is not the one of the checkpoint. */
function startPosition(folder: string, checkpoint: Position | undefined): Position {
  const segments = listSegments(folder)
  if (checkpoint && (segments.length === 0 || segments.includes(checkpoint.segment))) return checkpoint
  return { segment: segments[0] ?? 0, offset: 0 }
}

/** Reads the journal in the folder from a checkpoint on. The segment of a checkpoint is never deleted, only older ones. */
export function createJournalReader(folder: string, checkpoint: Position | undefined): JournalReader {
  let position = startPosition(folder, checkpoint)
  let buffer = Buffer.allocUnsafe(batchBytes)
  /** True when the last read took as much as the buffer holds. */
  let filled = false

  /** The complete lines at the position; grows the buffer for a line that is longer. */
  function lines(): Buffer | undefined {
    for (;;) {
      const length = readSegment(folder, position.segment, position.offset, buffer)
      filled = length === buffer.length
      const end = buffer.subarray(0, length).lastIndexOf(newline)
      if (end >= 0) return buffer.subarray(0, end + 1)
      if (length < buffer.length) return undefined
      buffer = Buffer.allocUnsafe(buffer.length * 2)
    }
  }

  function next(): Batch | undefined {
    for (;;) {
      // The list comes first: a segment with a successor is complete, so what is read afterwards is all there is.
      const segments = listSegments(folder)
      const following = segments.find((segment) => segment > position.segment)
      const found = segments.includes(position.segment) ? lines() : undefined
      if (found) {
        position = { segment: position.segment, offset: position.offset + found.length }
        const more = following !== undefined || filled
        const batch = { ...parse(found.toString()), position, more }
        if (buffer.length > batchBytes) buffer = Buffer.allocUnsafe(batchBytes)
        return batch
      }
      if (following === undefined) return undefined
      // An incomplete last line was never reported as written.
      position = { segment: following, offset: 0 }
    }
  }

  const behind = (): number =>
    listSegments(folder)
      .filter((segment) => segment >= position.segment)
      .reduce((sum, segment) => sum + segmentSize(folder, segment), 0) - position.offset

  return { position: () => position, next, behind }
}
