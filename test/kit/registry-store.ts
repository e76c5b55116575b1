import type { RegistryStore, StoredRecord } from '../../src/identity/index.ts'

/** The rules of the registry's port, in memory. Several registries can share one. `records` holds what is stored now. */
export function inMemoryRegistry(): RegistryStore & { readonly records: () => readonly StoredRecord[] } {
  const rows = new Map<string, StoredRecord & { readonly revision: number }>()
  let revision = 0
  return {
    records: () => [...rows.values()].filter(({ document }) => document !== undefined),
    async load(after) {
      const found = [...rows.values()].filter((row) =>
        after === 0 ? row.document !== undefined : row.revision > after,
      )
      return { revision, records: found.map(({ kind, id, document }) => ({ kind, id, document })) }
    },
    async write(expected, records) {
      if (expected !== revision) return false
      revision++
      for (const record of records) rows.set(JSON.stringify([record.kind, record.id]), { ...record, revision })
      return true
    },
  }
}
