import { createPrivateKey, type KeyObject } from 'node:crypto'

import type { SamlSigner } from '../../assertions/index.ts'
import { readCertificates } from '../../keystore/index.ts'
import { faults } from '../faults.ts'
import { readBytes } from '../files.ts'
import { promptSecret } from '../prompt-secret.ts'
import type { Session } from '../session.ts'

/**
 * The key of a PEM file, which may hold its certificates too. An encrypted one is opened by a passphrase from a prompt
 * or standard input.
 * @throws cli.fileUnreadable, cli.credentialsAbsent, keystore.certificateUnreadable
 */
export async function assertionSigner(
  session: Session,
  { key, cert }: { readonly key: string; readonly cert: string },
): Promise<SamlSigner> {
  const pem = (await readBytes(session, key, 'private key')).toString()
  const passphrase = /ENCRYPTED/.test(pem) ? await promptSecret('Passphrase', session.input, session.err) : undefined
  const source = cert === '' ? certificatesIn(pem) : (await readBytes(session, cert, 'certificate')).toString()
  const certificates = source === '' ? [] : readCertificates(source).map((each) => each.toString())
  return { privateKey: opened(pem, key, passphrase), certificates }
}

const certificatesIn = (pem: string): string =>
  (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).join('\n')

function opened(pem: string, file: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch (cause) {
    const why = passphrase === undefined ? 'it is no private key in PEM' : 'the passphrase does not open it'
    throw faults.fileUnreadable({ what: 'private key', file, why }, { cause })
  }
}
