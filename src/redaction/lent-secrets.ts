import type { LentSecret, LentSecrets } from '../flow/index.ts'
import { byteString, type Needle, needlesOf } from './needles.ts'
import { encodedViews, plainViews, type View } from './views.ts'

/** Stands where a secret stood. */
export const mark = '***'

type Interval = readonly [start: number, end: number]

/**
 * The secrets lent to one message. As long as there are none, nothing is looked at. A secret is found as it is, in
 * base64 and base64url (also inside something longer, such as `user:password`), in hex, URL-encoded, and escaped for
 * JSON or XML. Secrets of 1 to 3 characters are found only where no letter or digit stands beside them.
 */
export const createLentSecrets = (): LentSecrets => new SecretsOfMessage()

/** A class, as each message has one and most lend nothing. */
class SecretsOfMessage implements LentSecrets {
  #secrets: Set<LentSecret> | undefined

  add(secret: LentSecret): void {
    this.#secrets ??= new Set()
    this.#secrets.add(secret)
  }

  redactText(text: string, room = text.length): string {
    if (this.#secrets === undefined || text === '') return text.length > room ? text.slice(0, room) : text
    const bytes = byteString(text)
    const found = intervalsIn(bytes, [...this.#secrets])
    if (found.length === 0) return text.slice(0, room)
    const limit = text.length > room ? Buffer.byteLength(text.slice(0, room)) : bytes.length
    const blotted = without(bytes, found, limit)
    return bytes === text ? blotted : Buffer.from(blotted, 'latin1').toString('utf8')
  }

  redactBytes(bytes: Buffer, room = bytes.length): Buffer {
    if (this.#secrets === undefined || bytes.length === 0) return bytes.subarray(0, room)
    const text = bytes.toString('latin1')
    const found = intervalsIn(text, [...this.#secrets])
    return found.length === 0 ? bytes.subarray(0, room) : Buffer.from(without(text, found, room), 'latin1')
  }

  foundIn(content: string | Buffer): string[] {
    if (this.#secrets === undefined || content.length === 0) return []
    const text = typeof content === 'string' ? byteString(content) : content.toString('latin1')
    return [...this.#secrets].filter((secret) => intervalsIn(text, [secret]).length > 0).map(({ alias }) => alias)
  }
}

/** Where the secrets stand, in order and without overlaps. */
function intervalsIn(text: string, secrets: readonly LentSecret[]): readonly Interval[] {
  const found: Interval[] = []
  const needles = secrets.map(needlesOf)
  for (const view of plainViews(text)) for (const { plain } of needles) search(view, plain, found)
  for (const view of encodedViews(text)) for (const { encoded } of needles) search(view, encoded, found)
  return merged(found)
}

function search(view: View, needles: readonly Needle[], found: Interval[]): void {
  for (const needle of needles) {
    const { length } = needle.text
    for (let at = view.text.indexOf(needle.text); at >= 0; at = view.text.indexOf(needle.text, at + length)) {
      if (needle.alone && !standsAlone(view.text, at, at + length)) continue
      found.push(intervalOf(view, ...widened(view.text, needle, at)))
    }
  }
}

const wordCharacter = /[a-zA-Z0-9]/

const standsAlone = (text: string, start: number, end: number): boolean =>
  !wordCharacter.test(text[start - 1] ?? '') && !wordCharacter.test(text[end] ?? '')

const digit = /[a-zA-Z0-9+/_-]/

/** With the base64 digits that hold some bits of the secret only. */
function widened(text: string, { text: { length }, before, after }: Needle, at: number): Interval {
  const start = before === 1 && digit.test(text[at - 1] ?? '') ? at - 1 : at
  const end = at + length
  return [start, after === 1 && digit.test(text[end] ?? '') ? end + 1 : end]
}

/** A place in a view as a place in the text itself. */
function intervalOf({ text, origin }: View, start: number, end: number): Interval {
  if (origin === undefined) return [start, end]
  let next = end
  while (next < text.length && origin[next] === origin[next - 1]) next++
  return [origin[start] ?? 0, origin[next] ?? 0]
}

function merged(intervals: Interval[]): readonly Interval[] {
  const ordered = intervals.sort(([a], [b]) => a - b)
  const result: Interval[] = []
  for (const [start, end] of ordered) {
    const last = result.at(-1)
    if (last === undefined || start > last[1]) result.push([start, end])
    else if (end > last[1]) result[result.length - 1] = [last[0], end]
  }
  return result
}

/** The first `limit` bytes of the text, with the mark in each interval that begins there. */
function without(text: string, intervals: readonly Interval[], limit: number): string {
  let kept = ''
  let from = 0
  for (const [start, end] of intervals) {
    if (start >= limit) break
    kept += text.slice(from, start) + mark
    from = end
  }
  return from < limit ? kept + text.slice(from, limit) : kept
}
