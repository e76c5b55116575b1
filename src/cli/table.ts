import { stripVTControlCharacters } from 'node:util'

/** Aligned columns, two spaces apart; the last is not padded. Without a header only rows. A cell is one line. */
export function table(header: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const all = [...(header === undefined ? [] : [header.map((name) => name.toUpperCase())]), ...rows].map((row) =>
    row.map(oneLine),
  )
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => visible(row[column] ?? ''))))
  return all
    .map((row) =>
      row
        .map((cell, column) => padded(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `name  value` lines; entries without a value are left out. */
export const facts = (entries: readonly (readonly [name: string, value: string])[]): string =>
  table(
    undefined,
    entries.filter(([, value]) => value !== ''),
  )

const oneLine = (text: string): string => text.replaceAll(/[\r\n\t]+/g, ' ')
const visible = (text: string): number => stripVTControlCharacters(text).length
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - visible(text)))
