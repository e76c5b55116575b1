/** A piece of a template: text as it stands, or a function, whose own text may hold functions again. */
export type Part =
  | { readonly text: string }
  | {
      readonly call: readonly Part[]
      /** Index of the `$` in the source. */
      readonly start: number
      /** 1 for `${..}++`, -1 for `${..}--`. */
      readonly step: -1 | 0 | 1
    }

/** Why a source cannot be read, and where. */
export class SimpleProblem extends Error {
  readonly start: number
  constructor(start: number, why: string) {
    super(why)
    this.start = start
  }
}

const opening = /\$(?:simple)?\{/y
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '}': '}' }

/**
 * Splits a source into text and functions, from `from` up to one of the characters of `end` (or to the end of the source when that
 * is empty); `next` is the index behind it; `opened` is where a fault points to when
 * nothing closes it. As in Camel, `\n`, `\t`, `\r` and `\}` are escapes and nothing else is.
 * @throws SimpleProblem
 */
export function scan(
  source: string,
  from = 0,
  end = '',
  opened = from - 1,
): { readonly parts: readonly Part[]; readonly next: number } {
  const parts: Part[] = []
  let text = ''
  const endText = () => {
    if (text !== '') parts.push({ text })
    text = ''
  }
  for (let at = from; at < source.length; ) {
    const char = source.charAt(at)
    if (end !== '' && end.includes(char)) {
      endText()
      return { parts, next: at + 1 }
    }
    const body = bodyOfFunction(source, at)
    if (body !== undefined) {
      endText()
      const part = readFunction(source, at, body)
      parts.push(part.part)
      at = part.next
      continue
    }
    const escaped = char === '\\' ? escapes[source.charAt(at + 1)] : undefined
    text += escaped ?? char
    at += escaped === undefined ? 1 : 2
  }
  if (end !== '') throw new SimpleProblem(opened, end === '}' ? 'a function is not closed.' : 'a quote is not closed.')
  endText()
  return { parts, next: source.length }
}

/** Where the text of a function begins, when one opens here. */
export function bodyOfFunction(source: string, at: number): number | undefined {
  if (source[at] !== '$') return undefined
  opening.lastIndex = at
  return opening.test(source) ? opening.lastIndex : undefined
}

/** The function that opens at `start` and whose text begins at `body`. */
export function readFunction(
  source: string,
  start: number,
  body: number,
): { readonly part: Part; readonly next: number } {
  const { parts, next } = scan(source, body, '}', start)
  const operator = source.slice(next, next + 2)
  const isLast = next + 2 === source.length || source[next + 2] === ' '
  if (isLast && (operator === '++' || operator === '--'))
    return { part: { call: parts, start, step: operator === '++' ? 1 : -1 }, next: next + 2 }
  return { part: { call: parts, start, step: 0 }, next }
}
