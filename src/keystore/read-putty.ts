import * as crypto from 'node:crypto'
import { promisify } from 'node:util'

import { Fault } from '../base/index.ts'
import { faults } from './faults.ts'
import { sshCurves, sshReader, sshString } from './ssh-keys.ts'

/** A PuTTY file (versions 2 and 3, appendix C of its manual) by its headers. */
interface PuttyFile {
  readonly version: 2 | 3
  readonly algorithm: string
  readonly encryption: string
  readonly comment: string
  readonly open: Buffer
  readonly hidden: Buffer
  readonly mac: Buffer
  readonly header: (name: string) => string
}

const what = 'a PuTTY key file'
/** Bounds of what a file may ask of us: PuTTY itself writes 8 MB and a few dozen passes. */
const mostMemory = 64 * 1024
const mostPasses = 1_000

/** True for what begins as a PuTTY file does. */
export const isPutty = (text: string): boolean => text.startsWith('PuTTY-User-Key-File-')

/**
 * The private key of a PuTTY file: RSA, ECDSA or Ed25519. Its MAC is checked before anything of it is used.
 * @throws keystore.fileUnreadable, filePasswordWrong, fileUnsupported, keyUnfit
 */
export async function readPutty(text: string, password: string): Promise<crypto.KeyObject> {
  const file = parse(text)
  const encrypted = file.encryption !== 'none'
  if (encrypted && file.encryption !== 'aes256-cbc')
    throw faults.fileUnsupported({ what: `the cipher ${file.encryption}` })
  const { cipherKey, iv, macKey } = await keysOf(file, encrypted ? password : '', encrypted)
  if (encrypted && (file.hidden.length === 0 || file.hidden.length % 16 !== 0))
    throw faults.fileUnreadable({ what, why: 'its private part is cut off' })
  let plain = file.hidden
  if (encrypted) {
    const decipher = crypto.createDecipheriv('aes-256-cbc', cipherKey, iv).setAutoPadding(false)
    plain = Buffer.concat([decipher.update(file.hidden), decipher.final()])
  }
  const covered = [file.algorithm, file.encryption, file.comment, file.open, plain].map(sshString)
  const mac = crypto
    .createHmac(file.version === 2 ? 'sha1' : 'sha256', macKey)
    .update(Buffer.concat(covered))
    .digest()
  if (mac.length !== file.mac.length || !crypto.timingSafeEqual(mac, file.mac)) {
    if (encrypted) throw faults.filePasswordWrong({ what: 'this PuTTY key file' })
    throw faults.fileUnreadable({ what, why: 'its checksum does not fit' })
  }
  try {
    return keyOf(file, plain)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw faults.fileUnreadable({ what, why: 'its content is damaged' }, { cause })
  }
}

function parse(text: string): PuttyFile {
  const lines = text.split(/\r?\n/)
  const headers = new Map<string, string>()
  const blocks = new Map<string, Buffer>()
  for (let at = 0; at < lines.length; at++) {
    const [, name = '', value = ''] = /^([A-Za-z0-9-]+): (.*)$/.exec(lines[at] ?? '') ?? []
    if (name === '') continue
    headers.set(name, value)
    if (!name.endsWith('-Lines')) continue
    const count = Number(value)
    if (!Number.isInteger(count) || count < 0 || count > 200)
      throw faults.fileUnreadable({ what, why: 'it is cut off' })
    blocks.set(name, Buffer.from(lines.slice(at + 1, at + 1 + count).join(''), 'base64'))
    at += count
  }
  const [, version] = /^PuTTY-User-Key-File-([0-9]+)/.exec(lines[0] ?? '') ?? []
  if (version !== '2' && version !== '3') throw faults.fileUnsupported({ what: `version ${version} of PuTTY files` })
  const header = (name: string): string => headers.get(name) ?? ''
  return {
    version: version === '2' ? 2 : 3,
    algorithm: header(`PuTTY-User-Key-File-${version}`),
    encryption: header('Encryption'),
    comment: header('Comment'),
    open: blocks.get('Public-Lines') ?? Buffer.alloc(0),
    hidden: blocks.get('Private-Lines') ?? Buffer.alloc(0),
    mac: Buffer.from(header('Private-MAC'), 'hex'),
    header,
  }
}

