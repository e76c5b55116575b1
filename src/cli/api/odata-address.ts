/** A text as a literal of OData: in quotes, quotes inside doubled. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A DateTime literal, in UTC. */
export const timeLiteral = (time: number): string => `datetime'${new Date(time).toISOString().slice(0, -1)}'`

/**
 * A relative address in which every value becomes a quoted, encoded literal: entity`Sets(${id})`. A slash stays as it
 * is: inside quotes it separates nothing, and servers refuse paths with encoded ones.
 */
export const entity = (parts: TemplateStringsArray, ...values: readonly string[]): string =>
  parts.reduce((address, part, index) => address + encoded(literal(values[index - 1] ?? '')) + part)

const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/')

/** Query options that are given, encoded. */
export function query(options: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== '')
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')}`
}
