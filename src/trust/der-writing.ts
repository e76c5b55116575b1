import { tags } from './der.ts'

/** An element of DER: its tag and, one after the other, what is in it. */
export function derOf(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), ...content])
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Buffer.concat([Buffer.of(tag, 0x80 | octets.length, ...octets), ...content])
}

export const sequenceOf = (...content: readonly Uint8Array[]): Buffer => derOf(tags.sequence, ...content)

/** The OBJECT IDENTIFIER of a dotted form. */
export function derOfOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const parts = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) parts.unshift(0x80 | (left % 128))
    return parts
  })
  return derOf(tags.oid, Buffer.from(octets))
}
