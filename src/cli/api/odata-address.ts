/** A text as a literal of OData: in quotes, quotes inside doubled. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A DateTime literal, in UTC. */
export const timeLiteral = (time: number): string => `datetime'${new Date(time).toISOString().slice(0, -1)}'`

/** A relative address in which every value becomes a quoted, encoded literal: entity`Sets(${id})`. */
export const entity = (parts: TemplateStringsArray, ...values: readonly string[]): string =>
  parts.reduce((address, part, index) => address + encodeURIComponent(literal(values[index - 1] ?? '')) + part)

/** Query options that are given, encoded. */
export function query(options: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== '')
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')}`
}
