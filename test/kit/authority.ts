import { createPrivateKey, randomBytes } from 'node:crypto'

import type { Issued } from '../../src/keystore/index.ts'
import { loadX509 } from '../../src/keystore/x509-library.ts'

const day = 86_400_000
const elliptic = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const

export interface Wish {
  /** As `CN=sender,O=Acme`. */
  readonly subject: string
  /** Milliseconds since 1970; an hour ago and in ten days when absent. */
  readonly from?: number
  readonly until?: number
  /** False leaves the extended key usage out. */
  readonly forClients?: boolean
}

/** A CA of somebody else, of which a test can have every kind of certificate. */
export interface Authority {
  /** PEM. */
  readonly certificate: string
  /** `chain` is the leaf, followed by the CAs up to, but without, the root. */
  readonly issue: (wish: Wish) => Promise<Issued>
  readonly intermediate: (subject: string) => Promise<Authority>
}

interface Signer {
  readonly name: string
  readonly key: CryptoKey
  /** PEM of the CAs that a leaf comes with. */
  readonly above: string
}

const newKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(elliptic, true, ['sign', 'verify'])

async function pemOfKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key))
  return String(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }))
}

async function certify(
  { subject, from = Date.now() - 3_600_000, until = Date.now() + 10 * day, forClients = true }: Wish,
  keys: CryptoKeyPair,
  issuer: Pick<Signer, 'name' | 'key'>,
  isAuthority: boolean,
): Promise<string> {
  const x509 = await loadX509()
  const { KeyUsageFlags } = x509
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    subject,
    issuer: issuer.name,
    notBefore: new Date(from),
    notAfter: new Date(until),
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    signingAlgorithm,
    extensions: isAuthority
      ? [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        ]
      : [
          new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          ...(forClients ? [new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'])] : []),
        ],
  })
  return `${certificate.toString('pem').trim()}\n`
}

const authorityOf = (signer: Signer, certificate: string): Authority => ({
  certificate,
  async issue(wish) {
    const keys = await newKeys()
    return { chain: (await certify(wish, keys, signer, false)) + signer.above, key: await pemOfKey(keys.privateKey) }
  },
  async intermediate(subject) {
    const keys = await newKeys()
    const own = await certify({ subject }, keys, signer, true)
    return authorityOf({ name: subject, key: keys.privateKey, above: own + signer.above }, own)
  },
})

/** A new root. */
export async function newAuthority(subject: string): Promise<Authority> {
  const keys = await newKeys()
  const certificate = await certify({ subject }, keys, { name: subject, key: keys.privateKey }, true)
  return authorityOf({ name: subject, key: keys.privateKey, above: '' }, certificate)
}

/** A certificate that nobody but its owner vouches for. */
export async function selfSigned(wish: Wish): Promise<Issued> {
  const keys = await newKeys()
  return {
    chain: await certify(wish, keys, { name: wish.subject, key: keys.privateKey }, false),
    key: await pemOfKey(keys.privateKey),
  }
}
