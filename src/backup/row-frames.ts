import type { ByteReader } from './byte-reader.ts'
import { faults } from './faults.ts'
import type { BackupRow } from './ports.ts'

/*
 * The content of a backup: frames of four bytes of length and JSON. The first says what schema the rows are of, the last
 * how many there were; those between are rows, each followed by its columns of bytes with their lengths.
 */
interface Head {
  readonly schema: string
  /** Milliseconds since 1970. */
  readonly created: number
}

interface Frame extends Partial<Head> {
  readonly table?: string
  readonly values?: Readonly<Record<string, string | number | null>>
  readonly blobs?: readonly string[]
  readonly end?: number
}

const mostBytes = 1024 * 1024 * 1024

function framed(bytes: Uint8Array): readonly Buffer[] {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return [length, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)]
}

const frameOf = (frame: Frame): readonly Buffer[] => framed(Buffer.from(JSON.stringify(frame)))

/** The bytes of rows, with their head. */
export async function* writeFrames(
  head: Head,
  rows: AsyncIterable<BackupRow>,
): AsyncGenerator<Buffer, void, undefined> {
  yield* frameOf(head)
  let count = 0
  for await (const { table, values } of rows) {
    const entries = Object.entries(values)
    const blobs = entries.flatMap(([name, value]) => (value instanceof Uint8Array ? [[name, value] as const] : []))
    const plain = entries.flatMap(([name, value]) => (value instanceof Uint8Array ? [] : [[name, value] as const]))
    yield* frameOf({ table, values: Object.fromEntries(plain), blobs: blobs.map(([name]) => name) })
    for (const [, blob] of blobs) yield* framed(blob)
    count++
  }
  yield* frameOf({ end: count })
}

async function readFramed(content: ByteReader): Promise<Buffer> {
  const length = (await content.read(4))?.readUInt32BE()
  const bytes = length === undefined || length > mostBytes ? undefined : await content.read(length)
  if (bytes === undefined) throw faults.damaged({ why: 'its content ends too early' })
  return bytes
}

async function readFrame(content: ByteReader): Promise<Frame> {
  const bytes = await readFramed(content)
  try {
    return JSON.parse(bytes.toString()) as Frame
  } catch (cause) {
    throw faults.damaged({ why: 'its content cannot be read' }, { cause })
  }
}

/** @throws backup.damaged */
export async function readContentHead(content: ByteReader): Promise<Head> {
  const { schema, created } = await readFrame(content)
  if (schema === undefined || created === undefined) throw faults.damaged({ why: 'its content has no head' })
  return { schema, created }
}

/** The rows after the head. @throws backup.damaged */
export async function* readRows(content: ByteReader): AsyncGenerator<BackupRow, void, undefined> {
  for (let count = 0; ; count++) {
    const { table, values, blobs, end } = await readFrame(content)
    if (end !== undefined) {
      if (end !== count || !(await content.atEnd())) throw faults.damaged({ why: 'rows are missing' })
      return
    }
    if (table === undefined || values === undefined) throw faults.damaged({ why: 'it holds what is no row' })
    const whole: Record<string, string | number | null | Uint8Array> = { ...values }
    for (const name of blobs ?? []) whole[name] = await readFramed(content)
    yield { table, values: whole }
  }
}
