import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  hash,
  type KeyObject,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto'

import { Fault } from '../base/index.ts'
import { readAsn1 } from './asn1.ts'
import { faults } from './faults.ts'
import { skipJavaObject } from './skip-java-object.ts'

/** An entry of a Java keystore. A key has a chain, a trusted certificate has no key. */
export interface JavaEntry {
  readonly alias: string
  readonly chain: readonly X509Certificate[]
  readonly key: KeyObject | undefined
}

const magics = { jks: 0xfeedfeed, jceks: 0xcececece }
const whitener = 'Mighty Aphrodite'
const mostEntries = 10_000
const mostRounds = 5_000_000

const oids = {
  jks: '1.3.6.1.4.1.42.2.17.1.1',
  jceks: '1.3.6.1.4.1.42.2.19.1',
}

/** True for what begins as JKS or JCEKS does. */
export const isJavaKeystore = (bytes: Uint8Array): boolean => {
  const magic = bytes.length < 4 ? 0 : Buffer.from(bytes.subarray(0, 4)).readUInt32BE()
  return magic === magics.jks || magic === magics.jceks
}

const doubleBytes = (password: string): Buffer => Buffer.from(password, 'utf16le').swap16()

const digestOf = (password: string, content: Uint8Array): Buffer =>
  createHash('sha1').update(doubleBytes(password)).update(whitener).update(content).digest()

/**
 * Reads JKS or JCEKS as Java writes them; their checksum is verified before anything of them is used. Secret keys, of
 * which JCEKS can have some, are left out, and so are certificates other than X.509.
 * @throws keystore.fileUnreadable, filePasswordWrong, fileUnsupported
 */
export function readJavaKeystore(bytes: Uint8Array, password: string): readonly JavaEntry[] {
  const buffer = Buffer.from(bytes)
  const kind = buffer.readUInt32BE(0) === magics.jks ? 'JKS' : 'JCEKS'
  const content = buffer.subarray(0, -20)
  if (buffer.length < 32) throw faults.fileUnreadable({ what: `a ${kind} keystore`, why: 'it is cut off' })
  if (!timingSafeEqual(digestOf(password, content), buffer.subarray(-20)))
    throw faults.filePasswordWrong({ what: `this ${kind} keystore` })
  try {
    return readEntries(content, password)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw faults.fileUnreadable({ what: `a ${kind} keystore`, why: 'its content is damaged' }, { cause })
  }
}

function readEntries(content: Buffer, password: string): readonly JavaEntry[] {
  let at = 4
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > content.length) throw new Error('it ends too early')
    at += length
    return content.subarray(at - length, at)
  }
  const number = (): number => take(4).readInt32BE()
  const text = (): string => modifiedUtf8(take(take(2).readUInt16BE()))
  const version = number()
  if (version !== 1 && version !== 2) throw faults.fileUnsupported({ what: `version ${version} of Java keystores` })
  const certificate = (): X509Certificate | undefined => {
    const type = version === 2 ? text() : 'X.509'
    const der = take(number())
    return type === 'X.509' ? new X509Certificate(der) : undefined
  }
  const count = number()
  if (count < 0 || count > mostEntries) throw faults.fileUnsupported({ what: `${count} entries` })
  const entries: JavaEntry[] = []
  for (let index = 0; index < count; index++) {
    const tag = number()
    const alias = text()
    take(8)
    if (tag === 1) {
      const sealed = take(number())
      const chain = Array.from({ length: checked(number()) }, certificate).filter((each) => each !== undefined)
      entries.push({ alias, chain, key: keyOf(sealed, password) })
    } else if (tag === 2) {
      const trusted = certificate()
      if (trusted !== undefined) entries.push({ alias, chain: [trusted], key: undefined })
    } else if (tag === 3) at = skipJavaObject(content, at)
    else throw new Error(`entry ${index + 1} is of an unknown kind`)
  }
  return entries
}

function checked(length: number): number {
  if (length < 0 || length > 100) throw new Error('a chain has an odd length')
  return length
}

/** Java writes zero in two bytes and what is beyond 16 bits as two surrogates. */
const modifiedUtf8 = (bytes: Buffer): string => {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const [one = 0, two = 0, three = 0] = bytes.subarray(at, at + 3)
    const length = one < 0x80 ? 1 : one < 0xe0 ? 2 : 3
    text += String.fromCharCode(
      length === 1
        ? one
        : length === 2
          ? ((one & 0x1f) << 6) | (two & 0x3f)
          : ((one & 0xf) << 12) | ((two & 0x3f) << 6) | (three & 0x3f),
    )
    at += length
  }
  return text
}

