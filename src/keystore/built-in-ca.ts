import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

import type { JsonName, PublicKey } from '@peculiar/x509'

import type { Clock } from '../base/index.ts'
import { readCertificateRequest, subjectOf } from './certificate-request.ts'
import { factsOf } from './certificates.ts'
import { canonicalDn } from './distinguished-names.ts'
import { faults } from './faults.ts'
import { loadX509 } from './x509-library.ts'

const day = 86_400_000
/** Clocks of clients may be a little behind ours; a fresh certificate must not be `not yet valid` for them. */
const backdated = 5 * 60_000

/** A certificate with its private key, both PEM. */
export interface Issued {
  /** The leaf first, then its issuer. */
  readonly chain: string
  /** PKCS#8, not encrypted. */
  readonly key: string
}

/** The CA that comes with Sluice: it issues the server's own certificates and those of clients. */
export interface BuiltInCa {
  /** PEM; what clients trust. */
  readonly certificate: string
  /** For the listeners: EC P-256, for serverAuth only. `days` counts from now. */
  readonly issueServer: (given: { readonly hostNames: readonly string[]; readonly days?: number }) => Promise<Issued>
  readonly issueClient: (given: {
    /** At most 64 characters (RFC 5280, ub-common-name). */
    readonly commonName: string
    readonly organizationalUnit?: string
    readonly days: number
    /** Bits of the RSA key. */
    readonly keySize: 2048 | 3072 | 4096
  }) => Promise<Issued>
  /**
   * A client certificate for a key that stays where it was made. Of the request (PEM or DER) only key and subject are
   * taken; extensions that it asks for are not. Returns the chain in PEM, leaf first.
   * @throws keystore.requestUnreadable, requestRefused, validityUnfit
   */
  readonly signRequest: (
    request: string | Uint8Array,
    given: {
      /** 1 to 365. */
      readonly days: number
      /** Takes the place of the common name in the request; at most 64 characters. */
      readonly commonName?: string
    },
  ) => Promise<string>
}

const elliptic = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A serial number of 127 random bits: positive, never zero (RFC 5280, 4.1.2.2). */
function newSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

async function exportKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString()
}

async function generate(keySize: number | undefined): Promise<CryptoKeyPair> {
  if (keySize === undefined) return await crypto.subtle.generateKey(elliptic, true, ['sign', 'verify'])
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: keySize,
    publicExponent: Uint8Array.of(1, 0, 1),
  }
  return await crypto.subtle.generateKey(rsa, true, ['sign', 'verify'])
}

/** Makes a new CA: EC P-256, self-signed, allowed to issue leaves only. `chain` is the CA certificate alone. */
export async function createBuiltInCa(given: {
  readonly clock: Clock
  /** Shown as the common name; a part is added so that two installations differ. */
  readonly name: string
  readonly days?: number
}): Promise<Issued> {
  const x509 = await loadX509()
  const keys = await generate(undefined)
  const now = given.clock.now()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ CN: [`${given.name} ${randomBytes(4).toString('hex')}`] }, { O: ['Sluice'] }].reverse(),
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + (given.days ?? 3650) * day),
    signingAlgorithm: signing,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { chain: pemOf(certificate), key: await exportKey(keys.privateKey) }
}

const pemOf = (certificate: { toString: (format: 'pem') => string }): string =>
  `${certificate.toString('pem').trim()}\n`

/** The CA at work, given what `createBuiltInCa` made. */
export function openBuiltInCa(given: {
  readonly certificate: string
  readonly key: string
  readonly clock: Clock
}): BuiltInCa {
  const { certificate, clock } = given

  async function sign(leaf: {
    readonly subject: JsonName | Uint8Array
    readonly days: number
    readonly publicKey: CryptoKey | PublicKey
    /** Only RSA keys can encrypt. */
    readonly encrypts: boolean
    readonly usage: 'clientAuth' | 'serverAuth'
    readonly hostNames: readonly string[]
  }): Promise<string> {
    const x509 = await loadX509()
    const authority = new x509.X509Certificate(certificate)
    const der = createPrivateKey(given.key).export({ format: 'der', type: 'pkcs8' })
    const signingKey = await crypto.subtle.importKey('pkcs8', der, elliptic, false, ['sign'])
    const now = clock.now()
    const { KeyUsageFlags } = x509
    const names = leaf.hostNames.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }))
    const issued = await x509.X509CertificateGenerator.create({
      serialNumber: newSerialNumber(),
      subject: leaf.subject instanceof Uint8Array ? new x509.Name(Buffer.from(leaf.subject)) : leaf.subject,
      // The name as the CA certificate spells it, byte for byte: clients compare it so.
      issuer: authority.subjectName,
      notBefore: new Date(now - backdated),
      // No leaf outlives its CA.
      notAfter: new Date(Math.min(now + leaf.days * day, authority.notAfter.getTime())),
      signingAlgorithm: signing,
      publicKey: leaf.publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        leaf.encrypts
          ? new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true)
          : new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[leaf.usage]]),
        await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    })
    return pemOf(issued) + pemOf(authority)
  }

  async function issue(leaf: {
    readonly subject: JsonName
    readonly days: number
    readonly keySize: number | undefined
    readonly usage: 'clientAuth' | 'serverAuth'
    readonly hostNames: readonly string[]
  }): Promise<Issued> {
    const keys = await generate(leaf.keySize)
    const chain = await sign({ ...leaf, publicKey: keys.publicKey, encrypts: leaf.keySize !== undefined })
    return { chain, key: await exportKey(keys.privateKey) }
  }

  return {
    certificate,
    issueServer({ hostNames, days = 397 }) {
      const all = [...new Set(['localhost', '127.0.0.1', '::1', ...hostNames])]
      const commonName = (hostNames[0] ?? 'localhost').slice(0, 64)
      const subject = [{ O: ['Sluice'] }, { CN: [commonName] }]
      return issue({ subject, days, keySize: undefined, usage: 'serverAuth', hostNames: all })
    },
    issueClient({ commonName, organizationalUnit, days, keySize }) {
      const unit = organizationalUnit === undefined ? [] : [{ OU: [organizationalUnit] }]
      const subject = [{ O: ['Sluice'] }, ...unit, { CN: [commonName] }]
      return issue({ subject, days, keySize, usage: 'clientAuth', hostNames: [] })
    },
    async signRequest(request, { days, commonName }) {
      if (!Number.isInteger(days) || days < 1 || days > 365) throw faults.validityUnfit({ days })
      const { subject, publicKey } = await readCertificateRequest(request)
      const x509 = await loadX509()
      const chain = await sign({
        subject: await subjectOf(subject, commonName),
        days,
        publicKey: new x509.PublicKey(publicKey.export({ type: 'spki', format: 'der' })),
        encrypts: publicKey.asymmetricKeyType === 'rsa',
        usage: 'clientAuth',
        hostNames: [],
      })
      // A leaf with the name of its CA would look as if it had signed itself.
      const { subject: named, issuer } = factsOf(new X509Certificate(chain))
      if (canonicalDn(named) === canonicalDn(issuer))
        throw faults.requestRefused({ why: 'its subject is the name of the CA' })
      return chain
    },
  }
}
