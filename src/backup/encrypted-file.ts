import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'

import type { ByteReader } from './byte-reader.ts'
import { faults } from './faults.ts'

/*
 * A line that says what the file is, a line of JSON with the parameters of the key, then chunks: four bytes of length,
 * ciphertext, tag. AES-256-GCM with a key of the file's own; the nonce is the number of the chunk, and a last byte of 1
 * in the last one. The head is bound into each chunk, so nothing can be changed, moved, repeated or cut off.
 */
const magic = 'sluice backup 1\n'
const chunkBytes = 1024 * 1024
const tagBytes = 16
const longestHead = 1024
const shortest = 12
const longest = 1024

/** Costs some 128 MB and half a second for each guess (OWASP's parameters for scrypt). */
const parameters = { name: 'scrypt', cost: 2 ** 17, blockSize: 8, parallelization: 1 } as const

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

/** The keys of a backup: for the file, and for the values that are sealed in it. */
export interface BackupKeys {
  readonly file: Buffer
  readonly seal: Buffer
}

async function keysOf(passphrase: string, salt: Buffer): Promise<BackupKeys> {
  const { cost, blockSize, parallelization } = parameters
  const options = { cost, blockSize, parallelization, maxmem: 256 * cost * blockSize }
  // The same characters typed on another system may be composed differently.
  const key = await derive(passphrase.normalize('NFC'), salt, 64, options)
  return { file: key.subarray(0, 32), seal: key.subarray(32) }
}

/** @throws backup.passphraseUnfit */
export async function newBackupKeys(passphrase: string): Promise<{ readonly head: Buffer; readonly keys: BackupKeys }> {
  if (passphrase.length < shortest || passphrase.length > longest)
    throw faults.passphraseUnfit({ least: shortest, most: longest })
  const salt = randomBytes(32)
  const head = Buffer.from(`${magic}${JSON.stringify({ ...parameters, salt: salt.toString('base64') })}\n`)
  return { head, keys: await keysOf(passphrase, salt) }
}

const nonceOf = (chunk: number, last: boolean): Buffer => {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(chunk, 7)
  nonce[11] = last ? 1 : 0
  return nonce
}

const boundIn = (head: Buffer): Buffer => createHash('sha256').update(head).digest()

/** The file of a content. */
export async function* encrypt(
  content: AsyncIterable<Buffer>,
  { head, keys }: { readonly head: Buffer; readonly keys: BackupKeys },
): AsyncGenerator<Buffer, void, undefined> {
  const associated = boundIn(head)
  let chunk = 0
  const seal = (plain: Buffer, last: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', keys.file, nonceOf(chunk++, last), { authTagLength: tagBytes })
    cipher.setAAD(associated)
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(sealed.length)
    return Buffer.concat([length, sealed])
  }
  yield head
  let rest: Buffer[] = []
  let size = 0
  for await (const part of content) {
    rest.push(part)
    size += part.length
    if (size < chunkBytes) continue
    let whole = Buffer.concat(rest)
    for (; whole.length >= chunkBytes; whole = whole.subarray(chunkBytes))
      yield seal(whole.subarray(0, chunkBytes), false)
    rest = [whole]
    size = whole.length
  }
  yield seal(Buffer.concat(rest), true)
}

/** Reads the head of a file. @throws backup.notBackup */
export async function readHead(
  file: ByteReader,
  passphrase: string,
): Promise<{ readonly head: Buffer; readonly keys: BackupKeys }> {
  const begin = await file.read(magic.length)
  if (begin?.toString('latin1') !== magic) throw faults.notBackup({ why: 'it does not begin like one' })
  const line = await file.readLine(longestHead)
  const salt = line && saltOf(line.toString('latin1'))
  if (line === undefined || salt === undefined) throw faults.notBackup({ why: 'its head cannot be read' })
  return { head: Buffer.concat([begin, line]), keys: await keysOf(passphrase, salt) }
}

/** Nobody may choose what deriving the key costs: only the parameters with which backups are written are taken. */
function saltOf(line: string): Buffer | undefined {
  try {
    const { salt, ...rest } = JSON.parse(line) as { readonly salt?: unknown }
    if (typeof salt !== 'string' || JSON.stringify(rest) !== JSON.stringify(parameters)) return undefined
    const bytes = Buffer.from(salt, 'base64')
    return bytes.length === 32 ? bytes : undefined
  } catch {
    return undefined
  }
}

/**
 * The content of a file whose head was read.
 * @throws backup.passphraseWrong, backup.damaged
 */
export async function* decrypt(
  file: ByteReader,
  { head, keys }: { readonly head: Buffer; readonly keys: BackupKeys },
): AsyncGenerator<Buffer, void, undefined> {
  const associated = boundIn(head)
  for (let chunk = 0; ; chunk++) {
    const length = (await file.read(4))?.readUInt32BE()
    if (length === undefined) throw faults.damaged({ why: 'its end is missing' })
    if (length < tagBytes || length > chunkBytes + tagBytes) throw faults.damaged({ why: `part ${chunk} has no size` })
    const sealed = await file.read(length)
    if (sealed === undefined) throw faults.damaged({ why: 'its end is missing' })
    const last = await file.atEnd()
    const decipher = createDecipheriv('aes-256-gcm', keys.file, nonceOf(chunk, last), { authTagLength: tagBytes })
    decipher.setAAD(associated)
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    let plain: Buffer
    try {
      plain = Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()])
    } catch (cause) {
      throw chunk === 0
        ? faults.passphraseWrong({}, { cause })
        : faults.damaged({ why: `part ${chunk} was changed or is not the next one` }, { cause })
    }
    yield plain
    if (last) return
  }
}
