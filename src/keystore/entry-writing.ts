import type { KeyObject, X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { Draft, View } from '../records/contracts.ts'
import { checkAlias } from './aliases.ts'
import { factsOf, fingerprintOf, readCertificates } from './certificates.ts'
import { isVouchedFor } from './chains.ts'
import type { EntryType, KeystoreChange, KeystoreLimits } from './contracts.ts'
import { faults } from './faults.ts'
import { keyOfDer } from './generate-key.ts'
import { bytesOf, contextOf, type EntryKind, type EntryRecord, type KeystoreRecords } from './keystore-records.ts'
import { recordContext } from './sealed-records.ts'
import type { Sealer } from './ports.ts'

/** What is to become an entry: the leaf first, and the key where it is one with a key. */
export interface NewEntry {
  readonly alias: string
  readonly type: EntryType
  readonly chain: readonly X509Certificate[]
  readonly key: KeyObject | undefined
}

export const typeWords: Readonly<Record<EntryType, string>> = {
  keypair: 'key pair',
  certificate: 'certificate',
  ssh: 'SSH key',
  rsa: 'RSA key',
}

type Placed = { readonly record: EntryRecord; readonly done: 'created' | 'updated' | 'unchanged' }

/** How entries come into the records of a keystore: with every rule that holds between them. */
export function createEntryWriting(given: {
  readonly sealer: Sealer
  readonly clock: Clock
  readonly limits: KeystoreLimits
}) {
  const { sealer, clock, limits } = given

  /** @throws keystore.sealBroken */
  function keyOf(record: EntryRecord, kind: EntryKind): KeyObject | undefined {
    if (record.sealedKey === undefined) return undefined
    const { alias, sealContext: context, type } = record
    const der = sealer.open(record.sealedKey, recordContext('keystore', kind, alias, { context, type }))
    const key = keyOfDer(der)
    der.fill(0)
    return key
  }

  function sealed(key: KeyObject | undefined, kind: EntryKind, alias: string) {
    if (key === undefined) return {}
    const der = key.export({ format: 'der', type: 'pkcs8' })
    const sealedKey = sealer.seal(der, contextOf(kind, alias))
    der.fill(0)
    return { sealedKey }
  }

  /** @throws keystore.systemOwned */
  function mayChange(view: View<KeystoreRecords>, alias: string, change: KeystoreChange): EntryRecord | undefined {
    const present = view.of('entry').get(alias)
    if (present !== undefined && present.owner !== change.owner) throw faults.systemOwned({ alias })
    return present
  }

  /** @throws keystore.notTrusted, expired */
  function checkChainOf({ chain }: NewEntry, view: View<KeystoreRecords>, change: KeystoreChange): void {
    const [leaf] = chain
    if (leaf === undefined || change.owner === 'system') return
    const { subject, fingerprint, validTo } = factsOf(leaf)
    if (validTo < clock.now() && change.acceptExpired !== true)
      throw faults.expired({ subject, until: new Date(validTo).toISOString().slice(0, 10) })
    if (change.fingerprintVerified !== false) return
    const known = [...view.of('entry').values()].flatMap((each) => readCertificates(each.chain))
    if (!isVouchedFor(chain, known)) throw faults.notTrusted({ subject, fingerprint, certificate: leaf.toString() })
  }

  /**
   * Puts an entry among those in use.
   * @throws keystore.aliasInvalid, aliasTaken, systemOwned, typeDiffers, notTrusted, expired
   */
  function place(draft: Draft<KeystoreRecords>, entry: NewEntry, change: KeystoreChange): Placed {
    const { alias, type, chain, key } = entry
    checkAlias(alias, change.owner)
    const present = mayChange(draft, alias, change)
    // What the system writes again is to carry its new author.
    if (present !== undefined && change.owner === 'tenant' && isSame(present, entry))
      return { record: present, done: 'unchanged' }
    if (present !== undefined && change.replace !== true) throw faults.aliasTaken({ alias })
    // A certificate in the place of a key pair would take its private key away.
    if (present !== undefined && change.owner === 'tenant' && (present.type === 'certificate') !== (key === undefined))
      throw faults.typeDiffers({ alias, present: typeWords[present.type], given: typeWords[type] })
    checkChainOf(entry, draft, change)
    const now = clock.now()
    const record = draft.put('entry', {
      alias,
      type,
      chain: chain.map((certificate) => certificate.toString()).join(''),
      ...sealed(key, 'entry', alias),
      owner: change.owner,
      createdBy: present?.createdBy ?? change.user,
      createdAt: present?.createdAt ?? now,
      modifiedBy: change.user,
      modifiedAt: now,
    })
    return { record, done: present === undefined ? 'created' : 'updated' }
  }

  /** The same entry in another place or under another alias, sealed anew. */
  function moved(
    record: EntryRecord,
    from: EntryKind,
    to: { readonly kind: EntryKind; readonly alias: string; readonly formerAlias?: string },
  ): EntryRecord {
    const { sealedKey: _, sealContext: __, formerAlias: ___, ...rest } = record
    const former = to.formerAlias === undefined ? {} : { formerAlias: to.formerAlias }
    return { ...rest, ...former, alias: to.alias, ...sealed(keyOf(record, from), to.kind, to.alias) }
  }

  /** @throws keystore.keystoreFull */
  function checkSize(view: View<KeystoreRecords>): void {
    const bytes = bytesOf(view)
    if (bytes > limits.keystore) throw faults.keystoreFull({ bytes, limit: limits.keystore })
  }

  return { keyOf, mayChange, place, moved, checkSize, checkChainOf }
}

export type EntryWriting = ReturnType<typeof createEntryWriting>

function isSame({ type, chain }: EntryRecord, entry: NewEntry): boolean {
  const present = readCertificates(chain).map(fingerprintOf)
  const given = entry.chain.map(fingerprintOf)
  // Two entries with the same leaf have the same key: the key was checked against it.
  return type === entry.type && present.length === given.length && present.every((each, at) => each === given[at])
}
