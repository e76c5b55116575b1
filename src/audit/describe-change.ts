import { canonicalJson } from './canonical-json.ts'
import type { Change } from './records.ts'

const longest = 1_000

// A net below the names that the caller gives: a field that was forgotten there is still no leak.
const secretName = /(?:pass(?:word|phrase|wd)?|secret|token|private_?key|api_?key|hash)$|^sealed/i
const secretText =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY|\bs1\.[0-9a-f]{16}\.|\$argon2|\bBearer\s+[\w.~+/=-]{20}|\beyJ[\w-]+\.eyJ/

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

const looksSecret = (name: string): boolean => secretName.test(name)

/** The value with `set` in the place of everything secret that lies in it. */
function withoutSecrets(value: unknown, isSecret: (name: string) => boolean): unknown {
  if (typeof value === 'string') return secretText.test(value) ? 'set' : value
  if (ArrayBuffer.isView(value)) return 'set'
  if (value instanceof Date) return value.toJSON()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((member) => withoutSecrets(member, isSecret))
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [
    name,
    isSecret(name) && !isEmpty(member) ? 'set' : withoutSecrets(member, isSecret),
  ])
  return Object.fromEntries(members)
}

function textOf(value: unknown, isSecret = looksSecret): string | undefined {
  if (value === undefined || value === null) return undefined
  const shown = withoutSecrets(value, isSecret)
  return cut(typeof shown === 'string' ? shown : canonicalJson(shown))
}

const bytesOf = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength)

const equal = (one: unknown, other: unknown): boolean =>
  ArrayBuffer.isView(one) && ArrayBuffer.isView(other)
    ? bytesOf(one).equals(bytesOf(other))
    : canonicalJson(one) === canonicalJson(other)

const change = (before: string | undefined, after: string | undefined): Change => ({
  ...(before !== undefined && { before }),
  ...(after !== undefined && { after }),
})

const secretChange = (was: unknown, is: unknown): Change =>
  change(isEmpty(was) ? undefined : 'set', isEmpty(is) ? undefined : isEmpty(was) ? 'set' : 'changed')

function openChange(was: unknown, is: unknown, isSecret: (name: string) => boolean): Change {
  const [before, after] = [textOf(was, isSecret), textOf(is, isSecret)]
  // Different values with one text: what changed is a secret within them, or lies beyond the cut.
  return change(before, before === after ? 'changed' : after)
}

/**
 * What differs between two states of an object, by field, as texts of up to 1,000 characters; `undefined` is an object
 * that did not exist or exists no more. Of the fields in `secretFields`, at any depth, and of what is named or looks
 * like a secret, it says only `set` and `changed`.
 */
export function describeChange(
  before: object | undefined,
  after: object | undefined,
  secretFields: readonly string[],
): Readonly<Record<string, Change>> {
  const isSecret = (name: string): boolean => secretFields.includes(name) || looksSecret(name)
  const [old, now] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))]
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((name): [string, Change][] => {
    const [was, is] = [old.get(name), now.get(name)]
    if (equal(was, is) || (isEmpty(was) && isEmpty(is))) return []
    return [[name, isSecret(name) ? secretChange(was, is) : openChange(was, is, isSecret)]]
  })
  return Object.fromEntries(changes)
}

/** A text as it is recorded: `set` when it looks like a secret. */
export const safeText = (text: string): string => (secretText.test(text) ? 'set' : text)

/** Attributes as they are recorded: texts of up to 1,000 characters, `set` in the place of a secret. */
export const safeAttributes = (attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      looksSecret(name) && value !== '' ? 'set' : (textOf(value) ?? ''),
    ]),
  )

/** Changes as they are recorded, for those that `describeChange` did not make. */
export const safeChanges = (changes: Readonly<Record<string, Change>>): Readonly<Record<string, Change>> =>
  Object.fromEntries(
    Object.entries(changes).map(([name, { before, after }]) => {
      const known = (text: string | undefined) => text === undefined || text === 'set' || text === 'changed'
      const plain = !looksSecret(name) || (known(before) && known(after))
      return [name, plain ? change(textOf(before), textOf(after)) : secretChange(before, after)]
    }),
  )
