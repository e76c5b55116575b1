import type { Selectable, Transaction } from 'kysely'
import type { IdentityStore, RegisteredCertificate, ServiceInstance, ServiceKey } from '../identity/index.ts'
import type { Database } from './open-database.ts'
import { changed, removed } from './outcome.ts'
import type { Tables } from './tables.ts'

type InstanceRow = Selectable<Tables['serviceInstance']>

const texts = (json: string): readonly string[] => JSON.parse(json) as readonly string[]

const toRow = (instance: ServiceInstance): InstanceRow => ({
  ...instance,
  roles: JSON.stringify(instance.roles),
  grantTypes: JSON.stringify(instance.grantTypes),
  redirectUris: JSON.stringify(instance.redirectUris),
})

const fromRow = (row: InstanceRow): ServiceInstance => ({
  ...row,
  roles: texts(row.roles),
  grantTypes: texts(row.grantTypes),
  redirectUris: texts(row.redirectUris),
})

/** Undoes what the transaction did so far: a key never stays without its certificate. */
class CertificateTaken extends Error {
  readonly by: string

  constructor(by: string) {
    super('the certificate is registered already')
    this.by = by
  }
}

async function insertKey(
  transaction: Transaction<Tables>,
  key: ServiceKey,
  certificate: RegisteredCertificate | undefined,
): Promise<Awaited<ReturnType<IdentityStore['insertKey']>>> {
  const inserted = await transaction
    .insertInto('serviceKey')
    .values({ ...key, secretHash: key.secretHash ?? null, sealedSecret: key.sealedSecret ?? null })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (!changed(inserted)) {
    const { id } = await transaction
      .selectFrom('serviceKey')
      .select('id')
      .where((row) =>
        row.or([row('id', '=', key.id), row.and([row('instanceId', '=', key.instanceId), row('name', '=', key.name)])]),
      )
      .executeTakeFirstOrThrow()
    return { taken: 'name', by: id }
  }
  if (certificate === undefined) return { inserted: true }
  const registered = await transaction
    .insertInto('registeredCertificate')
    .values(certificate)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (changed(registered)) return { inserted: true }
  const { keyId } = await transaction
    .selectFrom('registeredCertificate')
    .select('keyId')
    .where('fingerprint', '=', certificate.fingerprint)
    .executeTakeFirstOrThrow()
  throw new CertificateTaken(keyId)
}

/** Service instances, their keys and certificates in the database of a tenant. `by` is the id of a service key. */
export function createIdentityStore({ query }: Database): IdentityStore {
  return {
    load: () =>
      query
        .transaction()
        .setAccessMode('read only')
        .setIsolationLevel('repeatable read')
        .execute(async (transaction) => {
          const instances = await transaction.selectFrom('serviceInstance').selectAll().orderBy('id').execute()
          const keys = await transaction.selectFrom('serviceKey').selectAll().orderBy('id').execute()
          const certificates = await transaction
            .selectFrom('registeredCertificate')
            .selectAll()
            .orderBy('fingerprint')
            .execute()
          return {
            instances: instances.map(fromRow),
            keys: keys.map((key) => ({
              ...key,
              secretHash: key.secretHash ?? undefined,
              sealedSecret: key.sealedSecret ?? undefined,
            })),
            certificates,
          }
        }),
    insertInstance: async (instance) =>
      changed(
        await query
          .insertInto('serviceInstance')
          .values(toRow(instance))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      ),
    updateInstance: async (instance) =>
      changed(
        await query
          .updateTable('serviceInstance')
          .set(toRow(instance))
          .where('id', '=', instance.id)
          .where((row) =>
            row.not(
              row.exists(
                row
                  .selectFrom('serviceInstance as other')
                  .select('other.id')
                  .where('other.name', '=', instance.name)
                  .where('other.id', '!=', instance.id),
              ),
            ),
          )
          .executeTakeFirst(),
      ),
    deleteInstance: async (id) =>
      removed(await query.deleteFrom('serviceInstance').where('id', '=', id).executeTakeFirst()),
    insertKey: async (key, certificate) => {
      try {
        return await query.transaction().execute((transaction) => insertKey(transaction, key, certificate))
      } catch (thrown) {
        if (thrown instanceof CertificateTaken) return { taken: 'certificate', by: thrown.by }
        throw thrown
      }
    },
    deleteKey: async (id) => removed(await query.deleteFrom('serviceKey').where('id', '=', id).executeTakeFirst()),
  }
}
