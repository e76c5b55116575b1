import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'

import { Fault } from '../base/index.ts'
import { readCertificateBundle } from './certificate-bundle.ts'
import { fingerprintOf, readCertificates } from './certificates.ts'
import { chainFrom, leafOf } from './chains.ts'
import { faults } from './faults.ts'
import { readPkcs12 } from './pkcs12.ts'

/** What a file of keys and certificates holds. */
export interface KeyFile {
  readonly format: 'PKCS#12' | 'JKS' | 'JCEKS' | 'PEM' | 'DER' | 'OpenSSH' | 'PuTTY'
  readonly keyPairs: readonly {
    readonly alias: string | undefined
    /** Leaf first; empty for a key without a certificate. */
    readonly chain: readonly X509Certificate[]
    readonly key: KeyObject
  }[]
  readonly certificates: readonly { readonly alias: string | undefined; readonly certificate: X509Certificate }[]
}

/**
 * Reads a file of keys: PKCS#12, JKS, JCEKS, PEM (PKCS#1, SEC 1, PKCS#8, certificates), DER of one key, OpenSSH,
 * PuTTY. The password is that of the file and of the keys in it; '' for a file without.
 * @throws keystore.fileUnreadable, filePasswordWrong, fileUnsupported, keyUnfit, and the pkcs12 faults
 */
export async function readKeyFile(bytes: Uint8Array, password: string): Promise<KeyFile> {
  const buffer = Buffer.from(bytes)
  if (buffer.length === 0) throw faults.fileUnreadable({ what: 'a key file', why: 'it is empty' })
  const { isJavaKeystore } = await import('./java-keystore.ts')
  if (isJavaKeystore(buffer)) return javaFile(buffer, password)
  if (buffer[0] === 0x30) return binaryFile(buffer, password)
  const text = buffer
    .toString('utf8')
    .replaceAll(/\\r|\\n/g, '\n')
    .trim()
  const { isPutty, readPutty } = await import('./read-putty.ts')
  if (isPutty(text)) return { format: 'PuTTY', ...keyAlone(await readPutty(text, password)) }
  if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----'))
    return { format: 'OpenSSH', ...keyAlone(await readOpenSsh(text, password)) }
  if (text.includes('-----BEGIN ')) return pemFile(text, password)
  const bare = /^[A-Za-z0-9+/=\s]+$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  if (bare[0] === 0x30) return binaryFile(bare, password)
  throw faults.fileUnreadable({ what: 'a key file', why: 'it is of no known format' })
}

const keyAlone = (key: KeyObject) => ({ keyPairs: [{ alias: undefined, chain: [], key }], certificates: [] })

async function javaFile(bytes: Buffer, password: string): Promise<KeyFile> {
  const { readJavaKeystore } = await import('./java-keystore.ts')
  const keyPairs: { alias: string; chain: readonly X509Certificate[]; key: KeyObject }[] = []
  const certificates: { alias: string; certificate: X509Certificate }[] = []
  for (const { alias, chain, key } of readJavaKeystore(bytes, password)) {
    const [first] = chain
    if (key !== undefined) keyPairs.push({ alias, chain, key })
    else if (first !== undefined) certificates.push({ alias, certificate: first })
  }
  return { format: bytes[0] === 0xfe ? 'JKS' : 'JCEKS', keyPairs, certificates }
}

async function binaryFile(bytes: Buffer, password: string): Promise<KeyFile> {
  // A PKCS#12 file is the only one of them that begins with the number 3.
  const start = bytes.subarray(0, 16).toString('hex')
  if (/^30(?:80|[0-7][0-9a-f]|81..|82....|83......|84........)020103/.test(start)) {
    const { keyPairs, certificates } = await readPkcs12(bytes, password)
    return {
      format: 'PKCS#12',
      keyPairs: keyPairs.map(({ alias, chain, key }) => ({
        alias,
        chain: chain === '' ? [] : readCertificates(chain),
        key,
      })),
      certificates,
    }
  }
  const key = binaryKey(bytes, password)
  if (key !== undefined) return { format: 'DER', ...keyAlone(key) }
  const certificates = readCertificateBundle(bytes).map((certificate) => ({ alias: undefined, certificate }))
  return { format: 'DER', keyPairs: [], certificates }
}

function binaryKey(bytes: Buffer, password: string): KeyObject | undefined {
  let wrong: unknown
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: bytes, format: 'der', type, ...(password !== '' && { passphrase: password }) })
    } catch (cause) {
      if (isWrongPassword(cause)) wrong = cause
    }
  }
  if (wrong !== undefined) throw faults.filePasswordWrong({ what: 'this private key' }, { cause: wrong })
  return undefined
}

