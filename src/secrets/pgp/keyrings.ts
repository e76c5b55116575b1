import { randomBytes } from 'node:crypto'

import type { PrivateKey, PublicKey } from 'openpgp'

import type { Clock } from '../../base/index.ts'
import type { Sealer } from '../../keystore/index.ts'
import type { Draft, RecordsInMemory } from '../../records/index.ts'
import type { AuditPort } from '../contracts.ts'
import { faults } from '../faults.ts'
import {
  type Authored,
  type PgpPublicKeyRecord,
  type PgpSecretKeyRecord,
  sealContextOf,
  type SecretKinds,
} from '../records.ts'
import { factsOf, type PgpKeyFacts, type PgpPartFacts, type PgpValidity, validityOf } from './key-facts.ts'
import { loadOpenPgp } from './openpgp-library.ts'
import { readPublicKeys, readSecretKeys } from './read-key-file.ts'

export type PgpKeyType = 'public' | 'secret'
export type PgpExportFormat = 'asc' | 'gpg'

export interface ShownPgpPart extends PgpPartFacts {
  readonly validity: PgpValidity
}

export interface ShownPgpKey extends Omit<PgpKeyFacts, 'parts'>, Authored {
  readonly type: PgpKeyType
  readonly validity: PgpValidity
  readonly parts: readonly ShownPgpPart[]
}

/** How keys come to those that are there: beside them, over those with the same key ID, or instead of the whole ring. */
export type PgpImportMode = 'add' | 'overwrite' | 'replace'

export interface PgpImportResult {
  readonly keyId: string
  readonly userId: string
  readonly outcome: 'added' | 'changed' | 'unchanged' | 'removed' | 'notImported'
  /** Why a key was not imported; else empty. */
  readonly reason: string
}

/** A secret key with what opens it, for the time of a call. */
export interface LentPgpKey {
  readonly keyId: string
  readonly userIds: readonly string[]
  readonly armored: string
  readonly passphrase: string
}

export interface PgpKeyrings {
  readonly list: (type: PgpKeyType) => readonly ShownPgpKey[]
  readonly find: (type: PgpKeyType, keyId: string) => ShownPgpKey | undefined
  /** @throws secrets.pgpFileInvalid, secrets.pgpKeyTypeInvalid */
  readonly importPublic: (content: Buffer, mode: PgpImportMode, by: string) => Promise<readonly PgpImportResult[]>
  /** @throws as `importPublic`, secrets.pgpKeyUnprotected, secrets.pgpPassphraseInvalid */
  readonly importSecret: (
    given: { readonly content: Buffer; readonly passphrase: string; readonly mode: PgpImportMode },
    by: string,
  ) => Promise<readonly PgpImportResult[]>
  /** @throws secrets.pgpKeyMissing */
  readonly remove: (type: PgpKeyType, keyId: string, by: string) => Promise<void>
  /** Public keys, of both rings by `type`; all of the ring where no key ID is given. @throws secrets.pgpKeyMissing */
  readonly exportPublic: (given: {
    readonly type: PgpKeyType
    readonly keyId?: string
    readonly format: PgpExportFormat
  }) => Promise<Buffer>
  /**
   * Secret keys under a new passphrase; audited before anything is handed out.
   * @throws secrets.pgpKeyMissing, secrets.pgpPassphraseWeak, keystore.sealBroken
   */
  readonly exportSecret: (
    given: { readonly keyId?: string; readonly passphrase: string; readonly format: PgpExportFormat },
    by: string,
  ) => Promise<Buffer>
  /** Armored public keys with their user IDs. */
  readonly publicKeys: () => readonly {
    readonly keyId: string
    readonly userIds: readonly string[]
    readonly armored: string
  }[]
  /** From memory; a change counts from the next call on. @throws keystore.sealBroken */
  readonly lendSecretKeys: () => readonly LentPgpKey[]
}

const kinds = { public: 'pgpPublicKey', secret: 'pgpSecretKey' } as const
const objectTypes = { public: 'PgpPublicKeyring', secret: 'PgpSecretKeyring' } as const
const leastPassphrase = 12
/** Rounds for passphrases that people choose: 65,011,712 octets, the most that OpenPGP can say. */
const slowest = 255

type Fresh = Omit<PgpPublicKeyRecord, keyof Authored> & { readonly sealed?: string }

