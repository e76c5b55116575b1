import { byteString } from './needles.ts'

/** A text with one kind of writing undone; `origin` says for each of its bytes where that stood (none: the same place). */
export interface View {
  readonly text: string
  readonly origin: Uint32Array | undefined
}

interface Writing {
  /** A text without it has nothing to be undone. */
  readonly sign: RegExp
  readonly pattern: RegExp
  readonly undo: (written: string) => string
}

const codePoints = (codes: readonly number[]): string =>
  byteString(String.fromCodePoint(...codes.map((code) => (code > 0x10ffff ? 0xfffd : code))))

const percent = (written: string): string => String.fromCharCode(parseInt(written.slice(1), 16))

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Line ends inside base64, as MIME and PEM have them. */
const folded: Writing = { sign: /[\r\n]/, pattern: /[\r\n]+[ \t]*/g, undo: () => '' }
const urlEncoded: Writing = { sign: /%/, pattern: /%[0-9a-f]{2}/gi, undo: percent }
const formEncoded: Writing = {
  sign: /\+/,
  pattern: /%[0-9a-f]{2}|\+/gi,
  undo: (written) => (written === '+' ? ' ' : percent(written)),
}
const xmlEscaped: Writing = {
  sign: /&/,
  pattern: /&(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});/gi,
  undo(written) {
    const name = written.slice(1, -1).toLowerCase()
    if (!name.startsWith('#')) return entities[name] ?? written
    return codePoints([name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1))])
  },
}
const jsonEscaped: Writing = {
  sign: /\\/,
  // Escapes of one text come as one: two of them may be one character.
  pattern: /(?:\\u[0-9a-f]{4})+|\\[bfnrt"'\\/$]/gi,
  undo(written) {
    if (!/^\\u/i.test(written)) return controls[written[1] ?? ''] ?? written.slice(1)
    const units = [...written.matchAll(/[0-9a-f]{4}/gi)].map(([unit]) => String.fromCharCode(parseInt(unit, 16)))
    return byteString(units.join(''))
  },
}

function undo(text: string, { sign, pattern, undo: undone }: Writing): View | undefined {
  if (!sign.test(text)) return undefined
  const origin = new Uint32Array(text.length + 1)
  let made = ''
  let size = 0
  let from = 0
  const keep = (until: number): void => {
    made += text.slice(from, until)
    for (; from < until; from++) origin[size++] = from
  }
  for (const { 0: written, index } of text.matchAll(pattern)) {
    keep(index)
    const short = undone(written)
    made += short
    for (let at = 0; at < short.length; at++) origin[size++] = index
    from = index + written.length
  }
  keep(text.length)
  origin[size] = text.length
  return { text: made, origin }
}

const some = (views: readonly (View | undefined)[]): readonly View[] => views.filter((view) => view !== undefined)

/** The views in which a secret itself is looked for. */
export const plainViews = (text: string): readonly View[] =>
  some([
    { text, origin: undefined },
    undo(text, urlEncoded),
    undo(text, formEncoded),
    undo(text, xmlEscaped),
    undo(text, jsonEscaped),
  ])

/** The views in which its base64 and hex are looked for. */
export const encodedViews = (text: string): readonly View[] =>
  some([undo(text, folded) ?? { text, origin: undefined }, undo(text, urlEncoded), undo(text, jsonEscaped)])
