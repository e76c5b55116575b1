import { closeSync, openSync, readdirSync, readSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

const name = /^(\d{16})\.jsonl$/

export const segmentPath = (folder: string, segment: number): string =>
  join(folder, `${String(segment).padStart(16, '0')}.jsonl`)

/** Numbers of the segments in the folder, oldest first. */
export const listSegments = (folder: string): number[] =>
  readdirSync(folder)
    .flatMap((file) => name.exec(file)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)

/** Bytes; 0 where the segment is gone. */
export const segmentSize = (folder: string, segment: number): number =>
  statSync(segmentPath(folder, segment), { throwIfNoEntry: false })?.size ?? 0

/** Reads a segment from an offset into the buffer; returns how many bytes there were. */
export function readSegment(folder: string, segment: number, offset: number, into: Buffer): number {
  const file = openSync(segmentPath(folder, segment), 'r')
  try {
    let length = 0
    while (length < into.length) {
      const count = readSync(file, into, length, into.length - length, offset + length)
      if (count === 0) break
      length += count
    }
    return length
  } finally {
    closeSync(file)
  }
}

/** Deletes every segment older than the given one. */
export function deleteSegmentsBefore(folder: string, segment: number): void {
  for (const older of listSegments(folder)) {
    if (older < segment) unlinkSync(segmentPath(folder, older))
  }
}
