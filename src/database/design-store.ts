import type { DesignStore } from '../design/index.ts'
import { changed, removed, toBuffer } from './outcome.ts'
import type { Database } from './open-database.ts'

/** Packages and artifacts of the design time in the database of a tenant. */
export function createDesignStore({ query }: Database): DesignStore {
  return {
    packages: () => query.selectFrom('integrationPackage').selectAll().orderBy('id').execute(),
    package: (id) => query.selectFrom('integrationPackage').selectAll().where('id', '=', id).executeTakeFirst(),
    insertPackage: async (value) =>
      changed(
        await query
          .insertInto('integrationPackage')
          .values(value)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      ),
    updatePackage: async (value) =>
      changed(await query.updateTable('integrationPackage').set(value).where('id', '=', value.id).executeTakeFirst()),
    deletePackage: async (id) =>
      removed(await query.deleteFrom('integrationPackage').where('id', '=', id).executeTakeFirst()),

    artifacts: ({ packageId, type }) => {
      let selected = query.selectFrom('artifact').selectAll()
      if (packageId !== undefined) selected = selected.where('packageId', '=', packageId)
      if (type !== undefined) selected = selected.where('type', '=', type)
      return selected.orderBy('id').execute()
    },
    artifact: (id) => query.selectFrom('artifact').selectAll().where('id', '=', id).executeTakeFirst(),
    content: async (id) =>
      toBuffer(
        await query.selectFrom('artifactContent').select('content').where('artifactId', '=', id).executeTakeFirst(),
      ),
    insertArtifact: (value, content) =>
      query.transaction().execute(async (transaction) => {
        const inserted = await transaction
          .insertInto('artifact')
          .values(value)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if (!changed(inserted)) return false
        await transaction.insertInto('artifactContent').values({ artifactId: value.id, content }).execute()
        return true
      }),
    updateArtifact: (value, content) =>
      query.transaction().execute(async (transaction) => {
        const updated = await transaction
          .updateTable('artifact')
          .set(value)
          .where('id', '=', value.id)
          .executeTakeFirst()
        if (!changed(updated)) return false
        await transaction.updateTable('artifactContent').set({ content }).where('artifactId', '=', value.id).execute()
        return true
      }),
    deleteArtifact: async (id) => removed(await query.deleteFrom('artifact').where('id', '=', id).executeTakeFirst()),
  }
}
