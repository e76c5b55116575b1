import type { KeyObject } from 'node:crypto'

import type { BuiltInCa } from './built-in-ca.ts'
import type { CertificateFacts } from './certificates.ts'
import type { GenerationRequest, SubjectRequest } from './generate-key.ts'

/** A keystore of a tenant: the entries in use, the backup, keys of the system to come, and those that were replaced. */
export type KeystoreName = 'system' | 'backup_admin_system' | 'KeyRenewal' | 'KeyHistory'

/** Each but `certificate` has a private key. */
export type EntryType = 'keypair' | 'certificate' | 'ssh' | 'rsa'

/** An entry as it is shown: never with its private key. */
export interface KeystoreEntry extends CertificateFacts {
  readonly alias: string
  readonly type: EntryType
  readonly owner: 'system' | 'tenant'
  /** PEM, leaf first. */
  readonly chain: string
  readonly createdBy: string
  readonly createdAt: number
  readonly modifiedBy: string
  readonly modifiedAt: number
}

/** A key pair at work, for a TLS client or a signature. */
export interface LentKeyPair {
  /** PEM, leaf first. */
  readonly chain: string
  readonly key: KeyObject
}

/** Who changes the keystore. Entries of the system may be changed by the system only, and those of the tenant by it. */
export interface KeystoreChange {
  readonly owner: 'system' | 'tenant'
  readonly user: string
  /** True allows to put the entry in the place of one with the same alias. */
  readonly replace?: boolean
  /** False refuses what no entry of the keystore vouches for; absent, nobody asks. */
  readonly fingerprintVerified?: boolean
  /** True takes what has expired: old messages may still need it. */
  readonly acceptExpired?: boolean
}

/** What became of one entry of a file or a list. */
export interface EntryOutcome {
  readonly alias: string
  readonly status: 'created' | 'updated' | 'unchanged' | 'notImported' | 'removed' | 'notRemoved'
  /** Why not; '' where there is no reason. */
  readonly reason: string
  /** As it is now; undefined for what is not there. */
  readonly entry: KeystoreEntry | undefined
}

/** Bytes that are taken at most. */
export interface KeystoreLimits {
  /** All entries of the tenant. */
  readonly keystore: number
  /** A file with a whole keystore. */
  readonly upload: number
  readonly certificate: number
  readonly keyPair: number
  readonly signingResponse: number
}

/** A file with one private key. */
export interface KeyImport {
  readonly content: Uint8Array
  readonly password: string
  readonly type: 'keypair' | 'ssh' | 'rsa'
  /** For the certificate of a key that has none. */
  readonly subject?: SubjectRequest & Pick<GenerationRequest, 'signatureAlgorithm' | 'validFrom' | 'validTo'>
}

/**
 * The keystores of one tenant. A change throws before anything is written, or has been written as a whole; the names
 * of faults are those of the room.
 */
