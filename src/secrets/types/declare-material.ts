import { type Field, type FieldSet, readFields, text, type Words } from '../../fields/index.ts'
import type { DeployStatus, MaterialTypeName } from '../records.ts'

/** The raw values of fields, as forms, the API and the database hold them. */
export type RawFields = Readonly<Record<string, string>>

/** One type of security material, declared once: what is shown, what is secret, and what must hold between them. */
export interface MaterialType {
  readonly type: MaterialTypeName
  /** How the original's monitor names the type. */
  readonly label: string
  readonly shown: FieldSet
  readonly secret: FieldSet
  /** The most of this type that a tenant can have. */
  readonly most: number
  readonly firstStatus: DeployStatus
  /**
   * Shown fields that say where the secrets are sent. Who changes one gives the secrets again; otherwise somebody who
   * may change but not see them could have them sent to a place of his own.
   */
  readonly sentTo: readonly string[]
  /** What is wrong with the name, for this type only. */
  readonly nameProblem?: (name: string) => string | undefined
  /** What is wrong between fields that are each right. */
  readonly rules?: (raw: RawFields) => readonly string[]
}

/** All that is wrong with the values of a material; the words hold no value of a secret field. */
export function problemsOf(type: MaterialType, shown: RawFields, secret: RawFields): readonly string[] {
  const ofShown = readFields(type.shown, shown)
  const ofSecret = readFields(type.secret, secret)
  const problems = [...ofShown.problems, ...ofSecret.problems].map(({ field, problem }) => `${field} ${problem}`)
  const unknown = [...ofShown.unknown, ...ofSecret.unknown].map((name) => `${name} is no field of ${type.label}`)
  if (problems.length > 0 || unknown.length > 0) return [...problems, ...unknown]
  return type.rules?.({ ...defaultsOf(type.shown), ...shown, ...defaultsOf(type.secret), ...secret }) ?? []
}

/** The raw values of the fields that have one without being given. */
export const defaultsOf = (fields: FieldSet): RawFields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, { fallback }]) => (fallback === undefined ? [] : [[name, fallback]])),
  )

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** The address of a server that is sent secrets: https, or this machine itself; without user and password in it. */
export function secretUrl(words: Words): Field<string> {
  const field = text({ ...words, maxLength: 2000 })
  return {
    ...field,
    kind: 'url',
    read(raw) {
      const read = field.read(raw)
      if ('problem' in read) return read
      const url = URL.parse(raw)
      if (url === null) return { problem: 'must be an address such as https://server.example.com/path' }
      if (url.username !== '' || url.password !== '') return { problem: 'must not hold a user or password' }
      if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))) return read
      return { problem: 'must begin with https://, because secrets are sent there' }
    },
  }
}

export const notBlank = (value: string | undefined): boolean => (value ?? '').trim() !== ''
