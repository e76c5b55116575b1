import {
  createSealer,
  masterKeyFile,
  newTenantKey,
  openTenantKeys,
  sealedRecords,
  sealedRows,
  type Sealer,
  type SealedValues,
  type TenantStore,
} from '../../src/keystore/index.ts'
import {
  openControlStores,
  openDatabase,
  openTenantStores,
  type DatabasePlace,
  type TenantStores,
} from '../../src/database/index.ts'
import { createVariables } from '../../src/stores/index.ts'
import { ended, step } from './messages.ts'

const tenant = 'default'

/** Where an installation is: its two schemas and its master key. */
export interface InstallationPlace {
  readonly control: DatabasePlace
  readonly tenant: DatabasePlace
  readonly keyFile: string
}

/** An installation with sealed values at all their places, without the processes. */
export interface SealedInstallation {
  readonly keyFile: string
  readonly tenants: TenantStore
  readonly stores: TenantStores
  readonly values: readonly SealedValues[]
  /** The keys of the tenant, as a start finds them. */
  readonly keys: () => Promise<readonly Buffer[]>
  readonly close: () => Promise<void>
}

/** Opens an installation, making the key of its tenant when it is new. */
export async function openInstallation(place: InstallationPlace): Promise<SealedInstallation> {
  const control = await openDatabase(place.control)
  const database = await openDatabase(place.tenant)
  const { tenants } = openControlStores(control)
  const stores = openTenantStores(database)
  const file = masterKeyFile(place.keyFile)
  const present = await tenants.list()
  const masterKey = await file.open(present.map(({ sealedKey }) => sealedKey))
  if (present.length === 0) await tenants.insert({ id: tenant, ...newTenantKey({ masterKey, tenant }) })
  return {
    keyFile: place.keyFile,
    tenants,
    stores,
    values: [
      sealedRecords('registry', stores.registry),
      sealedRecords('keystore', stores.keystore),
      sealedRecords('secrets', stores.secrets),
      ...stores.sealedRows.map(sealedRows),
    ],
    async keys() {
      const rows = await tenants.list()
      const key = await file.open(rows.map(({ sealedKey }) => sealedKey))
      return openTenantKeys({ masterKey: key, tenant, sealedKey: rows[0]?.sealedKey ?? '' })
    },
    async close() {
      await database.close()
      await control.close()
    },
  }
}

/** Seals `count` values at each kind of place; returns how many values there are. */
export async function fill({ stores }: SealedInstallation, sealer: Sealer, count: number): Promise<number> {
  const clock = { now: Date.now, monotonic: () => 0 }
  const names = Array.from({ length: count }, (_, index) => `name ${index} "é"`)
  const seal = (context: string) => sealer.seal(Buffer.from('canary'), context)
  const records = (kind: string, document: (id: string) => object) =>
    names.map((id) => ({ kind, id, document: JSON.stringify(document(id)) }))
  const { registry, keystore, secrets } = stores
  await registry.write(
    (await registry.load(0)).revision,
    records('key', (id) => ({ sealedSecret: seal(`service key ${id}`) })),
  )
  const context = (store: string, kind: string, id: string) => JSON.stringify([store, kind, id])
  await keystore.write((await keystore.load(0)).revision, [
    ...records('entry', (id) => ({ sealedKey: seal(`keystore keypair ${id}`), sealContext: `keystore keypair ${id}` })),
    ...records('plain', (id) => ({ alias: id, description: 's1.0123456789abcdef.looks-sealed' })),
  ])
  await secrets.write(
    (await secrets.load(0)).revision,
    records('material', (id) => ({
      shown: { user: 'tom' },
      sealed: seal(context('secrets', 'material', id)),
      versions: [{ sealedRing: [seal(context('secrets', 'material', id))] }],
    })),
  )
  const variables = createVariables({ store: stores.variables, sealer, clock })
  for (const name of names) await variables.write(name, 'local', 'Flow', 'canary')
  const events = names.map((_, index) => {
    const id = `message-${index}`
    const [first] = ended(id).steps
    const trace = {
      payloadSize: 6,
      mimeType: 'text/plain',
      sealed: seal(`trace:${id}`),
      truncated: false,
      expires: 9e12,
    }
    const attached = {
      id: `a-${index}`,
      name: 'a',
      contentType: 'text/plain',
      size: 6,
      sealed: seal(`attachment:a-${index}`),
    }
    return ended(id, { attachments: [attached], steps: [{ ...(first ?? step('S')), trace }] })
  })
  await stores.messages.apply(events, { node: 'node-1', segment: 1, offset: count })
  return count * 7
}

export const sealerOf = (keys: readonly Buffer[]) => createSealer({ keys, tenant })