/** The public and the secret keys for OpenPGP of a tenant. */
export function createPgpKeyrings(given: {
  readonly records: RecordsInMemory<SecretKinds, unknown>
  readonly sealer: Sealer
  readonly clock: Clock
  readonly audit: AuditPort
}): PgpKeyrings {
  const { records, sealer, clock, audit } = given
  const opened = new WeakMap<PgpSecretKeyRecord, LentPgpKey>()

  const ring = (type: PgpKeyType, view: Pick<Draft<SecretKinds>, 'of'> = records.view()) =>
    view.of(kinds[type]) as ReadonlyMap<string, PgpPublicKeyRecord>

  function shownOf(type: PgpKeyType, record: PgpPublicKeyRecord): ShownPgpKey {
    const { armored: _, sealed: __, parts, ...rest } = record as PgpSecretKeyRecord
    const now = clock.now()
    return {
      ...rest,
      type,
      validity: validityOf(rest, now),
      parts: parts.map((part) => ({ ...part, validity: validityOf(part, now) })),
    }
  }

  function chosen(type: PgpKeyType, keyId: string | undefined): readonly PgpPublicKeyRecord[] {
    if (keyId === undefined) return [...ring(type).values()]
    const found = ring(type).get(keyId.toUpperCase())
    if (found === undefined) throw faults.pgpKeyMissing({ keyId })
    return [found]
  }

  /** A generated passphrase needs no slow derivation: it cannot be guessed. */
  async function sealedOf(key: PrivateKey, keyId: string): Promise<string> {
    const { encryptKey } = await loadOpenPgp()
    const passphrase = randomBytes(32).toString('base64url')
    const locked = await encryptKey({ privateKey: key, passphrase, config: { s2kIterationCountByte: 0 } })
    const secret = JSON.stringify({ armored: locked.armor(), passphrase })
    return sealer.seal(Buffer.from(secret), sealContextOf('pgpSecretKey', keyId))
  }

  async function freshOf(keys: readonly (PublicKey | PrivateKey)[]) {
    const fresh = new Map<string, Fresh>()
    const refused: PgpImportResult[] = []
    for (const key of keys) {
      const facts = await factsOf(key)
      const keyId = key.getKeyID().toHex().toUpperCase()
      const userId = facts?.primaryUserId ?? key.getUserIDs()[0] ?? ''
      const refuse = (reason: string) => refused.push({ keyId, userId, outcome: 'notImported', reason })
      if (facts === undefined) refuse('no signature of the key on its own user ID can be verified')
      else if (fresh.has(keyId)) refuse('the file holds another key with this key ID')
      else {
        const sealed = key.isPrivate() ? { sealed: await sealedOf(key, keyId) } : {}
        fresh.set(keyId, { ...facts, armored: key.toPublic().armor(), ...sealed })
      }
    }
    return { fresh, refused }
  }

  /** Puts keys into a ring; the answer names what became of each. */
  async function put(
    type: PgpKeyType,
    keys: readonly (PublicKey | PrivateKey)[],
    mode: PgpImportMode,
    by: string,
  ): Promise<readonly PgpImportResult[]> {
    const { fresh, refused } = await freshOf(keys)
    const at = clock.now()
    const results = await records.change((draft) => {
      const before = ring(type, draft)
      const outcomes: PgpImportResult[] = [...refused]
      for (const key of fresh.values()) {
        const { keyId, primaryUserId: userId } = key
        const old = before.get(keyId)
        const { outcome, reason } = judge(key, old, mode)
        outcomes.push({ keyId, userId, outcome, reason })
        if (outcome !== 'added' && outcome !== 'changed') continue
        const { createdBy = by, createdAt = at } = old ?? {}
        draft.put(kinds[type], { ...key, createdBy, createdAt, modifiedBy: by, modifiedAt: at })
      }
      // A key of the file that was refused does not cost the one that was there.
      const named = new Set([...fresh.keys(), ...refused.map(({ keyId }) => keyId)])
      if (mode === 'replace')
        for (const { keyId, primaryUserId: userId } of before.values()) {
          if (named.has(keyId)) continue
          draft.drop(kinds[type], keyId)
          outcomes.push({ keyId, userId, outcome: 'removed', reason: '' })
        }
      return outcomes
    })
    for (const { keyId, outcome } of results)
      if (outcome === 'added' || outcome === 'changed' || outcome === 'removed') await note(outcome, type, keyId, by)
    return results
  }

  const note = (action: string, type: PgpKeyType, keyId: string, by: string) =>
    audit.record({ action, objectType: objectTypes[type], objectId: keyId, attributes: { by } })

  function openSecret(record: PgpSecretKeyRecord): LentPgpKey {
    let lent = opened.get(record)
    if (lent === undefined) {
      const { keyId, userIds, sealed } = record
      const secret = sealer.open(sealed, sealContextOf('pgpSecretKey', keyId)).toString()
      lent = { keyId, userIds, ...(JSON.parse(secret) as { armored: string; passphrase: string }) }
      opened.set(record, lent)
    }
    return lent
  }

  const secretRecords = (keyId?: string) => chosen('secret', keyId) as readonly PgpSecretKeyRecord[]

  return {
    list: (type) => [...ring(type).values()].map((record) => shownOf(type, record)),
    find: (type, keyId) => {
      const found = ring(type).get(keyId.toUpperCase())
      return found && shownOf(type, found)
    },
    importPublic: async (content, mode, by) => put('public', await readPublicKeys(content), mode, by),
    importSecret: async ({ content, passphrase, mode }, by) =>
      put('secret', await readSecretKeys(content, passphrase), mode, by),
    remove: async (type, keyId, by) => {
      const id = keyId.toUpperCase()
      await records.change((draft) => {
        if (!ring(type, draft).has(id)) throw faults.pgpKeyMissing({ keyId })
        draft.drop(kinds[type], id)
      })
      await note('delete', type, id, by)
    },
    exportPublic: async ({ type, keyId, format }) => {
      const { readKey } = await loadOpenPgp()
      const keys = await Promise.all(chosen(type, keyId).map(({ armored }) => readKey({ armoredKey: armored })))
      return writeKeys(keys, 'public', format)
    },
    exportSecret: async ({ keyId, passphrase, format }, by) => {
      if (passphrase.length < leastPassphrase) throw faults.pgpPassphraseWeak({ least: leastPassphrase })
      const { decryptKey, encryptKey, readPrivateKey } = await loadOpenPgp()
      const chosenKeys = secretRecords(keyId)
      const keys: PrivateKey[] = []
      for (const record of chosenKeys) {
        const lent = openSecret(record)
        const locked = await readPrivateKey({ armoredKey: lent.armored })
        const privateKey = await decryptKey({ privateKey: locked, passphrase: lent.passphrase })
        keys.push(await encryptKey({ privateKey, passphrase, config: { s2kIterationCountByte: slowest } }))
      }
      for (const record of chosenKeys) await note('exportSecretKey', 'secret', record.keyId, by)
      return writeKeys(keys, 'secret', format)
    },
    publicKeys: () => chosen('public', undefined).map(({ keyId, userIds, armored }) => ({ keyId, userIds, armored })),
    lendSecretKeys: () => secretRecords().map(openSecret),
  }
}

