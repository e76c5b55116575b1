import { constants, type KeyObject, sign, verify } from 'node:crypto'

interface Algorithm {
  /** Key type as Node names it. */
  readonly key: 'rsa' | 'ec' | 'ed25519'
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512' | null
  readonly pss?: true
  /** Curve that JOSE ties to the algorithm. */
  readonly curve?: string
  /** Its name in XML signatures. */
  readonly uri: string
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const more2007 = 'http://www.w3.org/2007/05/xmldsig-more#'

/** What signs, by JOSE name (RFC 7518, RFC 8037). `RS1` is for SAML of providers that may use SHA-1. Nothing symmetric. */
const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: { key: 'rsa', hash: 'sha256', uri: `${more}rsa-sha256` },
  RS384: { key: 'rsa', hash: 'sha384', uri: `${more}rsa-sha384` },
  RS512: { key: 'rsa', hash: 'sha512', uri: `${more}rsa-sha512` },
  PS256: { key: 'rsa', hash: 'sha256', pss: true, uri: `${more2007}sha256-rsa-MGF1` },
  PS384: { key: 'rsa', hash: 'sha384', pss: true, uri: `${more2007}sha384-rsa-MGF1` },
  PS512: { key: 'rsa', hash: 'sha512', pss: true, uri: `${more2007}sha512-rsa-MGF1` },
  ES256: { key: 'ec', hash: 'sha256', curve: 'prime256v1', uri: `${more}ecdsa-sha256` },
  ES384: { key: 'ec', hash: 'sha384', curve: 'secp384r1', uri: `${more}ecdsa-sha384` },
  ES512: { key: 'ec', hash: 'sha512', curve: 'secp521r1', uri: `${more}ecdsa-sha512` },
  EdDSA: { key: 'ed25519', hash: null, uri: 'http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519' },
  RS1: { key: 'rsa', hash: 'sha1', uri: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' },
}

/** Digests of XML signatures by their names there. */
export const digests: Readonly<Record<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
  'http://www.w3.org/2000/09/xmldsig#sha1': 'sha1',
}

/** JOSE names that may sign a JWT. */
export const joseNames: readonly string[] = Object.keys(algorithms).filter((name) => name !== 'RS1')

/** JOSE name of a SignatureMethod; undefined for what is not known. */
export const nameOfUri = (uri: string): string | undefined =>
  Object.entries(algorithms).find(([, algorithm]) => algorithm.uri === uri)?.[0]

export const uriOfName = (name: string): string => algorithms[name]?.uri ?? ''

/** Whether a key may be used so: its type, RSA of 2048 bits and more, and the curve that the name stands for. */
export function fits(name: string, key: KeyObject): boolean {
  const algorithm = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
  if (algorithm === undefined || key.asymmetricKeyType !== algorithm.key) return false
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (algorithm.key === 'rsa') return modulusLength >= 2048
  return algorithm.curve === undefined || namedCurve === algorithm.curve
}

/** The name of the algorithm that a key is for, where nobody says one. */
export const usualName = (key: KeyObject): string | undefined =>
  ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'].find((name) => fits(name, key))

const keyed = ({ pss }: Algorithm, key: KeyObject) => ({
  key,
  // JOSE and XML signatures both hold ECDSA as r and s, one after the other (RFC 7518 3.4, RFC 6931 2.3.6).
  dsaEncoding: 'ieee-p1363' as const,
  ...(pss === true && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
})

/** Whether a signature is right. False for a key that does not fit, and for whatever cannot be checked. */
export function isSignature(name: string, key: KeyObject, content: Uint8Array, signature: Uint8Array): boolean {
  const algorithm = algorithms[name]
  if (algorithm === undefined || key.type !== 'public' || !fits(name, key)) return false
  try {
    return verify(algorithm.hash, content, keyed(algorithm, key), signature)
  } catch {
    return false
  }
}

/** Signs; the key has to fit. */
export function signatureOf(name: string, key: KeyObject, content: Uint8Array): Buffer {
  const algorithm = algorithms[name]
  if (algorithm === undefined || !fits(name, key)) throw new TypeError(`the key does not fit ${name}`)
  return sign(algorithm.hash, content, keyed(algorithm, key))
}
