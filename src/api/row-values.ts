import type { Row } from '../odata/index.ts'
import { faults } from './faults.ts'

/** The text of a property of a key or body; '' where it is absent. */
export function textOf(row: Row, name: string): string {
  const value = row[name]
  return typeof value === 'string' ? value : ''
}

/** The properties of a body that are given, by the names that a service uses. */
export function given<Names extends Readonly<Record<string, string>>>(
  body: Row,
  names: Names,
): { readonly [Name in keyof Names]?: string } {
  const found = Object.entries(names).flatMap(([own, property]) => {
    const value = body[property]
    return typeof value === 'string' ? [[own, value]] : []
  })
  return Object.fromEntries(found) as { readonly [Name in keyof Names]?: string }
}

/** @throws api.propertyMissing naming all that are empty */
export function requireTexts(body: Row, names: readonly string[]): void {
  const missing = names.filter((name) => textOf(body, name) === '')
  if (missing.length > 0) throw faults.propertyMissing({ names: missing })
}

/** Bytes of a base64 property; undefined where it is absent or empty. @throws api.contentInvalid */
export function bytesOf(body: Row, property: string): Buffer | undefined {
  const text = textOf(body, property).replaceAll(/[\r\n]/g, '')
  if (text === '') return undefined
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.replaceAll('=', '').length % 4 === 1)
    throw faults.contentInvalid({ property })
  return Buffer.from(text, 'base64')
}

/** Milliseconds since 1970 as text: how the design time writes its dates. */
export const epochText = (time: number): string => String(time)

/** Null for the empty text, as the message log shows what was not set. */
export const orNull = (value: string): string | null => (value === '' ? null : value)

/** A content type that can stand in a header; what flows set as one may be anything. */
export const safeContentType = (value: string): string =>
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;\s*[\w.-]+=(?:[\w.+:/-]+|"[\w .+:/-]*"))*$/.test(value)
    ? value
    : 'application/octet-stream'

/** The text of a property of a body; undefined where it is absent, '' where it is given empty. */
export const optionalText = (body: Row, name: string): string | undefined => optional(body, name, 'string')

/** Milliseconds since 1970, or a number, of a property of a body. */
export const optionalNumber = (body: Row, name: string): number | undefined => optional(body, name, 'number')

export const optionalFlag = (body: Row, name: string): boolean | undefined => optional(body, name, 'boolean')

function optional<Type extends 'string' | 'number' | 'boolean'>(body: Row, name: string, type: Type) {
  const value = body[name]
  // oxlint-disable-next-line valid-typeof -- the type is one of three words
  return (typeof value === type ? value : undefined) as
    | { readonly string: string; readonly number: number; readonly boolean: boolean }[Type]
    | undefined
}

/** The members that are there, for requests in which an absent one means that nothing is said. */
export function present<Members extends object>(
  members: Members,
): {
  readonly [Name in keyof Members]?: Exclude<Members[Name], undefined>
} {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [Name in keyof Members]?: Exclude<Members[Name], undefined>
  }
}
