import type { RecordStore, StoredRecord } from '../records/index.ts'
import { faults } from './faults.ts'
import type { Sealer } from './ports.ts'
import type { ResealedValue, SealedValue, SealedValues } from './sealed-values.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

interface ValueInRecord extends SealedValue {
  /** Where in the document it is. */
  readonly path: readonly string[]
}

const pageSize = 500

/**
 * What the seal of a record binds in. `named` is the `sealContext` of its document: what was sealed before there were
 * records binds in the place where it then was. Any other context is somebody's attempt to pass one value for another.
 */
export function recordContext(
  store: string,
  kind: string,
  id: string,
  named?: { readonly context: unknown; readonly type: unknown },
): string {
  if (store === 'registry' && kind === 'key') return `service key ${id}`
  const before =
    store === 'keystore' && kind === 'entry'
      ? `keystore keypair ${id}`
      : store === 'secrets' && kind === 'material'
        ? JSON.stringify(['material', named?.type, id])
        : undefined
  return before !== undefined && named?.context === before ? before : JSON.stringify([store, kind, id])
}

/**
 * What is sealed in records: every text in a member whose name begins with `sealed`, at any depth.
 */
export function sealedRecords(store: string, records: RecordStore): SealedValues {
  const mirror = new Map<string, StoredRecord>()
  let revision = 0
  const placeOf = ({ kind, id }: { readonly kind: string; readonly id: string }) => JSON.stringify([kind, id])

  async function refresh(): Promise<void> {
    let loaded = await records.load(revision)
    if (loaded.revision < revision) {
      loaded = await records.load(0)
      mirror.clear()
    }
    for (const record of loaded.records) mirror.set(placeOf(record), record)
    revision = loaded.revision
  }

  /** The records with their values changed; those that others changed meanwhile stay as they are. */
  function resealed(changes: readonly ResealedValue[]) {
    const documents = new Map<string, { readonly record: StoredRecord; readonly document: Json }>()
    let count = 0
    for (const { value, next } of changes) {
      const place = placeOf(value)
      const record = mirror.get(place)
      if (record?.document === undefined) continue
      const found = documents.get(place) ?? { record, document: JSON.parse(record.document) as Json }
      if (!replaceAt(found.document, (value as ValueInRecord).path, value.sealed, next)) continue
      documents.set(place, found)
      count++
    }
    const written = [...documents.values()].map(({ record: { kind, id }, document }) => ({
      kind,
      id,
      document: JSON.stringify(document),
    }))
    return { written, count }
  }

  return {
    store,
    async *pages(without) {
      await refresh()
      let page: SealedValue[] = []
      for (const record of mirror.values()) {
        page.push(...valuesOf(store, record).filter(({ sealed }) => without === '' || !sealed.startsWith(without)))
        if (page.length < pageSize) continue
        yield page
        page = []
      }
      if (page.length > 0) yield page
    },
    async replace(changes) {
      for (;;) {
        await refresh()
        const { written, count } = resealed(changes)
        if (count === 0 || (await records.write(revision, written))) return count
      }
    },
  }
}

function valuesOf(store: string, { kind, id, document }: StoredRecord): readonly ValueInRecord[] {
  if (document === undefined) return []
  let json: Json
  try {
    json = JSON.parse(document) as Json
  } catch {
    return [{ store, kind, id, context: undefined, sealed: '', path: [] }]
  }
  const { sealContext, type } = (json ?? {}) as { readonly sealContext?: unknown; readonly type?: unknown }
  const context = recordContext(store, kind, id, { context: sealContext, type })
  const found: ValueInRecord[] = []
  const collect = (part: Json, path: readonly string[], inSealed: boolean): void => {
    if (typeof part === 'string') {
      if (inSealed) found.push({ store, kind, id, context, sealed: part, path })
    } else if (typeof part === 'object' && part !== null) {
      for (const [name, each] of Object.entries(part as Readonly<Record<string, Json>>))
        collect(each, [...path, name], inSealed || name.startsWith('sealed'))
    }
  }
  collect(json, [], false)
  return found
}

/** The document with what is sealed in it opened by one sealer and sealed by another. @throws keystore.sealBroken */
export function resealDocument(store: string, record: StoredRecord, from: Sealer, to: Sealer): string | undefined {
  const values = valuesOf(store, record)
  if (record.document === undefined || values.length === 0) return record.document
  if (values.some(({ context }) => context === undefined))
    throw faults.sealBroken({ context: recordContext(store, record.kind, record.id), why: 'its record is no JSON' })
  const document = JSON.parse(record.document) as Json
  for (const { context = '', path, sealed } of values) {
    const opened = from.open(sealed, context)
    replaceAt(document, path, sealed, to.seal(opened, context))
    opened.fill(0)
  }
  return JSON.stringify(document)
}

/** False when there is something else than the expected text at the path. */
function replaceAt(document: Json, path: readonly string[], expected: string, next: string): boolean {
  let holder: unknown = document
  for (const step of path.slice(0, -1)) holder = (holder as Readonly<Record<string, unknown>> | undefined)?.[step]
  const last = path.at(-1)
  if (last === undefined || typeof holder !== 'object' || holder === null) return false
  const members = holder as Record<string, unknown>
  if (members[last] !== expected) return false
  members[last] = next
  return true
}
