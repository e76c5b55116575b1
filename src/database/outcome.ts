import type { DeleteResult, InsertResult, UpdateResult } from 'kysely'

/** True when an insert or update found its row. */
export const changed = (result: InsertResult | UpdateResult): boolean =>
  ('numUpdatedRows' in result ? result.numUpdatedRows : (result.numInsertedOrUpdatedRows ?? 0n)) > 0n

/** True when a delete found its row. */
export const removed = (result: DeleteResult): boolean => result.numDeletedRows > 0n

/** The content of a row as a Buffer that shares its memory. */
export function toBuffer(row: { readonly content: Uint8Array } | undefined): Buffer | undefined {
  if (row === undefined) return undefined
  const { buffer, byteOffset, byteLength } = row.content
  return Buffer.from(buffer, byteOffset, byteLength)
}
