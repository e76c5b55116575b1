import { SimpleProblem } from './scan.ts'

/** One link of a chain such as `.get('a')[0]?.size()`: a call, an index, or a bare name. */
export type Link =
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly unknown[] }
  | { readonly kind: 'index'; readonly key: string }
  | { readonly kind: 'name'; readonly name: string }

const name = /\??\.?\s*([A-Za-z_$][\w$-]*)/y

/**
 * Reads a chain of links; undefined when the text is none, as the rest of a property name may be.
 * @throws SimpleProblem for a quote or a bracket that nothing closes.
 */
export function readChain(chain: string): readonly Link[] | undefined {
  const links: Link[] = []
  for (let at = 0; at < chain.length; ) {
    if (chain[at] === '[' || chain.startsWith('?[', at)) {
      const open = chain.indexOf('[', at)
      const close = closing(chain, open, '[', ']')
      links.push({ kind: 'index', key: unquoted(chain.slice(open + 1, close).trim()) })
      at = close + 1
      continue
    }
    name.lastIndex = at
    const found = name.exec(chain)
    if (found === null || (chain[at] !== '.' && chain[at] !== '?')) return undefined
    const [, word = ''] = found
    at = name.lastIndex
    if (chain[at] !== '(') links.push({ kind: 'name', name: word })
    else {
      const close = closing(chain, at, '(', ')')
      links.push({ kind: 'call', name: word, arguments: readArguments(chain.slice(at + 1, close)) })
      at = close + 1
    }
  }
  return links
}

/** Index of the bracket that closes the one at `open`; brackets in quotes do not count. */
function closing(text: string, open: number, opener: string, closer: string): number {
  let depth = 0
  let quote = ''
  for (let at = open; at < text.length; at++) {
    const char = text.charAt(at)
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === opener) depth++
    else if (char === closer && --depth === 0) return at
  }
  throw new SimpleProblem(open, `'${opener}' is not closed.`)
}

function readArguments(text: string): readonly unknown[] {
  if (text.trim() === '') return []
  const pieces: string[] = []
  let piece = ''
  let quote = ''
  let depth = 0
  for (const char of text) {
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === ',' && depth === 0) {
      pieces.push(piece)
      piece = ''
      continue
    }
    piece += char
  }
  return [...pieces, piece].map((each) => readArgument(each.trim()))
}

function readArgument(text: string): unknown {
  if (/^(["']).*\1$/s.test(text)) return text.slice(1, -1)
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (text === 'null') return null
  if (text === 'true' || text === 'false') return text === 'true'
  return text
}

/** A key without the quotes around it. */
export const unquoted = (text: string): string =>
  /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text