function keyOf(sealed: Buffer, password: string): KeyObject {
  const info = readAsn1(sealed)
  const [algorithm, octets] = [info.part(0), info.part(1).octets()]
  const scheme = algorithm.part(0).oid()
  if (scheme !== oids.jks && scheme !== oids.jceks) throw faults.fileUnsupported({ what: `the cipher ${scheme}` })
  const plain =
    scheme === oids.jks
      ? openJks(octets, password)
      : openJceks(octets, password, algorithm.part(1).part(0).octets(), algorithm.part(1).part(1).integer())
  return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
}

const wrongKeyPassword = () => faults.filePasswordWrong({ what: 'a private key in this keystore' })

/** Sun's key protector: a stream of SHA-1 hashes over the password, each over the one before. */
function openJks(sealed: Buffer, password: string): Buffer {
  const [salt, hidden, check] = [sealed.subarray(0, 20), sealed.subarray(20, -20), sealed.subarray(-20)]
  const word = doubleBytes(password)
  const plain = Buffer.alloc(hidden.length)
  let digest = Buffer.from(salt)
  for (let at = 0; at < hidden.length; at++) {
    if (at % 20 === 0) digest = createHash('sha1').update(word).update(digest).digest()
    plain[at] = (hidden[at] ?? 0) ^ (digest[at % 20] ?? 0)
  }
  const found = createHash('sha1').update(word).update(plain).digest()
  if (check.length !== 20 || !timingSafeEqual(found, check)) throw wrongKeyPassword()
  return plain
}

/** PBEWithMD5AndTripleDES of SunJCE: a key of its own out of either half of the salt. */
function openJceks(sealed: Buffer, password: string, given: Buffer, rounds: number): Buffer {
  if (given.length !== 8 || rounds < 1 || rounds > mostRounds)
    throw faults.fileUnsupported({ what: `${rounds} rounds of hashing` })
  if (!/^[\x20-\x7e]*$/.test(password)) throw wrongKeyPassword()
  const salt = Buffer.from(given)
  // Two equal halves would give a key of half the strength; Java turns the first one, in its own way.
  if (salt.subarray(0, 4).equals(salt.subarray(4)))
    for (let at = 0; at < 2; at++) {
      const kept = salt[at] ?? 0
      salt[at] = salt[3 - at] ?? 0
      salt[2] = kept
    }
  const halves = [salt.subarray(0, 4), salt.subarray(4)].map((half) => {
    let drawn = Buffer.from(half)
    for (let round = 0; round < rounds; round++)
      drawn = hash('md5', Buffer.concat([drawn, Buffer.from(password, 'latin1')]), 'buffer')
    return drawn
  })
  const drawn = Buffer.concat(halves)
  try {
    const decipher = createDecipheriv('des-ede3-cbc', drawn.subarray(0, 24), drawn.subarray(24))
    return Buffer.concat([decipher.update(sealed), decipher.final()])
  } catch (cause) {
    throw faults.filePasswordWrong({ what: 'a private key in this keystore' }, { cause })
  }
}

/** A keystore of trusted certificates, which Java opens without a password. */
export function writeJavaCertificates(
  entries: readonly { readonly alias: string; readonly certificate: X509Certificate; readonly at: number }[],
  format: 'JKS' | 'JCEKS',
): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const text = (value: string): Buffer => {
    const bytes = javaUtf8(value)
    return Buffer.concat([number(bytes.length).subarray(2), bytes])
  }
  const written = entries.flatMap(({ alias, certificate, at }) => {
    const time = Buffer.alloc(8)
    time.writeBigInt64BE(BigInt(at))
    return [number(2), text(alias), time, text('X.509'), number(certificate.raw.length), certificate.raw]
  })
  const content = Buffer.concat([
    number(format === 'JKS' ? magics.jks : magics.jceks),
    number(2),
    number(entries.length),
    ...written,
  ])
  return Buffer.concat([content, digestOf('', content)])
}

function javaUtf8(value: string): Buffer {
  const bytes: number[] = []
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at)
    if (unit > 0 && unit < 0x80) bytes.push(unit)
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f))
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
  }
  return Buffer.from(bytes)
}