async function keysOf(file: PuttyFile, password: string, encrypted: boolean) {
  if (file.version === 2) {
    const sha1 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
      const digest = crypto.createHash('sha1')
      for (const part of parts) digest.update(part)
      return digest.digest()
    }
    const draw = (count: number): Buffer => sha1(Uint8Array.of(0, 0, 0, count), password)
    return {
      cipherKey: Buffer.concat([draw(0), draw(1)]).subarray(0, 32),
      iv: Buffer.alloc(16),
      macKey: sha1('putty-private-key-file-mac-key', password),
    }
  }
  if (!encrypted) return { cipherKey: Buffer.alloc(0), iv: Buffer.alloc(0), macKey: Buffer.alloc(0) }
  const drawn = await argon(file, password)
  return { cipherKey: drawn.subarray(0, 32), iv: drawn.subarray(32, 48), macKey: drawn.subarray(48, 80) }
}

async function argon({ header }: PuttyFile, password: string): Promise<Buffer> {
  const variant = header('Key-Derivation').toLowerCase()
  const [memory, passes, parallelism] = ['Argon2-Memory', 'Argon2-Passes', 'Argon2-Parallelism'].map((name) =>
    Number(header(name)),
  ) as [number, number, number]
  const salt = Buffer.from(header('Argon2-Salt'), 'hex')
  if (variant !== 'argon2id' && variant !== 'argon2i' && variant !== 'argon2d')
    throw faults.fileUnsupported({ what: `keys by ${variant}` })
  if (
    !(
      memory >= 8 &&
      memory <= mostMemory &&
      passes >= 1 &&
      passes <= mostPasses &&
      parallelism >= 1 &&
      parallelism <= 8
    )
  )
    throw faults.fileUnsupported({ what: `Argon2 with ${memory} kB, ${passes} passes, ${parallelism} lanes` })
  const derive = promisify(crypto.argon2)
  return await derive(variant, { message: password, nonce: salt, parallelism, tagLength: 80, memory, passes })
}

const base64url = (bytes: Buffer): string => {
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from++
  return bytes.subarray(from).toString('base64url')
}

/** The same with the zeros in front that a JWK wants. */
const padded = (bytes: Buffer, length: number): string => {
  const significant = Buffer.from(base64url(bytes), 'base64url')
  return Buffer.concat([Buffer.alloc(Math.max(0, length - significant.length)), significant]).toString('base64url')
}

function keyOf({ algorithm, open }: PuttyFile, hidden: Buffer): crypto.KeyObject {
  const shown = sshReader(open)
  const secret = sshReader(hidden)
  if (shown.next().toString() !== algorithm) throw new Error('its parts are of two kinds')
  if (algorithm === 'ssh-rsa') return rsaOf(shown.next(), shown.next(), secret)
  if (algorithm === 'ssh-ed25519') {
    const key = { kty: 'OKP', crv: 'Ed25519', x: shown.next().toString('base64url'), d: padded(secret.next(), 32) }
    return crypto.createPrivateKey({ key, format: 'jwk' })
  }
  const name = shown.next().toString()
  const curve = Object.entries(sshCurves).find(([, ssh]) => algorithm === `ecdsa-sha2-${ssh}` && ssh === name)?.[0]
  if (curve === undefined) throw faults.keyUnfit({ why: `it is of the type ${algorithm}` })
  const length = { prime256v1: 32, secp384r1: 48, secp521r1: 66 }[curve] ?? 0
  const point = shown.next()
  const [x, y] = [point.subarray(1, 1 + length), point.subarray(1 + length)].map((each) => each.toString('base64url'))
  const crv = `P-${name.slice(5)}`
  const key = { kty: 'EC', crv, x: x ?? '', y: y ?? '', d: padded(secret.next(), length) }
  return crypto.createPrivateKey({ key, format: 'jwk' })
}

function rsaOf(e: Buffer, n: Buffer, secret: { readonly next: () => Buffer }): crypto.KeyObject {
  const [d, p, q, qi] = [secret.next(), secret.next(), secret.next(), secret.next()]
  const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`)
  const remainder = (prime: Buffer): Buffer => {
    const hex = (number(d) % (number(prime) - 1n)).toString(16)
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  }
  const parts = { n, e, d, p, q, dp: remainder(p), dq: remainder(q), qi }
  const key = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, base64url(bytes)]))
  return crypto.createPrivateKey({ key: { kty: 'RSA', ...key }, format: 'jwk' })
}
