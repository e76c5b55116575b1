import type { Sealer, SealedRow, SealedRows } from './ports.ts'
import type { SealedValue, SealedValues } from './sealed-values.ts'

interface ValueInRow extends SealedValue {
  readonly key: SealedRow['key']
}

/** How many rows are read at once: an attachment can have megabytes. */
const pageSizes = { variable: 500, attachment: 4, trace: 16, authorization_model: 500 } as const

/** What the seals of rows bind in, as those say that write them (src/stores, src/runtime, src/auth). */
const contexts: Readonly<Record<SealedRows['table'], (key: SealedRow['key']) => string>> = {
  variable: ([name, flowId]) => JSON.stringify(['variable', flowId, name]),
  attachment: ([id]) => `attachment:${id}`,
  trace: ([messageId]) => `trace:${messageId}`,
  authorization_model: ([kind, id]) => JSON.stringify(['authorization_model', kind, id]),
}

/** What is sealed in the rows of a table. */
export function sealedRows(rows: SealedRows): SealedValues {
  const { table } = rows
  return {
    store: table,
    async *pages(without) {
      let after: SealedRow['key'] | undefined
      for (;;) {
        const page = await rows.read({ after, without, limit: pageSizes[table] })
        const last = page.at(-1)
        if (last === undefined) return
        after = last.key
        yield page.map(
          ({ key, sealed }): ValueInRow => ({
            store: table,
            kind: table,
            id: key.join(' '),
            context: contexts[table](key),
            sealed,
            key,
          }),
        )
      }
    },
    replace: (changes) =>
      rows.replace(changes.map(({ value, next }) => ({ key: (value as ValueInRow).key, sealed: value.sealed, next }))),
  }
}

/** The value of a row opened by one sealer and sealed by another. @throws keystore.sealBroken */
export function resealRow(table: SealedRows['table'], { key, sealed }: SealedRow, from: Sealer, to: Sealer): string {
  const context = contexts[table](key)
  const opened = from.open(sealed, context)
  const next = to.seal(opened, context)
  opened.fill(0)
  return next
}
