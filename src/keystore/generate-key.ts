import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

import { faults } from './faults.ts'
import { loadX509 } from './x509-library.ts'

/** Who a certificate names; what is absent is left out. */
export interface SubjectRequest {
  readonly commonName: string
  readonly organizationUnit?: string
  readonly organization?: string
  readonly locality?: string
  readonly state?: string
  /** Two letters of ISO 3166. */
  readonly country: string
  readonly email?: string
}

/** A key pair to be made, in the words of the original. */
export interface GenerationRequest extends SubjectRequest {
  /** `RSA` when absent. */
  readonly keyType?: string
  /** RSA 2048 to 4096; EC 256, 384, 521, where a number between means the next curve. */
  readonly keySize?: number
  /** Name of the curve, such as `secp256r1` or `NIST P-256`. */
  readonly curve?: string
  /** Such as `SHA-512/RSA`; the hyphen may be missing. */
  readonly signatureAlgorithm?: string
  /** Milliseconds since 1970. */
  readonly validFrom?: number
  readonly validTo?: number
}

type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512'

const curveNames: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
}

const curveAliases: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

const year = 365 * 86_400_000
const latest = Date.UTC(9999, 11, 31)

interface Plan {
  readonly kind: { readonly rsa: number } | { readonly curve: string } | 'ed25519'
  readonly hash: Hash
}

/**
 * Makes a key pair with a self-signed certificate. `years` is how long it is valid where the request does not say.
 * @throws keystore.requestInvalid naming all that is wrong
 */
export async function generateKey(
  request: GenerationRequest,
  given: { readonly now: number; readonly years: number },
): Promise<{ readonly key: KeyObject; readonly chain: string }> {
  const problems: string[] = []
  const plan = planOf(request, problems)
  checkSubject(request, problems)
  checkWindow(request, given, problems)
  if (problems.length > 0 || plan === undefined) throw faults.requestInvalid({ problems })
  const key = await newKey(plan)
  return { key, chain: await selfSigned(key, request, given, plan.hash) }
}

/**
 * A self-signed certificate for a key that came without one.
 * @throws keystore.requestInvalid naming all that is wrong
 */
export async function certifyKey(
  key: KeyObject,
  request: SubjectRequest & Pick<GenerationRequest, 'signatureAlgorithm' | 'validFrom' | 'validTo'>,
  given: { readonly now: number; readonly years: number },
): Promise<string> {
  const problems: string[] = []
  const type = key.asymmetricKeyType === 'rsa' ? 'RSA' : key.asymmetricKeyType === 'ec' ? 'EC' : 'ED25519'
  const hash = hashOf(request.signatureAlgorithm, type, problems)
  checkSubject(request, problems)
  checkWindow(request, given, problems)
  if (problems.length > 0) throw faults.requestInvalid({ problems })
  return selfSigned(key, request, given, hash)
}

function planOf(request: GenerationRequest, problems: string[]): Plan | undefined {
  const type = (request.keyType ?? 'RSA').toUpperCase()
  if (type === 'DSA') problems.push('keys of the type DSA are not made any more: it is not secure (FIPS 186-5)')
  else if (type !== 'RSA' && type !== 'EC' && type !== 'ED25519')
    problems.push(`'${request.keyType}' is no type of key; there are RSA, EC and ED25519`)
  else {
    const hash = hashOf(request.signatureAlgorithm, type, problems)
    if (type === 'ED25519') return { kind: 'ed25519', hash }
    const kind = type === 'RSA' ? rsaOf(request.keySize ?? 4096, problems) : ecOf(request, problems)
    return kind && { kind, hash }
  }
  return undefined
}

function rsaOf(bits: number, problems: string[]): Plan['kind'] | undefined {
  if (Number.isInteger(bits) && bits >= 2048 && bits <= 4096 && bits % 8 === 0) return { rsa: bits }
  problems.push(`an RSA key cannot have ${bits} bits; 2048 to 4096 are possible`)
  return undefined
}

function ecOf({ curve, keySize }: GenerationRequest, problems: string[]): Plan['kind'] | undefined {
  const bySize = keySize === undefined || keySize <= 256 ? 'P-256' : keySize <= 384 ? 'P-384' : 'P-521'
  if (curve === undefined || curve === '') {
    if (keySize === undefined || (keySize > 224 && keySize <= 571)) return { curve: bySize }
    problems.push(`an EC key of ${keySize} bits is not secure; 256, 384 and 521 are possible`)
    return undefined
  }
  const plain = curve.replace(/^NIST\s+/i, '')
  const name = Object.hasOwn(curveNames, plain.toUpperCase()) ? plain.toUpperCase() : curveAliases[plain.toLowerCase()]
  if (name !== undefined) return { curve: name }
  problems.push(`the curve '${curve}' is not known; there are P-256, P-384 and P-521`)
  return undefined
}

