import type { EdmType } from './edm.ts'

/** A constant in an address: `'x'`, `5L`, `true`, `datetime'2026-01-31T00:00:00'`. */
export interface Literal {
  readonly type: EdmType | 'null'
  readonly value: string | number | bigint | boolean | null
}

const forms: readonly { readonly pattern: RegExp; readonly read: (found: RegExpExecArray) => Literal | undefined }[] = [
  {
    pattern: /'((?:[^']|'')*)'/y,
    read: ([, value = '']) => ({ type: 'Edm.String', value: value.replaceAll("''", "'") }),
  },
  { pattern: /datetime(?:offset)?'([^']*)'/y, read: ([, value = '']) => instant(value) },
  { pattern: /guid'([\da-f-]{36})'/iy, read: ([, value = '']) => ({ type: 'Edm.String', value: value.toLowerCase() }) },
  { pattern: /null\b/y, read: () => ({ type: 'null', value: null }) },
  { pattern: /(true|false)\b/y, read: ([, value]) => ({ type: 'Edm.Boolean', value: value === 'true' }) },
  { pattern: /(-?\d{1,19})[lL]\b/y, read: ([, value = '']) => ({ type: 'Edm.Int64', value: BigInt(value) }) },
  { pattern: /-?\d{1,19}(?:\.\d+)?(?:[eE][+-]?\d{1,3})?[dDfFmM]?(?![\w.])/y, read: ([all]) => numeral(all) },
]

/** Reads the literal that begins at `start`; undefined when none does. OData v2 section "Abstract Type System". */
export function literalAt(
  source: string,
  start: number,
): { readonly literal: Literal; readonly end: number } | undefined {
  for (const { pattern, read } of forms) {
    pattern.lastIndex = start
    const found = pattern.exec(source)
    if (found === null) continue
    const literal = read(found)
    return literal && { literal, end: pattern.lastIndex }
  }
  return undefined
}

function numeral(text: string): Literal | undefined {
  if (/^-?\d+$/.test(text)) {
    const value = Number(text)
    return Number.isSafeInteger(value) ? { type: 'Edm.Int32', value } : { type: 'Edm.Int64', value: BigInt(text) }
  }
  const value = Number(text.replace(/[dfm]$/i, ''))
  return Number.isFinite(value) ? { type: 'Edm.Int32', value } : undefined
}

/** A time without a zone is UTC, as in the original. */
function instant(text: string): Literal | undefined {
  const found = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (!found) return undefined
  const [, day, minutes = '00:00', seconds = ':00', zone = 'Z'] = found
  const value = Date.parse(`${day}T${minutes}${seconds}${zone}`)
  return Number.isNaN(value) ? undefined : { type: 'Edm.DateTime', value }
}
