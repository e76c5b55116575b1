import type { Bundle } from '../flow/index.ts'
import { faults } from './faults.ts'
import { lintBundle } from './lint-bundle.ts'
import { type LintCode, lintRules } from './rules.ts'

const shown = 20

/**
 * The rules that a list names: codes or severities, with commas between them.
 * @throws lint.codesUnknown
 */
export function readLintCodes(list: string): ReadonlySet<LintCode> {
  const wanted = list
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
  const rules = Object.entries(lintRules) as [LintCode, { readonly severity: string }][]
  const named = (word: string): readonly LintCode[] =>
    rules.filter(([code, { severity }]) => code === word || severity === word).map(([code]) => code)
  const unknown = wanted.filter((word) => named(word).length === 0)
  if (unknown.length > 0) throw faults.codesUnknown({ unknown, known: rules.map(([code]) => code) })
  return new Set(wanted.flatMap(named))
}

/**
 * Keeps a bundle from being deployed whose scripts break one of these rules.
 * @throws lint.stopped
 */
export function refuseFindings(bundle: Bundle, stopping: ReadonlySet<LintCode>): void {
  if (stopping.size === 0) return
  const found = lintBundle(bundle).filter(({ code }) => stopping.has(code))
  if (found.length === 0) return
  const places = found.map(({ code, file, line }) => `${code} at ${file}:${line}`)
  const more = places.length > shown ? [`and ${places.length - shown} more`] : []
  throw faults.stopped({ flow: bundle.id, places: [...places.slice(0, shown), ...more] })
}
