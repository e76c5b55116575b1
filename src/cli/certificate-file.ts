import { X509Certificate } from 'node:crypto'

import {
  type CertificateFacts,
  factsOf,
  readCertificateRequest,
  readCertificates,
  readPkcs12,
} from '../keystore/index.ts'
import { isoOf, localTime } from './api/entity.ts'
import { withoutPrivateKeys } from './certificate-text.ts'
import { faults } from './faults.ts'
import { readBytes } from './files.ts'
import type { Output } from './output.ts'
import { promptSecret } from './prompt-secret.ts'
import type { Session } from './session.ts'
import { facts } from './table.ts'

/** What a file of certificates holds. */
export interface CertificateFile {
  readonly kind: 'certificates' | 'PKCS#12' | 'certificate request'
  readonly certificates: readonly X509Certificate[]
  /** True where a private key is in it too; it is never shown. */
  readonly privateKey: boolean
  /** Of a request: what it asks for. */
  readonly request: { readonly keyType: string } | undefined
}

/** @throws cli.fileUnreadable, cli.credentialsAbsent, keystore faults of what cannot be read */
export async function readCertificateFile(session: Session, file: string): Promise<CertificateFile> {
  const content = await readBytes(session, file, 'file')
  const text = content.toString('latin1')
  if (/BEGIN (?:NEW )?CERTIFICATE REQUEST/.test(text)) return requestFile(content)
  if (content[0] !== 0x30) {
    const rest = withoutPrivateKeys(text)
    if (rest !== text && !rest.includes('BEGIN')) throw faults.privateKeyGiven({ file, wanted: 'a certificate' })
    return { kind: 'certificates', certificates: readCertificates(rest), privateKey: rest !== text, request: undefined }
  }
  if (isCertificate(content))
    return { kind: 'certificates', certificates: readCertificates(content), privateKey: false, request: undefined }
  if (await isRequest(content)) return requestFile(content)
  return pkcs12File(session, content)
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).subject !== undefined
  } catch {
    return false
  }
}

const isRequest = (der: Buffer): Promise<boolean> =>
  readCertificateRequest(der).then(
    () => true,
    (error: { readonly code?: unknown }) => error.code !== 'keystore.requestUnreadable',
  )

async function requestFile(content: Buffer): Promise<CertificateFile> {
  const { publicKey } = await readCertificateRequest(content)
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {}
  const keyType = [publicKey.asymmetricKeyType?.toUpperCase(), namedCurve ?? modulusLength].filter(Boolean).join(' ')
  return { kind: 'certificate request', certificates: [], privateKey: false, request: { keyType } }
}

async function pkcs12File({ input, err }: Session, content: Buffer): Promise<CertificateFile> {
  const { keyPairs, certificates } = await readPkcs12(content, await promptSecret('Password', input, err))
  const chains = keyPairs.flatMap(({ chain }) => (chain === '' ? [] : readCertificates(chain)))
  return {
    kind: 'PKCS#12',
    certificates: [...chains, ...certificates.map(({ certificate }) => certificate)],
    privateKey: keyPairs.length > 0,
    request: undefined,
  }
}

const soon = 30 * 86_400_000
const weakest = 2048

/** What keeps a certificate, at this moment, from being that of a client. Of authorities only their time is asked. */
function problemsOf(
  certificate: X509Certificate,
  { validFrom, validTo, isAuthority, forClients }: CertificateFacts,
  now: number,
) {
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength
  return [
    ...(now < validFrom ? ['it is not valid yet'] : []),
    ...(now > validTo ? ['it has expired'] : []),
    ...(now <= validTo && now > validTo - soon ? ['it expires within 30 days'] : []),
    ...(!isAuthority && !forClients ? ['its extended key usage does not name clientAuth'] : []),
    ...(bits !== undefined && bits < weakest ? [`its RSA key has only ${bits} bits`] : []),
  ]
}

/** Whether each certificate was issued by the one after it, leaf first. */
function chainProblems(certificates: readonly X509Certificate[]): readonly string[] {
  const problems: string[] = []
  for (const [index, certificate] of certificates.entries()) {
    const next = certificates[index + 1]
    if (next !== undefined && !(certificate.checkIssued(next) && certificate.verify(next.publicKey)))
      problems.push(`certificate ${index + 1} was not issued by certificate ${index + 2}, which follows it`)
  }
  return problems
}

/** What `--json` prints. */
export function certificateFileRecord(
  { kind, certificates, privateKey, request }: CertificateFile,
  now: number,
): object {
  const shown = certificates.map((each) => {
    const { validFrom, validTo, ...rest } = factsOf(each)
    return {
      ...rest,
      validFrom: isoOf(validFrom),
      validTo: isoOf(validTo),
      problems: problemsOf(each, factsOf(each), now),
    }
  })
  return { kind, privateKey, ...request, certificates: shown, problems: chainProblems(certificates) }
}

/** The same for a person. */
export function certificateFileWords(
  { kind, certificates, privateKey, request }: CertificateFile,
  now: number,
  output: Output,
): string {
  if (request !== undefined)
    return facts([
      ['Certificate request', 'signed by its key'],
      ['Key', request.keyType],
    ])
  const blocks = certificates.map((each) => {
    const { subject, issuer, serialNumber, validFrom, validTo, keyType, isAuthority, forClients, fingerprint } =
      factsOf(each)
    const problems = problemsOf(each, factsOf(each), now)
    return facts([
      ['Subject', subject],
      ['Issuer', subject === issuer ? `${issuer} (itself)` : issuer],
      ['Serial number', serialNumber],
      ['Valid', `${localTime(validFrom)} to ${localTime(validTo)}`],
      ['Key', keyType],
      ['Use', isAuthority ? 'authority' : forClients ? 'client' : 'not for clients'],
      ['SHA-256', fingerprint],
      ['Problem', problems.map((problem) => output.tone(problem, 'bad')).join('; ')],
    ])
  })
  const notes = [
    privateKey ? `The ${kind === 'PKCS#12' ? 'file' : 'PEM'} also holds a private key, which is not shown.` : '',
    ...chainProblems(certificates).map((problem) => output.tone(`Order: ${problem}.`, 'bad')),
  ]
  return [...blocks, ...notes].filter((part) => part !== '').join('\n\n')
}
