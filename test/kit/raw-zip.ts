import { crc32, deflateRawSync } from 'node:zlib'

/** An entry of a zip, in which everything may be a lie. */
export interface RawEntry {
  readonly name: string | Buffer
  readonly content?: string | Buffer
  /** 0 stored, 8 deflated. */
  readonly method?: number
  readonly flags?: number
  /** Unix mode, such as 0o120777 for a link. */
  readonly mode?: number
  /** Size announced, where it is not the true one. */
  readonly announced?: number
  readonly checksum?: number
}

/** Writes a zip byte by byte, for zips that no proper writer would write. */
export function rawZip(entries: readonly RawEntry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content = '', method = 8, flags = 0x800, mode = 0o100644, announced, checksum } of entries) {
    const plain = Buffer.from(content)
    const packed = method === 8 ? deflateRawSync(plain) : plain
    const path = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(checksum ?? crc32(plain), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(announced ?? plain.length, 18)
    common.writeUInt16LE(path.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, path, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((mode << 16) >>> 0) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), common, tail, path)
    locals.push(local)
    offset += local.length
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}
