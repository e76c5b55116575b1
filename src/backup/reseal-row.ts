import { resealDocument, resealRow as resealValue, type Sealer } from '../keystore/index.ts'
import { faults } from './faults.ts'
import type { BackupRow } from './ports.ts'

const recordTable = /^(registry|keystore|secrets)_record$/

/** The row with everything that is sealed in it opened by one sealer and sealed by another. @throws backup.sealBroken */
export function resealRow(row: BackupRow, from: Sealer, to: Sealer): BackupRow {
  const { table, values } = row
  const text = (column: string): string => String(values[column] ?? '')
  const [, store] = recordTable.exec(table) ?? []
  const id = table === 'variable' ? text('name') : text('id')
  try {
    if (store !== undefined) {
      const record = { kind: text('kind'), id, document: text('document') }
      return { table, values: { ...values, document: resealDocument(store, record, from, to) ?? null } }
    }
    if (table !== 'variable') return row
    const sealed = resealValue('variable', { key: [id, text('flow_id')], sealed: text('sealed') }, from, to)
    return { table, values: { ...values, sealed } }
  } catch (cause) {
    throw faults.sealBroken({ store: store ?? table, id }, { cause })
  }
}
