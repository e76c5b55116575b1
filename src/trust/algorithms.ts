import { type KeyObject, constants, verify } from 'node:crypto'

import {
  type Der,
  DerError,
  elementsOf,
  expect,
  integerOf,
  octetsOfBits,
  oidOf,
  readDer,
  smallOf,
  tags,
  wholeOf,
} from './der.ts'

/** What made a signature. `hash` is undefined where the algorithm brings its own. */
export interface SignatureAlgorithm {
  /** `rsa`, `rsa-pss`, `ec`, `ed25519`, `ed448`, or undefined when it is none that is accepted. */
  readonly kind: string | undefined
  readonly hash: string | undefined
  readonly saltLength: number
  /** For people. */
  readonly label: string
  /** The whole AlgorithmIdentifier. */
  readonly der: Buffer
}

const signatures: Readonly<Record<string, readonly [kind: string, hash: string | undefined]>> = {
  '1.2.840.113549.1.1.11': ['rsa', 'sha256'],
  '1.2.840.113549.1.1.12': ['rsa', 'sha384'],
  '1.2.840.113549.1.1.13': ['rsa', 'sha512'],
  '1.2.840.10045.4.3.2': ['ec', 'sha256'],
  '1.2.840.10045.4.3.3': ['ec', 'sha384'],
  '1.2.840.10045.4.3.4': ['ec', 'sha512'],
  '1.3.101.112': ['ed25519', undefined],
  '1.3.101.113': ['ed448', undefined],
}

const refused: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'RSA with MD2',
  '1.2.840.113549.1.1.4': 'RSA with MD5',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.3.14.3.2.29': 'RSA with SHA-1',
  '1.2.840.113549.1.1.14': 'RSA with SHA-224',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10045.4.3.1': 'ECDSA with SHA-224',
  '1.2.840.10040.4.3': 'DSA with SHA-1',
  '2.16.840.1.101.3.4.3.2': 'DSA with SHA-256',
}

const hashes: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const pss = '1.2.840.113549.1.1.10'
const mgf1 = '1.2.840.113549.1.1.8'

/** @throws DerError */
export function signatureAlgorithmOf(der: Der | undefined): SignatureAlgorithm {
  const [type, parameters, more] = elementsOf(expect(der, tags.sequence))
  const oid = oidOf(type)
  const common = { saltLength: 0, der: wholeOf(expect(der, tags.sequence)) }
  if (oid === pss) return { ...common, ...pssOf(parameters), kind: 'rsa-pss' }
  const [kind, hash] = signatures[oid] ?? []
  // RSA has NULL or nothing as parameters (RFC 4055, 5), all others nothing.
  const bare = parameters === undefined || (kind === 'rsa' && parameters.tag === tags.nothing)
  if (more !== undefined || (kind !== undefined && !bare))
    throw new DerError('a signature algorithm with odd parameters')
  const label = refused[oid] ?? ([kind?.toUpperCase(), hash].filter(Boolean).join(' ') || `the algorithm ${oid}`)
  return { ...common, kind, hash, label }
}

/** RSASSA-PSS-params (RFC 4055, 3.1); what is left out means SHA-1, which is not accepted. */
function pssOf(parameters: Der | undefined): { hash: string | undefined; saltLength: number; label: string } {
  const weak = { hash: undefined, saltLength: 0, label: 'RSA-PSS with a weak hash' }
  if (parameters === undefined) return weak
  const fields = new Map(
    elementsOf(expect(parameters, tags.sequence)).map((field) => [field.tag, elementsOf(field)[0]]),
  )
  const hashOf = (der: Der | undefined) =>
    der === undefined ? undefined : hashes[oidOf(elementsOf(expect(der, tags.sequence))[0])]
  const hash = hashOf(fields.get(0xa0))
  const mask = fields.get(0xa1)
  if (hash === undefined || mask === undefined) return weak
  const [maskType, maskHash] = elementsOf(expect(mask, tags.sequence))
  if (oidOf(maskType) !== mgf1 || hashOf(maskHash) !== hash) return weak
  const salt = fields.get(0xa2)
  return { hash, saltLength: salt === undefined ? 20 : smallOf(salt), label: `RSA-PSS ${hash}` }
}

