import { faults } from './faults.ts'
import { readBytes } from './files.ts'
import type { Session } from './session.ts'

const privateKeys = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY-----\s*/g

/** A PEM file often holds certificate and private key. The key goes nowhere. */
export const withoutPrivateKeys = (pem: string): string => pem.replaceAll(privateKeys, '')

/**
 * The certificates of a file as PEM, also of DER, without the private key that may lie beside them.
 * @throws cli.fileUnreadable, cli.privateKeyGiven
 */
export async function readCertificateText(session: Pick<Session, 'folder' | 'input'>, file: string): Promise<string> {
  const content = await readBytes(session, file, 'certificate')
  if (content[0] === 0x30)
    return `-----BEGIN CERTIFICATE-----\n${content.toString('base64')}\n-----END CERTIFICATE-----\n`
  const text = content.toString('utf8')
  const rest = withoutPrivateKeys(text)
  if (rest.includes('PRIVATE KEY') || (rest !== text && rest.trim() === ''))
    throw faults.privateKeyGiven({ file, wanted: 'a certificate' })
  return rest
}
