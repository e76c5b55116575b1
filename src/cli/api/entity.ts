/** An entity of the management API as it came over the wire. */
export type Entity = Readonly<Record<string, unknown>>

/** A property as text; '' where it is absent or null. */
export function textOf(entity: Entity, name: string): string {
  const value = entity[name]
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** A property of type DateTime (`/Date(1700000000000)/` or ISO) in milliseconds since 1970. */
export function timeOf(entity: Entity, name: string): number | undefined {
  const text = textOf(entity, name)
  const wire = /^\/Date\((-?\d+)(?:[+-]\d+)?\)\/$/.exec(text)?.[1]
  const time = wire === undefined ? Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`) : Number(wire)
  return Number.isNaN(time) ? undefined : time
}

/** An expanded collection; empty where it was not expanded. */
export function entitiesOf(entity: Entity, name: string): readonly Entity[] {
  const value = entity[name] as Entity | readonly Entity[] | null | undefined
  if (Array.isArray(value)) return value as readonly Entity[]
  const results = (value as Entity | null | undefined)?.results
  return Array.isArray(results) ? (results as Entity[]) : []
}

/** The declared properties alone, dates as ISO: what `--json` prints. */
export function plain(
  entity: Entity,
  texts: readonly string[],
  times: readonly string[] = [],
): Record<string, unknown> {
  const properties = texts.map((name) => [name, entity[name] ?? null])
  const dates = times.map((name) => [name, isoOf(timeOf(entity, name))])
  return Object.fromEntries([...properties, ...dates]) as Record<string, unknown>
}

/** ISO 8601 in UTC, or null. */
export const isoOf = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString()

/** Local time to the second, as a person reads it; '' where there is none. */
export function localTime(time: number | undefined): string {
  if (time === undefined) return ''
  const date = new Date(time)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
