import { faults } from './faults.ts'
import { type Literal, literalAt } from './literal.ts'

/** One step of an address: a name, and the key behind it. */
export interface Segment {
  readonly name: string
  /** `single` for `('x')`, `named` for `(Id='x',Version='y')`, undefined where no key is given. */
  readonly key: { readonly single: Literal } | { readonly named: ReadonlyMap<string, Literal> } | undefined
}

export interface ResourcePath {
  readonly segments: readonly Segment[]
  /** True for `Set('k')/$links/Navigation('l')`. */
  readonly links: boolean
  readonly ending: '$value' | '$count' | '$metadata' | '$batch' | undefined
}

const name = /[A-Za-z_]\w*/y
const ending = /\$(?:value|count|metadata|batch)$/y

/**
 * Reads the address below the service root. `path` is as on the wire, percent-encoded; a `+` is a space, because
 * clients write keys in either way.
 * @throws odata.addressMalformed
 */
export function parseResourcePath(path: string): ResourcePath {
  const source = decode(path).replace(/^\/+/, '').replace(/\/+$/, '')
  const segments: Segment[] = []
  let links = false
  let at = 0
  while (at < source.length) {
    if (segments.length > 0 || links) at = expect(source, at, '/')
    ending.lastIndex = at
    const found = ending.exec(source)?.[0]
    if (found) return { segments, links, ending: found as ResourcePath['ending'] }
    if (segments.length === 1 && source.startsWith('$links/', at)) {
      links = true
      at += '$links'.length
      continue
    }
    const read = segmentAt(source, at)
    segments.push(read.segment)
    at = read.end
  }
  return { segments, links, ending: undefined }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '))
  } catch (cause) {
    throw faults.addressMalformed({ why: 'its percent-encoding is broken' }, { cause })
  }
}

function segmentAt(source: string, start: number): { readonly segment: Segment; readonly end: number } {
  name.lastIndex = start
  const found = name.exec(source)?.[0]
  if (!found) throw faults.addressMalformed({ why: `a name is expected at character ${start + 1}` })
  const afterName = start + found.length
  if (source[afterName] !== '(') return { segment: { name: found, key: undefined }, end: afterName }
  const { key, end } = keyAt(source, afterName + 1)
  return { segment: { name: found, key }, end }
}

function keyAt(source: string, start: number): { readonly key: Segment['key']; readonly end: number } {
  if (source[start] === ')') return { key: undefined, end: start + 1 }
  const single = literalAt(source, start)
  if (single) return { key: { single: single.literal }, end: expect(source, single.end, ')') }
  const named = new Map<string, Literal>()
  let at = start
  for (;;) {
    const found = /^\s*([A-Za-z_]\w*)\s*=\s*/.exec(source.slice(at))
    if (!found) throw faults.addressMalformed({ why: `a key is expected at character ${at + 1}` })
    const [all, property = ''] = found
    const value = literalAt(source, at + all.length)
    if (!value) throw faults.addressMalformed({ why: `the key '${property}' has no quoted value` })
    if (named.has(property)) throw faults.addressMalformed({ why: `the key '${property}' is given twice` })
    named.set(property, value.literal)
    at = value.end
    if (source[at] === ')') return { key: { named }, end: at + 1 }
    at = expect(source, at, ',')
  }
}

function expect(source: string, at: number, sign: string): number {
  if (source[at] !== sign) throw faults.addressMalformed({ why: `'${sign}' is expected at character ${at + 1}` })
  return at + 1
}
