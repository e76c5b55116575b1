import { isIP } from 'node:net'

/**
 * The address that a connection ends at: an IPv4 address inside an IPv6 one (mapped, RFC 4291; NAT64, RFC 6052; 6to4,
 * RFC 3056) is taken out, so that no spelling passes a check made for the other. Undefined when it is no address.
 */
export function plainAddress(written: string): string | undefined {
  const address = written.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  const version = isIP(address)
  if (version === 0) return undefined
  if (version === 4) return address
  const words = wordsOf(address)
  const [first = 0, second = 0] = words
  const last = words.slice(6)
  const zeros = (from: number, to: number): boolean => words.slice(from, to).every((word) => word === 0)
  if (zeros(0, 5) && (words[5] === 0xffff || (words[5] === 0 && (last[0] !== 0 || (last[1] ?? 0) > 1))))
    return dotted(last)
  if (first === 0x64 && second === 0xff9b && zeros(2, 6)) return dotted(last)
  if (first === 0x2002) return dotted(words.slice(1, 3))
  return address
}

const dotted = ([high = 0, low = 0]: readonly number[]): string =>
  [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')

/** The eight words of an IPv6 address that `isIP` accepted. */
function wordsOf(address: string): readonly number[] {
  const hexed = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = hexed.split('::')
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16))
  const before = parse(head)
  const after = tail === undefined ? [] : parse(tail)
  return [...before, ...Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after]
}
