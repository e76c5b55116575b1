import { Fault, wordsOf } from '../../base/index.ts'
import { faults } from '../faults.ts'

/** Code and words of an error of fontoxpath, whose message may show the expression in lines above them. */
function readError(thrown: unknown): { readonly code: string; readonly why: string } {
  const words = wordsOf(thrown)
  const [, code = '', text = ''] = /\b([A-Z]{4}\d{4}):?\s*([^\n]*)/.exec(words) ?? []
  const [, line, column] = /at <>:(\d+):(\d+)/.exec(words) ?? []
  const place = line === undefined ? '' : ` (line ${line}, column ${column})`
  return { code, why: code === '' ? (words.split('\n')[0] ?? '') : `${code} ${shortened(text.trim())}${place}` }
}

/** The parser lists all that it could have read at a place, which may be a page. */
const shortened = (words: string): string => (words.length > 160 ? `${words.slice(0, 160)}…` : words)

/** What went wrong while an expression ran. */
export function failure(expression: string, thrown: unknown): Fault {
  return thrown instanceof Fault
    ? thrown
    : faults.xpathFailed({ expression, why: readError(thrown).why }, { cause: thrown })
}

/** The fault of an expression that can never run; undefined when it failed for another reason, such as the empty test document. */
export function compileProblem(expression: string, thrown: unknown): Fault | undefined {
  const cause = thrown instanceof Fault ? thrown.cause : thrown
  const { code, why } = readError(cause)
  const prefix = undeclaredPrefix(code, why)
  if (prefix !== undefined) return faults.xpathPrefixUnknown({ expression, prefix }, { cause })
  return /^X[PQU]ST/.test(code) ? faults.xpathMalformed({ expression, why }, { cause }) : undefined
}

/** XPST0081 is a prefix without a namespace; a function with such a prefix counts as not registered, by its lexical name. */
function undeclaredPrefix(code: string, why: string): string | undefined {
  if (code === 'XPST0081') return /prefix (?!for\b)([^\s.:]+)/i.exec(why)?.[1] ?? /([\p{L}_][\w.-]*):/u.exec(why)?.[1]
  return code === 'XPST0017'
    ? /The function ([^\s:]+):\S+ with arity \d+ could not be resolved/.exec(why)?.[1]
    : undefined
}
