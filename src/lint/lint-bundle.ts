import type { Bundle } from '../flow/index.ts'
import { findImports } from './find-imports.ts'
import { findPatterns } from './find-patterns.ts'
import { findSecrets } from './find-secrets.ts'
import { type FindingCode, lintRules, type Severity } from './rules.ts'
import { readCode } from './script-code.ts'

export type { Severity }

/** A place of a script that breaks a rule. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  readonly message: string
  readonly advice: string
  /** Name below the script folder. */
  readonly file: string
  readonly line: number
  /** What only this place has, in somebody else's words. */
  readonly detail?: string
  /** Address of the rule's description. */
  readonly page?: string
}

const folder = 'src/main/resources/'
const isScript = /^src\/main\/resources\/.*\.(?:groovy|gsh|js|mjs|ts|mts)$/i
/** Characters. */
export const longest = 1_000_000

/** What the rules find in the scripts of a bundle, by file and line; the same rule once for each line. */
export function lintBundle(bundle: Bundle): readonly Finding[] {
  return [...bundle.files]
    .filter(([path]) => isScript.test(path))
    .flatMap(([path, content]) =>
      lintScript(path.slice(folder.length).replace(/^script\//, ''), content.toString('utf8')),
    )
}

function lintScript(file: string, source: string): readonly Finding[] {
  // No person has written so much, and patterns over it take time.
  if (source.length > longest) return [{ code: 'too-long', ...lintRules['too-long'], file, line: 1 }]
  const script = readCode(file, source)
  const seen = new Set<string>()
  return [...findPatterns(script), ...findImports(script), ...findSecrets(script)]
    .filter(({ code, line }) => !seen.has(`${code} ${line}`) && seen.add(`${code} ${line}`))
    .sort((a, b) => a.line - b.line || (a.code < b.code ? -1 : 1))
    .map(({ code, line }) => ({ code, ...lintRules[code], file, line }))
}
