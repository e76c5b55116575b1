import { type Entity, isoOf, textOf, timeOf } from './api/entity.ts'
import { entity } from './api/odata-address.ts'
import type { Output } from './output.ts'
import type { Session } from './session.ts'

/** Who signed a deployed artifact, as the server trusts publishers now. */
export interface Signature {
  /** valid, untrusted, invalid or none. */
  readonly status: string
  readonly signer?: string
  /** SHA-256 of the certificate, in hex. */
  readonly fingerprint?: string
  readonly signedAt?: string
  /** Why it does not count. */
  readonly why?: string
}

/** By artifact; of one, or of all where `id` is empty. */
export async function signaturesOf({ api }: Session, id: string): Promise<ReadonlyMap<string, Signature>> {
  const one = id === '' ? undefined : await api().find(entity`BundleSignatures(${id})`)
  const found = id === '' ? await api().list('BundleSignatures') : one === undefined ? [] : [one]
  return new Map(found.map((each) => [textOf(each, 'Id'), read(each)]))
}

function read(row: Entity): Signature {
  const given = {
    signer: textOf(row, 'Signer'),
    fingerprint: textOf(row, 'Fingerprint'),
    signedAt: isoOf(timeOf(row, 'SignedAt')) ?? '',
    why: textOf(row, 'Reason'),
  }
  const known = Object.entries(given).filter(([, value]) => value !== '')
  return { status: textOf(row, 'Status'), ...Object.fromEntries(known) }
}

export function signatureWords({ status, signer = '', fingerprint = '', why = '' }: Signature, output: Output): string {
  switch (status) {
    case 'none':
      return 'not signed'
    case 'valid':
      return `signed by ${signer} (${fingerprint}): ${output.tone('trusted', 'good')}`
    case 'untrusted':
      return `signed by ${signer} (${fingerprint}): ${output.tone('not trusted', 'bad')}, ${why}`
    default:
      return `the signature is ${output.tone('invalid', 'bad')}: ${why}`
  }
}
