import type { Fact } from './contracts.ts'

const mark = '***'
/** A secret shorter than this cannot be cut out of a text without laying it open by the gaps. */
const shortest = 4
const longestQuote = 300

export interface Redaction {
  readonly add: (user: string, secret: string) => void
  /** Replaces what was lent, in every spelling in which it went over the wire. */
  readonly clean: (text: string) => string
  readonly cleanAll: (facts: Readonly<Record<string, Fact>>) => Readonly<Record<string, Fact>>
  /** Words of a server: printable, one line, short, clean; empty when a secret was lent that is too short to find. */
  readonly quote: (words: string) => string
}

/** Servers may repeat what they were sent; what was lent to a test must not come back in its result. */
export function createRedaction(): Redaction {
  const spellings = new Set<string>()
  let tooShort = false

  const clean = (text: string): string => {
    let cleaned = text
    for (const spelling of spellings) cleaned = cleaned.replaceAll(spelling, mark)
    return cleaned
  }
  return {
    add(user, secret) {
      if (secret === '') return
      if (secret.length < shortest) {
        tooShort = true
        return
      }
      const logon = Buffer.from(`\0${user}\0${secret}`)
      const basic = Buffer.from(`${user}:${secret}`)
      const bytes = Buffer.from(secret)
      const encoded = [logon, basic, bytes].flatMap((form) => [
        form.toString('base64'),
        form.toString('base64').replace(/=+$/, ''),
        form.toString('base64url'),
        form.toString('hex'),
        form.toString('hex').toUpperCase(),
      ])
      for (const spelling of [...encoded, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), secret])
        spellings.add(spelling)
    },
    clean,
    cleanAll: (facts) =>
      Object.fromEntries(
        Object.entries(facts).map(([name, fact]): [string, Fact] => [
          name,
          typeof fact === 'number' ? fact : typeof fact === 'string' ? clean(fact) : fact.map(clean),
        ]),
      ),
    quote(words) {
      if (tooShort) return ''
      const printable = clean(words.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim())
      return printable.length > longestQuote ? `${printable.slice(0, longestQuote)}…` : printable
    },
  }
}
