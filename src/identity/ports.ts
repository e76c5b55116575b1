import type { X509Certificate } from 'node:crypto'

import type { RecordStore, StoredRecord } from '../records/index.ts'

/** Where the registry is kept. */
export type RegistryStore = RecordStore
export type { StoredRecord }

/** What path validation says of a certificate. */
export type TrustVerdict =
  | { readonly trusted: true }
  | {
      readonly trusted: false
      readonly failure: { readonly code: string; readonly reason: string; readonly remedy: string }
    }

/** What the registry needs of path validation: whether a certificate would be trusted when it is presented. */
export interface CertificateTrust {
  /** `sent` are the certificates that came with the leaf. */
  readonly validate: (leaf: X509Certificate, sent: readonly X509Certificate[]) => TrustVerdict | Promise<TrustVerdict>
  /** Throws when path validation could not use the list. */
  readonly checkCrl?: (crl: Buffer) => void
}

/** Verifies the enveloped signature of a whole XML document. */
export interface MetadataSignatures {
  /** The canonical text of exactly what was signed by the key of one of the certificates (PEM); else why not. */
  readonly verify: (
    xml: string,
    certificates: readonly string[],
  ) => { readonly text: string } | { readonly why: string }
}
