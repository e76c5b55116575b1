import { createHash, KeyObject, randomBytes, X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { LentKey } from '../flow/index.ts'
import { faults } from './faults.ts'
import type { Subject } from './subject-pattern.ts'
import { createLastingCache, type Lasting, type LastingCache } from './token-cache.ts'

/** A certificate that stands for a user for five minutes, with its key. */
export interface UserCertificate extends Lasting {
  readonly keyPair: LentKey
}

/** Milliseconds. Clocks of receivers may be a little behind. */
const lasts = 300_000
const backdated = 60_000

const ofAuthorities = new WeakMap<LentKey, LastingCache<UserCertificate>>()
const elliptic = { name: 'ECDSA', namedCurve: 'P-256' } as const
const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

/** From memory as long as it lasts; another authority, or one that was renewed, has none yet. @throws outbound.keyUnfit */
export function userCertificate(authority: LentKey, subject: Subject, clock: Clock): Promise<UserCertificate> {
  let cache = ofAuthorities.get(authority)
  if (cache === undefined) ofAuthorities.set(authority, (cache = createLastingCache()))
  return cache.get(JSON.stringify(subject), () => issue(authority, subject, clock), clock)
}

async function issue(authority: LentKey, subject: Subject, clock: Clock): Promise<UserCertificate> {
  const now = clock.now()
  const issuer = new X509Certificate(authority.chain)
  const unfit = (why: string) => faults.keyUnfit({ alias: authority.alias, why })
  if (!issuer.ca) throw unfit('its certificate is none of a CA')
  if (issuer.validToDate.getTime() < now + lasts) throw unfit('its certificate has expired')
  const { algorithm, hash } = signatureOf(authority)
  // The library is large, and most processes never issue.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const keys = await crypto.subtle.generateKey(elliptic, true, ['sign', 'verify'])
  const above = new x509.X509Certificate(issuer.raw)
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString('hex'),
    subject: new x509.Name(subject),
    issuer: above.subjectName,
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + lasts),
    signingAlgorithm: { name: algorithm.name, hash },
    publicKey: keys.publicKey,
    signingKey: authority.key.toCryptoKey(algorithm, false, ['sign']) as CryptoKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(above.publicKey),
    ],
  })
  const chain = `${certificate.toString('pem').trim()}\n${authority.chain}`
  const id = createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex')
  const key = KeyObject.from(keys.privateKey)
  return { issuedAt: now, expiresAt: now + lasts, keyPair: { alias: authority.alias, id, chain, key } }
}

function signatureOf({ alias, key }: LentKey) {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const namedCurve = curves[details?.namedCurve ?? '']
  if (type === 'ec' && namedCurve !== undefined)
    return { algorithm: { name: 'ECDSA', namedCurve }, hash: namedCurve === 'P-256' ? 'SHA-256' : 'SHA-512' }
  if (type === 'rsa') return { algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, hash: 'SHA-256' }
  throw faults.keyUnfit({
    alias,
    why: 'certificates are signed with RSA keys, or those of the curves P-256, P-384 and P-521',
  })
}
