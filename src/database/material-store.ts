import type { Selectable } from 'kysely'
import type { MaterialStore, StoredMaterial } from '../secrets/index.ts'
import type { Database } from './open-database.ts'
import { changed, removed } from './outcome.ts'
import type { Tables } from './tables.ts'

const fromRow = (row: Selectable<Tables['material']>): StoredMaterial => ({
  ...row,
  shown: JSON.parse(row.shown) as StoredMaterial['shown'],
})

const toRow = (material: StoredMaterial): Selectable<Tables['material']> => ({
  ...material,
  shown: JSON.stringify(material.shown),
})

/** Security materials in the database of a tenant. */
export const createMaterialStore = ({ query }: Database): MaterialStore => ({
  list: async (type) => {
    let selected = query.selectFrom('material').selectAll()
    if (type !== undefined) selected = selected.where('type', '=', type)
    return (await selected.orderBy('name').execute()).map(fromRow)
  },
  find: async (name) => {
    const row = await query.selectFrom('material').selectAll().where('name', '=', name).executeTakeFirst()
    return row && fromRow(row)
  },
  insert: async (material) =>
    changed(
      await query
        .insertInto('material')
        .values(toRow(material))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    ),
  update: async (material) =>
    changed(
      await query.updateTable('material').set(toRow(material)).where('name', '=', material.name).executeTakeFirst(),
    ),
  remove: async (name) => removed(await query.deleteFrom('material').where('name', '=', name).executeTakeFirst()),
})
