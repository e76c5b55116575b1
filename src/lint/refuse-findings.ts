import { Fault, wordsOf } from '../base/index.ts'
import type { Bundle } from '../flow/index.ts'
import { type CodeNarc, findWithCodeNarc, hasGroovy } from './codenarc/find-with-codenarc.ts'
import { codeNarcCode, codeNarcNames, codeNarcRules } from './codenarc/rules.ts'
import { faults } from './faults.ts'
import { type Finding, lintBundle } from './lint-bundle.ts'
import { mergeFindings } from './merge-findings.ts'
import { type FindingCode, type LintCode, lintRules, type Severity } from './rules.ts'

const shown = 20

const rules: readonly (readonly [code: FindingCode, severity: Severity])[] = [
  ...(Object.entries(lintRules) as [LintCode, { readonly severity: Severity }][]).map(
    ([code, { severity }]) => [code, severity] as const,
  ),
  ...codeNarcNames.map((name) => [codeNarcCode(name), codeNarcRules[name].severity] as const),
]

/**
 * The rules that a list names: codes or severities, with commas between them.
 * @throws lint.codesUnknown
 */
export function readLintCodes(list: string): ReadonlySet<FindingCode> {
  const wanted = list
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
  const named = (word: string): readonly FindingCode[] =>
    rules.filter(([code, severity]) => code === word || severity === word).map(([code]) => code)
  const unknown = wanted.filter((word) => named(word).length === 0)
  if (unknown.length > 0) throw faults.codesUnknown({ unknown, known: Object.keys(lintRules) })
  return new Set(wanted.flatMap(named))
}

/** Whether only CodeNarc can say if one of these rules is broken. */
export const needsCodeNarc = (codes: ReadonlySet<FindingCode>): boolean =>
  [...codes].some((code) => code === 'not-reviewed' || code.startsWith('codenarc.'))

/**
 * Keeps a bundle from being deployed whose scripts break one of these rules, or of which nobody can say so.
 * @throws lint.stopped, lint.notReviewed
 */
export async function refuseFindings(
  bundle: Bundle,
  stopping: ReadonlySet<FindingCode>,
  codeNarc: CodeNarc,
): Promise<void> {
  if (stopping.size === 0) return
  const asked = needsCodeNarc(stopping) && hasGroovy(bundle)
  const theirs = asked ? await reviewed(bundle, codeNarc) : []
  // A script that CodeNarc did not look at may break what it was asked about.
  const counts = ({ code }: Finding): boolean => stopping.has(code) || (asked && code === 'not-reviewed')
  const found = mergeFindings(lintBundle(bundle), theirs).filter(counts)
  if (found.length === 0) return
  const places = found.map(
    ({ code, file, line, detail }) => `${code} at ${file}:${line}${detail ? ` (${detail})` : ''}`,
  )
  const more = places.length > shown ? [`and ${places.length - shown} more`] : []
  throw faults.stopped({ flow: bundle.id, places: [...places.slice(0, shown), ...more] })
}

async function reviewed(bundle: Bundle, codeNarc: CodeNarc): Promise<readonly Finding[]> {
  try {
    return (await findWithCodeNarc([bundle], codeNarc)).flat()
  } catch (cause) {
    throw faults.notReviewed(
      { flow: bundle.id, why: wordsOf(cause), remedy: cause instanceof Fault ? cause.remedy : '' },
      { cause },
    )
  }
}