/** False for an algorithm on a broken hash, or one that is not accepted at all. */
export const isAccepted = ({ kind, hash }: SignatureAlgorithm): boolean =>
  kind !== undefined && (hash !== undefined || kind.startsWith('ed'))

/** Whether a signature over these bytes was made with the private half of this key. Never throws. */
export function isSignedBy(key: KeyObject, algorithm: SignatureAlgorithm, content: Buffer, signature: Buffer): boolean {
  const fits =
    algorithm.kind === key.asymmetricKeyType || (algorithm.kind === 'rsa-pss' && key.asymmetricKeyType === 'rsa')
  if (!fits || !isAccepted(algorithm)) return false
  const { RSA_PKCS1_PSS_PADDING: padding } = constants
  try {
    return algorithm.kind === 'rsa-pss'
      ? verify(algorithm.hash, content, { key, padding, saltLength: algorithm.saltLength }, signature)
      : verify(algorithm.hash, content, key, signature)
  } catch {
    return false
  }
}

// P-256, P-384, P-521
const curves = new Set(['1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35'])

// A longer modulus or exponent serves nobody and makes each check slow.
const mostRsaBits = 8192
const mostExponentOctets = 8

/** What is known of a public key without using it. */
export interface KeyFacts {
  /** Undefined for keys that are not RSA. */
  readonly rsaBits: number | undefined
  /** Why it is never accepted, whatever is asked of RSA keys. */
  readonly weakness: string | undefined
}

const sound = { rsaBits: undefined, weakness: undefined }

/** @throws DerError */
export function keyFactsOf(spki: Der): KeyFacts {
  const [algorithm, bits, more] = elementsOf(expect(spki, tags.sequence))
  const [type, parameters] = elementsOf(expect(algorithm, tags.sequence))
  const key = octetsOfBits(bits)
  if (more !== undefined) throw new DerError('a public key with more after it')
  const oid = oidOf(type)
  switch (oid) {
    case '1.2.840.113549.1.1.1':
    case pss:
      return rsaFactsOf(key)
    case '1.2.840.10045.2.1':
      if (parameters?.tag !== tags.oid)
        return { ...sound, weakness: 'its elliptic curve is spelled out instead of named' }
      return curves.has(oidOf(parameters))
        ? sound
        : { ...sound, weakness: `its elliptic curve is ${oidOf(parameters)}` }
    case '1.3.101.112':
    case '1.3.101.113':
      return sound
    case '1.2.840.10040.4.1':
      return { ...sound, weakness: 'it is a DSA key' }
    default:
      return { ...sound, weakness: `it is a key of the kind ${oid}` }
  }
}

function rsaFactsOf(key: Buffer): KeyFacts {
  const [modulus, exponent] = elementsOf(readDer(key)).map((field) => integerOf(field))
  if (modulus === undefined || exponent === undefined) throw new DerError('an RSA key without its numbers')
  if ((modulus[0] ?? 0x80) >= 0x80) throw new DerError('an RSA key with a negative modulus')
  const leading = modulus[0] === 0 ? 1 : 0
  const rsaBits = (modulus.length - leading) * 8 - Math.clz32(modulus[leading] ?? 0) + 24
  const value = exponent.length <= mostExponentOctets ? BigInt(`0x${exponent.toString('hex')}`) : 0n
  const odd = (exponent[0] ?? 0x80) < 0x80 && value >= 3n && value % 2n === 1n
  if (!odd) return { rsaBits, weakness: 'the exponent of its RSA key is not sound' }
  if (rsaBits > mostRsaBits) return { rsaBits, weakness: `its RSA key has ${rsaBits} bits, more than ${mostRsaBits}` }
  const whole = rsaBits % 8 === 0
  return {
    rsaBits,
    weakness: whole ? undefined : `its RSA key has ${rsaBits} bits, which is no whole number of octets`,
  }
}

/** Why a public key is not accepted; undefined when it is. */
export function weaknessOf({ rsaBits, weakness }: KeyFacts, minimumRsaBits: number): string | undefined {
  if (rsaBits === undefined || rsaBits >= minimumRsaBits) return weakness
  return `its RSA key has ${rsaBits} bits, fewer than ${minimumRsaBits}`
}

/** The octets of a public key, without its algorithm: what OCSP and key identifiers hash. @throws DerError */
export const keyBitsOf = (spki: Der): Buffer => octetsOfBits(elementsOf(spki)[1])
