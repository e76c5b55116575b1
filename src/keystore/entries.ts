import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import { type CertificateFacts, factsOf, readCertificates } from './certificates.ts'
import { faults } from './faults.ts'
import type { EntryStore, Sealer, StoredEntry } from './ports.ts'

/** An entry as it is shown: never with its private key. */
export interface KeystoreEntry extends CertificateFacts {
  readonly alias: string
  readonly type: 'keypair' | 'certificate'
  readonly owner: 'system' | 'tenant'
  /** PEM, leaf first. */
  readonly chain: string
  readonly modifiedBy: string
  readonly modifiedAt: number
}

/** A key pair at work, for a TLS client or a signature. */
export interface LentKeyPair {
  /** PEM, leaf first. */
  readonly chain: string
  readonly key: KeyObject
}

/** A private key as PKCS#8 PEM, for TLS and for an entry's new home. */
export const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Who changes the keystore. Entries of the system may be changed by the system only, and those of the tenant by it. */
export interface KeystoreChange {
  readonly owner: 'system' | 'tenant'
  readonly user: string
  /** True allows to put the entry in the place of one with the same alias. */
  readonly replace?: boolean
}

export interface Keystore {
  readonly list: () => Promise<readonly KeystoreEntry[]>
  readonly find: (alias: string) => Promise<KeystoreEntry | undefined>
  /** @throws keystore.aliasInvalid, aliasTaken, systemOwned, certificateUnreadable */
  readonly putCertificate: (
    alias: string,
    certificate: string | Uint8Array,
    change: KeystoreChange,
  ) => Promise<KeystoreEntry>
  /** @throws keystore.aliasInvalid, aliasTaken, systemOwned, certificateUnreadable, keyUnreadable, keyOfAnother, chainBroken */
  readonly putKeyPair: (
    alias: string,
    pair: { readonly chain: string | Uint8Array; readonly key: string; readonly passphrase?: string },
    change: KeystoreChange,
  ) => Promise<KeystoreEntry>
  /** @throws keystore.aliasUnknown, keystore.notKeyPair, keystore.sealBroken */
  readonly lend: (alias: string) => Promise<LentKeyPair>
  /** @throws keystore.aliasUnknown, keystore.systemOwned */
  readonly remove: (alias: string, change: KeystoreChange) => Promise<void>
}

/** Alias and type are bound into the seal (the tenant is by the sealer): a key moved to another row does not open. */
const contextOf = (alias: string, type: string) => `keystore ${type} ${alias}`

const reserved = /^(?:sap_|hcicertificate|hcimsgcertificate)/i

function checkAlias(alias: string, owner: 'system' | 'tenant'): void {
  const refuse = (why: string) => faults.aliasInvalid({ alias, why })
  if (alias.length === 0 || alias.length > 250) throw refuse('it needs 1 to 250 characters')
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(alias) || alias.trim() !== alias)
    throw refuse('it has control characters or blanks around it')
  if (owner === 'tenant' && reserved.test(alias)) throw refuse('its prefix is reserved')
}

/** The keystore of one tenant: key pairs and certificates, private keys sealed. */
export function createKeystore(given: {
  readonly store: EntryStore
  readonly sealer: Sealer
  readonly clock: Clock
}): Keystore {
  const { store, sealer, clock } = given

  async function mayChange(alias: string, change: KeystoreChange): Promise<StoredEntry | undefined> {
    const present = await store.find(alias)
    if (present !== undefined && present.owner !== change.owner) throw faults.systemOwned({ alias })
    return present
  }

  async function put(
    alias: string,
    change: KeystoreChange,
    chain: readonly X509Certificate[],
    key: KeyObject | undefined,
  ) {
    checkAlias(alias, change.owner)
    const present = await mayChange(alias, change)
    if (present !== undefined && change.replace !== true) throw faults.aliasTaken({ alias })
    const type = key === undefined ? 'certificate' : 'keypair'
    const entry: StoredEntry = {
      alias,
      type,
      chain: chain.map((certificate) => certificate.toString()).join(''),
      sealedKey: key && sealer.seal(key.export({ format: 'der', type: 'pkcs8' }), contextOf(alias, type)),
      owner: change.owner,
      modifiedBy: change.user,
      modifiedAt: clock.now(),
    }
    await store.put(entry)
    return shown(entry)
  }

  return {
    list: async () => (await store.list()).map(shown),
    async find(alias) {
      const entry = await store.find(alias)
      return entry && shown(entry)
    },
    putCertificate: async (alias, certificate, change) =>
      await put(alias, change, readCertificates(certificate).slice(0, 1), undefined),
    async putKeyPair(alias, pair, change) {
      const chain = readCertificates(pair.chain)
      const key = readKey(pair.key, pair.passphrase)
      const [leaf] = chain
      if (leaf === undefined || !leaf.checkPrivateKey(key)) throw faults.keyOfAnother({ alias })
      checkChain(chain)
      return await put(alias, change, chain, key)
    },
    async lend(alias) {
      const entry = await store.find(alias)
      if (entry === undefined) throw faults.aliasUnknown({ alias })
      if (entry.sealedKey === undefined) throw faults.notKeyPair({ alias })
      const der = sealer.open(entry.sealedKey, contextOf(alias, entry.type))
      const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
      der.fill(0)
      return { chain: entry.chain, key }
    },
    async remove(alias, change) {
      if ((await mayChange(alias, change)) === undefined) throw faults.aliasUnknown({ alias })
      await store.remove(alias)
    },
  }
}

function shown({ alias, type, owner, chain, modifiedBy, modifiedAt }: StoredEntry): KeystoreEntry {
  const [leaf] = readCertificates(chain)
  if (leaf === undefined) throw faults.certificateUnreadable({ why: `the entry '${alias}' is empty` })
  return { alias, type, owner, chain, modifiedBy, modifiedAt, ...factsOf(leaf) }
}

function readKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch (cause) {
    const protectedKey = pem.includes('ENCRYPTED')
    throw faults.keyUnreadable(
      { why: protectedKey ? 'its passphrase is missing or wrong' : 'it is not a PEM private key' },
      { cause },
    )
  }
}

function checkChain(chain: readonly X509Certificate[]): void {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1]
    if (issuer === undefined || certificate.checkIssued(issuer)) continue
    throw faults.chainBroken({ subject: factsOf(certificate).subject, issuer: factsOf(issuer).subject })
  }
}