export interface Keystore {
  /** Sorted by alias. */
  readonly list: (keystore?: KeystoreName) => Promise<readonly KeystoreEntry[]>
  readonly find: (alias: string, keystore?: KeystoreName) => Promise<KeystoreEntry | undefined>
  /** @throws aliasInvalid, aliasTaken, typeDiffers, systemOwned, certificateUnreadable, expired, notTrusted */
  readonly putCertificate: (
    alias: string,
    certificate: string | Uint8Array,
    change: KeystoreChange,
  ) => Promise<KeystoreEntry>
  /** @throws as `putCertificate`, keyUnreadable, keyOfAnother, chainBroken */
  readonly putKeyPair: (
    alias: string,
    pair: { readonly chain: string | Uint8Array; readonly key: string; readonly passphrase?: string },
    change: KeystoreChange,
  ) => Promise<KeystoreEntry>
  /** @throws aliasUnknown, notKeyPair, sealBroken */
  readonly lend: (alias: string) => Promise<LentKeyPair>
  /** @throws aliasUnknown, systemOwned, entryInUse */
  readonly remove: (alias: string, change: KeystoreChange) => Promise<void>
  /** Removes what can be removed and says why not, for the rest. */
  readonly removeMany: (aliases: readonly string[], change: KeystoreChange) => Promise<readonly EntryOutcome[]>
  /** Takes the one private key of a file. @throws as `putKeyPair`, faults of files, keyUnfit, severalKeys, keyAbsent */
  readonly importKey: (alias: string, given: KeyImport, change: KeystoreChange) => Promise<KeystoreEntry>
  /**
   * Takes all entries of a file: `add` keeps what has the same alias, `overwrite` replaces it, `replace` also removes
   * all other entries of the tenant.
   * @throws faults of files, keystoreEmpty, keystoreFull, entryInUse
   */
  readonly importKeystore: (
    given: {
      readonly content: Uint8Array
      readonly password: string
      readonly option: 'add' | 'overwrite' | 'replace'
    },
    change: KeystoreChange,
  ) => Promise<readonly EntryOutcome[]>
  /** @throws requestInvalid, and as `putCertificate` */
  readonly generate: (
    alias: string,
    type: 'keypair' | 'ssh',
    request: GenerationRequest,
    change: KeystoreChange,
  ) => Promise<KeystoreEntry>
  /** @throws aliasInvalid, aliasUnknown, aliasTaken, systemOwned, entryInUse */
  readonly rename: (alias: string, to: string, change: KeystoreChange) => Promise<KeystoreEntry>
  /** @throws aliasInvalid, aliasUnknown, aliasTaken, systemOwned */
  readonly copy: (alias: string, to: string, change: KeystoreChange) => Promise<KeystoreEntry>
  /** PKCS#10 in PEM. @throws aliasUnknown, notKeyPair, requestNotOffered */
  readonly signingRequest: (alias: string) => Promise<string>
  /**
   * Puts the answer of a CA in the place of the chain; issuers alone extend the chain that is there.
   * @throws aliasUnknown, systemOwned, fileUnreadable, responseMismatch, expired, notTrusted
   */
  readonly signingResponse: (
    alias: string,
    content: string | Uint8Array,
    change: KeystoreChange,
  ) => Promise<KeystoreEntry>
  /** Copies the entries of the tenant over the last backup. */
  readonly backup: (change: KeystoreChange) => Promise<readonly KeystoreEntry[]>
  /** Replaces all entries of the tenant by the backup. @throws backupAbsent, entryInUse */
  readonly restore: (change: KeystoreChange) => Promise<readonly EntryOutcome[]>
  /** When and by whom the backup was made. */
  readonly backupNote: () => { readonly at: number; readonly by: string } | undefined
  /** Puts the new key of the system in the place of the present one, which goes to the history. @throws aliasUnknown */
  readonly activate: (alias: string, user: string) => Promise<KeystoreEntry>
  /** Makes a key of the history a new key of the system. @throws aliasUnknown, historyTarget */
  readonly takeFromHistory: (alias: string, destination: string | undefined, user: string) => Promise<KeystoreEntry>
  /**
   * Provides `sap_cloudintegrationcertificate`: made where it is absent, with a successor 60 days before it ends,
   * which takes its place in the last 24 hours. To be called daily, or more often. True when it changed something.
   */
  readonly maintain: (ca: Pick<BuiltInCa, 'issueClient'>) => Promise<boolean>
  /** PKCS#12 with the private key, for a keystore that allows it. @throws exportForbidden, aliasUnknown, passwordUnfit */
  readonly exportPrivateKey: (alias: string, password: string, user: string) => Promise<Buffer>
  /** What the entries of the tenant take of `limits.keystore`, in bytes. */
  readonly size: () => number
  /** Takes over what other processes changed. */
  readonly reload: () => Promise<void>
  /** Called after each change, also of another process; the answer ends it. */
  readonly onChange: (listener: () => void | Promise<unknown>) => () => void
}

export type Validity = 'valid' | 'expired' | 'notYetValid'

export const validityOf = (
  { validFrom, validTo }: Pick<KeystoreEntry, 'validFrom' | 'validTo'>,
  now: number,
): Validity => (now > validTo ? 'expired' : now < validFrom ? 'notYetValid' : 'valid')