function judge(
  key: Fresh,
  old: PgpPublicKeyRecord | undefined,
  mode: PgpImportMode,
): Pick<PgpImportResult, 'outcome' | 'reason'> {
  if (old === undefined) return { outcome: 'added', reason: '' }
  // Key IDs can be forged to be equal; a ring that took the other key would encrypt to somebody else.
  if (old.fingerprint !== key.fingerprint)
    return { outcome: 'notImported', reason: 'another key with this key ID is there; delete that first' }
  // Of a secret key, equal public parts say nothing: it may hold more or fewer of the secret ones.
  if (old.armored === key.armored && key.sealed === undefined) return { outcome: 'unchanged', reason: '' }
  if (mode === 'add') return { outcome: 'notImported', reason: 'the key is there already' }
  return { outcome: 'changed', reason: '' }
}

async function writeKeys(
  keys: readonly (PublicKey | PrivateKey)[],
  type: PgpKeyType,
  format: PgpExportFormat,
): Promise<Buffer> {
  const binary = Buffer.concat(keys.map((key) => key.write()))
  if (format === 'gpg') return binary
  const { armor, enums } = await loadOpenPgp()
  const kind = type === 'public' ? enums.armor.publicKey : enums.armor.privateKey
  // GnuPG finds the end of an armor without padding by its checksum only.
  return Buffer.from(armor(kind, binary, undefined, undefined, undefined, true))
}