const isWrongPassword = (cause: unknown): boolean =>
  ['ERR_OSSL_BAD_DECRYPT', 'ERR_MISSING_PASSPHRASE', 'ERR_OSSL_BAD_PASSWORD_READ'].includes(
    String((cause as { readonly code?: unknown }).code),
  )

async function readOpenSsh(text: string, password: string): Promise<KeyObject> {
  const what = 'an OpenSSH private key'
  const [block = ''] = /-----BEGIN OPENSSH PRIVATE KEY-----[\s\S]*?-----END OPENSSH PRIVATE KEY-----/.exec(text) ?? []
  if (block === '') throw faults.fileUnreadable({ what, why: 'it is cut off' })
  checkRounds(block)
  const { default: ssh2 } = await import('ssh2')
  const read = ssh2.utils.parseKey(`${block}\n`, password)
  const parsed = Array.isArray(read) ? read[0] : read
  if (parsed === undefined || parsed instanceof Error) {
    const words = parsed?.message ?? ''
    if (/passphrase|decrypt|integrity/i.test(words))
      throw faults.filePasswordWrong({ what: 'this OpenSSH private key' })
    throw faults.fileUnreadable({ what, why: 'its content is damaged or of an unknown kind' }, { cause: parsed })
  }
  return pemKey(parsed.getPrivatePEM(), '')
}

/** A file may ask for so many rounds of bcrypt; `ssh-keygen` writes 16 to 24 unless told otherwise. */
const mostRounds = 1_000

function checkRounds(block: string): void {
  const bytes = Buffer.from(block.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64')
  const at = bytes.indexOf('\0\0\0\x06bcrypt')
  if (at < 0 || at > 64 || at + 18 > bytes.length) return
  const salt = bytes.readUInt32BE(at + 14)
  const place = at + 18 + salt
  const rounds = place + 4 <= bytes.length ? bytes.readUInt32BE(place) : 0
  if (rounds > mostRounds) throw faults.fileUnsupported({ what: `${rounds} rounds of bcrypt` })
}

const privateBlock = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g

function pemFile(text: string, password: string): KeyFile {
  const keys = [...text.matchAll(privateBlock)].map(([block]) => pemKey(block, password))
  const rest = text.replaceAll(privateBlock, '')
  if (rest.includes('PRIVATE KEY')) throw faults.fileUnreadable({ what: 'a key file', why: 'a private key is cut off' })
  const certificates = rest.includes('-----BEGIN ') ? readCertificateBundle(withoutOthers(rest)) : []
  const used = new Set<string>()
  const keyPairs = keys.map((key) => {
    const leaf = leafOf(key, certificates)
    const chain = leaf === undefined ? [] : chainFrom(leaf, certificates)
    for (const each of chain) used.add(fingerprintOf(each))
    return { alias: undefined, chain, key }
  })
  const alone = certificates.filter((each) => !used.has(fingerprintOf(each)))
  return { format: 'PEM', keyPairs, certificates: alone.map((certificate) => ({ alias: undefined, certificate })) }
}

/** OpenSSL writes the parameters of a curve in front of its key. */
const withoutOthers = (text: string): string =>
  text.replaceAll(/-----BEGIN (EC PARAMETERS|PUBLIC KEY|RSA PUBLIC KEY)-----[\s\S]*?-----END \1-----/g, '')

function pemKey(pem: string, password: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(password !== '' && { passphrase: password }) })
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (isWrongPassword(cause) || pem.includes('ENCRYPTED'))
      throw faults.filePasswordWrong({ what: 'this private key' }, { cause })
    if (pem.includes('DSA PRIVATE KEY') && !pem.includes('ECDSA'))
      throw faults.keyUnfit({ why: 'DSA is not secure any more' }, { cause })
    throw faults.fileUnreadable(
      { what: 'a private key', why: 'its content is damaged or of an unknown kind' },
      { cause },
    )
  }
}

const curves = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** Of the kinds and sizes that are kept. @throws keystore.keyUnfit */
export function checkKeyStrength({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): void {
  const refuse = (why: string): Fault => faults.keyUnfit({ why })
  if (type === 'ed25519') return
  if (type === 'dsa') throw refuse('DSA is not secure any more')
  if (type === 'ec') {
    if (curves.has(details.namedCurve ?? '')) return
    throw refuse(`its curve is ${details.namedCurve ?? 'not a named one'}`)
  }
  if (type !== 'rsa') throw refuse(`it is of the type ${type ?? 'unknown'}`)
  const { modulusLength = 0 } = details
  if (modulusLength < 2048 || modulusLength > 8192) throw refuse(`RSA with ${modulusLength} bits`)
}
