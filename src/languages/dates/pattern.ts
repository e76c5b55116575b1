import { faults } from '../faults.ts'

/** A part of a pattern: literal text, or a letter with its number of repetitions. */
export type PatternPart = { readonly literal: string } | { readonly letter: string; readonly count: number }

const letters = 'GyYMLwWDdFEuaHkKhmsSzZX'

/**
 * Splits a pattern of Java's SimpleDateFormat into its parts.
 * @throws languages.datePatternMalformed
 */
export function readPattern(pattern: string): readonly PatternPart[] {
  const malformed = (why: string) => faults.datePatternMalformed({ pattern, why })
  const parts: PatternPart[] = []
  let literal = ''
  const endLiteral = () => {
    if (literal !== '') parts.push({ literal })
    literal = ''
  }
  for (let at = 0; at < pattern.length; ) {
    const char = pattern.charAt(at)
    if (char === "'") {
      const [text, end] = readQuoted(pattern, at)
      if (end < 0) throw malformed('a quote is not closed.')
      literal += text
      at = end
    } else if (/[a-zA-Z]/.test(char)) {
      if (!letters.includes(char)) throw malformed(`the letter '${char}' has no meaning.`)
      let end = at + 1
      while (pattern[end] === char) end++
      if (char === 'X' && end - at > 3) throw malformed("'X' may stand three times at most.")
      endLiteral()
      parts.push({ letter: char, count: end - at })
      at = end
    } else {
      literal += char
      at++
    }
  }
  endLiteral()
  return parts
}

/** Text between quotes from `start` on, and where it ends; two quotes stand for one. End is -1 when nothing closes it. */
function readQuoted(pattern: string, start: number): readonly [text: string, end: number] {
  if (pattern[start + 1] === "'") return ["'", start + 2]
  let text = ''
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") text += pattern[at]
    else if (pattern[at + 1] === "'") {
      text += "'"
      at++
    } else return [text, at + 1]
  }
  return ['', -1]
}
