import type { LentSecret } from '../flow/index.ts'

/** One form of a secret, as a string of bytes (one character each). */
export interface Needle {
  readonly text: string
  /** Base64 digits before and after the text that hold bits of the secret and of what stands beside it. */
  readonly before: 0 | 1
  readonly after: 0 | 1
  /** Counts only where no letter or digit stands beside it. */
  readonly alone: boolean
}

export interface Needles {
  /** The secret itself, in the character sets a body may have. */
  readonly plain: readonly Needle[]
  /** Its forms in base64, base64url and hex. */
  readonly encoded: readonly Needle[]
}

/** Shorter secrets stand in every other text by chance: they are looked for as words of their own only. */
const shortest = 4

export const byteString = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- ASCII is what is asked for.
  /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')

const needle = (text: string, alone: boolean, before: 0 | 1 = 0, after: 0 | 1 = 0): Needle => ({
  text,
  before,
  after,
  alone,
})

const prepared = new WeakMap<LentSecret, Needles>()

/** The forms of a secret that are looked for; made once for each secret that is lent as the same object again. */
export function needlesOf(secret: LentSecret): Needles {
  const known = prepared.get(secret)
  if (known !== undefined) return known
  const made = secret.values.filter(({ length }) => length > 0).map((value) => formsOf(value, secret.user))
  const needles = { plain: unique(made.flatMap(({ plain }) => plain)), encoded: unique(made.flatMap((m) => m.encoded)) }
  prepared.set(secret, needles)
  return needles
}

function formsOf(value: string | Buffer, user: string): Needles {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
  const alone = value.length < shortest
  const hex = bytes.toString('hex')
  return {
    plain: (typeof value === 'string' ? charsetsOf(value, bytes) : [bytes.toString('latin1')]).map((text) =>
      needle(text, alone),
    ),
    encoded: [
      needle(hex, alone),
      needle(hex.toUpperCase(), alone),
      ...(alone ? wholeBase64(bytes, user) : [0, 1, 2].flatMap((offset) => base64At(bytes, offset))),
    ],
  }
}

/** UTF-8, ISO-8859-1 and UTF-16 in both orders. */
function charsetsOf(text: string, utf8: Buffer): readonly string[] {
  const wide = Buffer.from(text, 'utf16le')
  // oxlint-disable-next-line no-control-regex -- What ISO-8859-1 can say is what is asked for.
  const latin = /^[\0-\xff]*$/.test(text) ? [text] : []
  return [utf8.toString('latin1'), ...latin, wide.toString('latin1'), Buffer.from(wide).swap16().toString('latin1')]
}

/**
 * The digits that bytes have in base64 when `offset` bytes (modulo 3) stand before them: so `user:password`, and a
 * whole document that holds the secret, are found as well.
 */
function base64At(bytes: Buffer, offset: number): readonly Needle[] {
  const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  const end = offset + bytes.length
  const inner = digits.slice(Math.ceil((offset * 8) / 6), Math.floor((end * 8) / 6))
  const before = offset === 0 ? 0 : 1
  const after = end % 3 === 0 ? 0 : 1
  return [inner, urlForm(inner)].map((text) => needle(text, false, before, after))
}

const wholeBase64 = (bytes: Buffer, user: string): readonly Needle[] =>
  [bytes, Buffer.concat([Buffer.from(`${user}:`), bytes])].flatMap((whole) => {
    const digits = whole.toString('base64').replaceAll('=', '')
    return [digits, urlForm(digits)].map((text) => needle(text, true))
  })

const urlForm = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_')

const unique = (needles: readonly Needle[]): readonly Needle[] => [
  ...new Map(needles.map((one) => [`${one.before}${one.after}${one.text}`, one])).values(),
]
