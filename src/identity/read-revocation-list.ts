import { createHash } from 'node:crypto'

import { faults } from './faults.ts'

/** What is shown of a revocation list, and what tells it from others of the same issuer. */
export interface ReadList {
  /** SHA-256 of the DER, in hex. */
  readonly fingerprint: string
  /** Most specific part first. */
  readonly issuer: string
  readonly der: Buffer
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
  /** Which of the issuer's certificates it speaks of: its issuing distribution point in hex, or all. */
  readonly scope: string
}

const distributionPoint = '2.5.29.28'
const deltaIndicator = '2.5.29.27'

/**
 * Reads a certificate revocation list (RFC 5280, 5) in PEM or DER. Its signature is checked by whoever has the issuer.
 * @throws identity.revocationListInvalid
 */
export async function readRevocationList(input: string | Uint8Array): Promise<ReadList> {
  const der = derOf(input)
  // The library is large, and only administrators need it.
  await import('reflect-metadata')
  const { X509Crl } = await import('@peculiar/x509')
  try {
    const crl = new X509Crl(Uint8Array.from(der))
    const { thisUpdate, nextUpdate, extensions } = crl
    // Revoked certificates are read, too: a list that breaks later would revoke nothing.
    if (!crl.entries.every(({ serialNumber }) => serialNumber !== '')) throw refused('an entry has no serial number')
    if (Number.isNaN(thisUpdate.getTime())) throw refused('it does not say when it was issued')
    if (nextUpdate !== undefined && !(nextUpdate > thisUpdate)) throw refused('it ends before it begins')
    if (extensions.some(({ type }) => type === deltaIndicator)) throw refused('it is a delta list, which is incomplete')
    const scope = extensions.find(({ type }) => type === distributionPoint)
    return {
      fingerprint: createHash('sha256').update(der).digest('hex'),
      issuer: dnOf(crl.issuerName.toJSON()),
      der,
      thisUpdate: thisUpdate.getTime(),
      nextUpdate: nextUpdate?.getTime(),
      scope: scope === undefined ? 'all' : Buffer.from(scope.value).toString('hex'),
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'identity.revocationListInvalid') throw thrown
    throw refused('its content is damaged or something else', thrown)
  }
}

const refused = (why: string, cause?: unknown) => faults.revocationListInvalid({ why }, { cause })

function derOf(input: string | Uint8Array): Buffer {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : Buffer.from(input)
  const der = bytes[0] === 0x30 ? bytes : derOfText(bytes.toString('utf8').replaceAll(/\\r|\\n/g, '\n'))
  // The outer sequence must be all there is.
  if (der[0] !== 0x30 || lengthOf(der) !== der.length) throw refused('it is neither PEM nor DER, or cut off')
  return der
}

function derOfText(text: string): Buffer {
  const blocks = [...text.matchAll(/-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]*?)-----END (?:X509 )?CRL/g)]
  const [block, ...more] = blocks
  if (more.length > 0) throw refused('it holds several lists: give one at a time')
  if (block === undefined && text.includes('-----BEGIN ')) throw refused('it is PEM of something else')
  return Buffer.from(block?.[1] ?? text, 'base64')
}

/** Bytes of the first DER element with its head. */
function lengthOf(der: Buffer): number {
  const first = der[1] ?? 0
  if (first < 0x80) return 2 + first
  const count = first & 0x7f
  return count < 1 || count > 4 || der.length < 2 + count ? -1 : 2 + count + der.readUIntBE(2, count)
}

/** RFC 4514: most specific part first, without blanks. */
const dnOf = (rdns: readonly Readonly<Record<string, readonly string[]>>[]): string =>
  rdns
    .map((rdn) =>
      Object.entries(rdn)
        .flatMap(([type, values]) => values.map((value) => `${type}=${escaped(value)}`))
        .join('+'),
    )
    .reverse()
    .join(',')

const escaped = (value: string): string => value.replaceAll(/[,+"\\<>;=]|^[ #]| $/g, (found) => `\\${found}`)