function hashOf(algorithm: string | undefined, type: 'RSA' | 'EC' | 'ED25519', problems: string[]): Hash {
  if (algorithm === undefined || algorithm === '' || type === 'ED25519') return 'SHA-512'
  const [, size, signer] = /^SHA-?(\d+)\/(RSA|DSA|ECDSA)$/i.exec(algorithm) ?? []
  const wanted = type === 'RSA' ? 'RSA' : 'ECDSA'
  if (size === '1' || size === '224')
    problems.push(`signatures with SHA-${size} are not made any more; take SHA-256, SHA-384 or SHA-512`)
  else if (size === undefined || !['256', '384', '512'].includes(size) || signer?.toUpperCase() !== wanted)
    problems.push(`'${algorithm}' is no signature algorithm for this key; there are SHA-256, -384 and -512/${wanted}`)
  return size === '256' ? 'SHA-256' : size === '384' ? 'SHA-384' : 'SHA-512'
}

function checkSubject(request: SubjectRequest, problems: string[]): void {
  const { commonName, country, email } = request
  if (commonName === '') problems.push('the common name is missing')
  if (!/^[A-Za-z]{2}$/.test(country)) problems.push('the country is two letters of ISO 3166, such as DE')
  if (email !== undefined && email !== '' && !/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(email))
    problems.push('the e-mail address is not one')
  for (const [name, value] of Object.entries(request)) {
    if (typeof value !== 'string') continue
    if (/\p{Cc}/u.test(value)) problems.push(`${name} has control characters`)
    if (value.length > 500) problems.push(`${name} is longer than 500 characters`)
  }
}

type Window = Pick<GenerationRequest, 'validFrom' | 'validTo'>

const windowOf = ({ validFrom, validTo }: Window, { now, years }: { now: number; years: number }) => ({
  from: validFrom ?? now,
  to: validTo ?? (validFrom ?? now) + years * year,
})

function checkWindow(request: Window, given: { now: number; years: number }, problems: string[]): void {
  const { from, to } = windowOf(request, given)
  if (!(from >= 0 && to <= latest)) problems.push('the validity lies outside the years 1970 to 9999')
  else if (to <= from) problems.push('the validity ends before it begins')
  else if (to <= given.now) problems.push('the validity has ended already')
}

async function newKey({ kind }: Plan): Promise<KeyObject> {
  if (kind === 'ed25519') return (await promisify(generateKeyPair)('ed25519')).privateKey
  if ('rsa' in kind) return (await promisify(generateKeyPair)('rsa', { modulusLength: kind.rsa })).privateKey
  return (await promisify(generateKeyPair)('ec', { namedCurve: curveNames[kind.curve] ?? '' })).privateKey
}

/** A key as the library for certificates takes it. */
export async function signingPair(key: KeyObject, hash: Hash) {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const algorithm =
    type === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash }
      : type === 'ec'
        ? { name: 'ECDSA', namedCurve: curveAliases[details?.namedCurve ?? ''] ?? '' }
        : { name: 'Ed25519' }
  const secret = key.export({ format: 'der', type: 'pkcs8' })
  const open = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const keys = {
    privateKey: await crypto.subtle.importKey('pkcs8', secret, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('spki', open, algorithm, true, ['verify']),
  }
  secret.fill(0)
  return { keys, signingAlgorithm: type === 'ec' ? { ...algorithm, hash } : algorithm }
}

async function selfSigned(
  key: KeyObject,
  request: SubjectRequest & Window,
  given: { readonly now: number; readonly years: number },
  hash: Hash,
): Promise<string> {
  const x509 = await loadX509()
  const { keys, signingAlgorithm } = await signingPair(key, hash)
  const { from, to } = windowOf(request, given)
  // From the general to the special: that is how a name is encoded, and it is shown the other way round.
  const parts = {
    C: request.country.toUpperCase(),
    ST: request.state,
    L: request.locality,
    O: request.organization,
    OU: request.organizationUnit,
    CN: request.commonName,
    E: request.email,
  }
  const named = Object.entries(parts).filter(([, value]) => value !== undefined && value !== '')
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString('hex'),
    name: named.map(([type, value]) => ({ [type]: [value ?? ''] })),
    notBefore: new Date(from),
    notAfter: new Date(to),
    signingAlgorithm,
    keys,
    extensions: [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)],
  })
  return `${certificate.toString('pem').trim()}\n`
}

/**
 * A request (PKCS#10, RFC 2986) for a certificate of the same subject and key, in PEM.
 * @param certificate PEM of the certificate that is to be replaced
 */
export async function writeSigningRequest(key: KeyObject, certificate: string): Promise<string> {
  const x509 = await loadX509()
  const curve = key.asymmetricKeyDetails?.namedCurve
  const hash = curve === 'secp384r1' ? 'SHA-384' : curve === 'secp521r1' ? 'SHA-512' : 'SHA-256'
  const { keys, signingAlgorithm } = await signingPair(key, hash)
  const { subjectName } = new x509.X509Certificate(certificate)
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: subjectName, keys, signingAlgorithm })
  return `${request.toString('pem').trim()}\n`
}

/** A private key of its own out of PKCS#8 DER. */
export const keyOfDer = (der: Buffer): KeyObject => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
