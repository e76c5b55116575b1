import type { KeyObject } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { RecordStore } from '../records/contracts.ts'
import { createRecords } from '../records/index.ts'
import { readCertificateBundle } from './certificate-bundle.ts'
import { readCertificates } from './certificates.ts'
import type { Keystore, KeystoreLimits } from './contracts.ts'
import { faults } from './faults.ts'
import { writeSigningRequest } from './generate-key.ts'
import { createKeystoreCore, type KeystoreAudit, type KeystoreCore } from './keystore-core.ts'
import { bytesOf, ids, kinds, type KeystoreRecords } from './keystore-records.ts'
import { moveEntries } from './move-entries.ts'
import { writePkcs12 } from './pkcs12.ts'
import type { Sealer } from './ports.ts'
import { putEntries } from './put-entries.ts'
import { answeredChain } from './sign-response.ts'
import { createSystemKeys } from './system-keys.ts'

/** A private key as PKCS#8 PEM, for TLS and for an entry's new home. */
export const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** What the original takes at most, in bytes. */
export const usualLimits: KeystoreLimits = {
  keystore: 6 * 1024 * 1024,
  upload: 2 * 1024 * 1024,
  certificate: 10_240,
  keyPair: 30_720,
  signingResponse: 30_720,
}

/** Opens the keystores of one tenant. */
export async function createKeystore(given: {
  readonly store: RecordStore
  readonly sealer: Sealer
  readonly clock: Clock
  /** What names a key, in words such as "flow Orders, channel HTTP receiver". */
  readonly whereUsed?: (kind: 'key', alias: string) => Promise<readonly string[]>
  readonly audit?: KeystoreAudit
  readonly limits?: Partial<KeystoreLimits>
  /** True where private keys of the tenant may leave. */
  readonly exportPrivateKeys?: boolean
}): Promise<Keystore> {
  const { store, sealer, clock, whereUsed, audit, exportPrivateKeys = false } = given
  const limits = { ...usualLimits, ...given.limits }
  const records = await createRecords<KeystoreRecords, undefined>({ store, ids, indexOf: () => undefined })
  const core = createKeystoreCore({ records, sealer, clock, limits, whereUsed, audit })
  const { shown } = core
  return {
    ...createSystemKeys({ ...core, sealer }),
    ...putEntries(core),
    ...moveEntries(core),
    ...signing(core),
    list: async (keystore = 'system') =>
      [...records.view().of(kinds[keystore]).values()].map(shown).sort((a, b) => (a.alias < b.alias ? -1 : 1)),
    async find(alias, keystore = 'system') {
      const record = records.view().of(kinds[keystore]).get(alias)
      return record && shown(record)
    },
    lend: async (alias) => core.lend(alias),
    async exportPrivateKey(alias, password, user) {
      const record = core.present(alias)
      if (record.owner === 'system') throw faults.exportForbidden({ alias, why: 'it belongs to the system' })
      if (!exportPrivateKeys)
        throw faults.exportForbidden({ alias, why: 'the settings do not allow to export private keys' })
      const { chain, key } = core.lend(alias)
      const file = await writePkcs12({ chain, privateKey: pemOf(key), password, friendlyName: alias })
      await core.note('Read', shown(record), user, { 'Private Key': 'exported' })
      return file
    },
    size: () => bytesOf(records.view()),
    reload: records.reload,
    onChange: records.onChange,
  }
}

/** The way to a certificate of a CA: the request, and what becomes of the answer. */
const signing = (core: KeystoreCore): Pick<Keystore, 'signingRequest' | 'signingResponse'> => ({
  async signingRequest(alias) {
    const { owner, chain } = core.present(alias)
    if (owner === 'system') throw faults.requestNotOffered({ alias, why: 'the system provides and renews it' })
    if (alias === 'id_rsa' || alias === 'id_dsa')
      throw faults.requestNotOffered({ alias, why: 'it is for SSH, which asks for no certificate' })
    return writeSigningRequest(core.lend(alias).key, chain)
  },

  async signingResponse(alias, content, change) {
    core.checkBytes(content, core.limits.signingResponse, 'The signing response')
    const answer = readCertificateBundle(content)
    const { type, chain: before } = core.writing.mayChange(core.records.view(), alias, change) ?? core.present(alias)
    const { key } = core.lend(alias)
    const present = readCertificates(before)
    const chain = answeredChain({ alias, key, answer, present, known: core.certificates() })
    return core.put({ alias, type, chain, key }, { ...change, replace: true })
  },
})
