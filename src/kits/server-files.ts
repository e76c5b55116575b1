import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'

import { readCertificates } from '../keystore/index.ts'

/** What a client trusts the server by. */
export interface ServerFiles {
  /** In the order in which programs without chain building want them: the root first, the server's own last. */
  readonly files: readonly { readonly path: string; readonly certificate: X509Certificate }[]
  /** PEM: the root; where it is not known, the uppermost certificate that is. */
  readonly authority: string
}

const selfIssued = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate)

/**
 * The certificates of a server as files, given its chain (PEM, leaf first). Servers do not send the root of a public
 * CA: it is looked up among those that come with Node.
 */
export function serverFiles(chain: string, roots: readonly string[] = rootCertificates): ServerFiles {
  const sent = readCertificates(chain)
  const last = sent.at(-1)
  if (last === undefined) return { files: [], authority: '' }
  const root = selfIssued(last) ? last : rootOf(last, roots)
  const below = root === last ? sent.slice(0, -1) : sent
  const [leaf, ...intermediates] = below
  const files = [
    ...(root === undefined ? [] : [{ path: 'server/root.cer', certificate: root }]),
    ...intermediates
      .reverse()
      .map((certificate, index) => ({ path: `server/intermediate-${index + 1}.cer`, certificate })),
    ...(leaf === undefined ? [] : [{ path: 'server/server.cer', certificate: leaf }]),
  ]
  return { files, authority: (root ?? last).toString() }
}

function rootOf(certificate: X509Certificate, roots: readonly string[]): X509Certificate | undefined {
  for (const pem of roots) {
    const root = new X509Certificate(pem)
    if (certificate.checkIssued(root) && certificate.verify(root.publicKey)) return root
  }
  return undefined
}
