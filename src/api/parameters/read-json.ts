import { faults } from '../faults.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** Deeper text than any parameters have; it would only exhaust the stack. */
const deepest = 32

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const stringForm = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y
// Blanks and comments, which people leave in parameters that they keep in a file.
const blankForm = /(?:[\s\ufeff]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
const words = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/**
 * Reads JSON (RFC 8259) that people write by hand: a comma before a closing bracket and comments are allowed, a name
 * given twice is not.
 * @throws api.jsonInvalid with line and column
 */
export function readJson(source: string, property: string): Json {
  let at = 0

  function fail(why: string, position = at): never {
    const before = source.slice(0, position).split('\n')
    const place = { property, line: before.length, column: (before.at(-1) ?? '').length + 1 }
    throw faults.jsonInvalid({ ...place, why })
  }

  function match(form: RegExp): string | undefined {
    form.lastIndex = at
    const found = form.exec(source)?.[0]
    if (found !== undefined) at += found.length
    return found
  }

  /** The next sign that counts, which stays unread. */
  function next(): string {
    match(blankForm)
    return source[at] ?? ''
  }

  function text(): string {
    const found = match(stringForm)
    if (found === undefined)
      fail(
        source[at] === '"'
          ? 'the text that begins here is not ended or not escaped'
          : 'a text in double quotes is expected',
      )
    return JSON.parse(found) as string
  }

  function members<T>(closing: string, depth: number, member: () => T): readonly T[] {
    if (depth > deepest) fail('it is nested too deeply')
    at++
    const found: T[] = []
    while (next() !== closing) {
      found.push(member())
      if (next() === ',') at++
      else if (source[at] !== closing) fail(`',' or '${closing}' is expected`)
    }
    at++
    return found
  }

  function value(depth: number): Json {
    const sign = next()
    if (sign === '{') {
      const names = new Set<string>()
      const entries = members('}', depth, (): [string, Json] => {
        const start = at
        const name = text()
        if (names.has(name)) fail(`'${name}' is given twice`, start)
        names.add(name)
        if (next() !== ':') fail("':' is expected")
        at++
        return [name, value(depth + 1)]
      })
      return Object.fromEntries(entries)
    }
    if (sign === '[') return members(']', depth, () => value(depth + 1))
    if (sign === '"') return text()
    const number = match(numberForm)
    if (number !== undefined) return Number(number)
    const word = [...words.keys()].find((one) => source.startsWith(one, at))
    if (word === undefined) fail(sign === '' ? 'it ends too early' : `'${sign}' is not expected`)
    at += word.length
    return words.get(word) ?? null
  }

  const read = value(0)
  if (next() !== '') fail('there is more behind the end')
  return read
}
