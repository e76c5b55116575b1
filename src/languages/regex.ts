import { RE2JS } from 're2js'

import { wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'

/** A regular expression that is matched in time linear in the text, whatever pattern and text are. */
export interface Regex {
  /** True when the whole text matches. */
  readonly matches: (text: string) => boolean
  readonly replaceAll: (text: string, replacement: string) => string
  readonly replaceFirst: (text: string, replacement: string) => string
  readonly split: (text: string) => string[]
}

/** Characters. Compiling costs time and memory in the size of the pattern, which may come with a message. */
const longestPattern = 2000

/**
 * Compiles a pattern in the syntax that Java and RE2 share; look-around and back-references are refused.
 * @throws languages.regexMalformed
 */
export function compileRegex(pattern: string, given: { readonly ignoreCase?: boolean } = {}): Regex {
  if (pattern.length > longestPattern)
    throw faults.regexMalformed({ pattern, why: `it is longer than ${longestPattern} characters.` })
  let regex: RE2JS
  try {
    regex = RE2JS.compile(pattern, given.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (cause) {
    throw faults.regexMalformed({ pattern, why: `${wordsOf(cause)}.` }, { cause })
  }
  return {
    matches: (text) => regex.matches(text),
    replaceAll: (text, replacement) => regex.matcher(text).replaceAll(replacement),
    replaceFirst: (text, replacement) => regex.matcher(text).replaceFirst(replacement),
    split: (text) => regex.split(text),
  }
}
