import type { Bundle } from '../../flow/index.ts'
import { type Finding, longest } from '../lint-bundle.ts'
import { lintRules } from '../rules.ts'
import { codeNarcCode, codeNarcNames, codeNarcRules, isCodeNarcName } from './rules.ts'

/** CodeNarc as it is handed in by who can run it: what each script breaks, or why it was not looked at. */
export interface CodeNarc {
  /** @throws a fault where it cannot be run at all */
  readonly review: (scripts: readonly Buffer[], rules: readonly string[]) => Promise<readonly CodeNarcAnswer[]>
}

export type CodeNarcAnswer =
  | { readonly found: readonly (readonly [rule: string, line: number])[] }
  | { readonly problem: string; readonly line: number }

const scripts = /^src\/main\/resources\/(?:script\/)?(.*\.(?:groovy|gsh))$/i

interface Script {
  readonly file: string
  readonly content: Buffer
}

const scriptsOf = ({ files }: Bundle): readonly Script[] =>
  [...files].flatMap(([path, content]) => {
    const [, file] = scripts.exec(path) ?? []
    // What is too long for our own rules is told by them.
    return file === undefined || content.toString('utf8').length > longest ? [] : [{ file, content }]
  })

/** Whether there is anything for CodeNarc to read. */
export const hasGroovy = (bundle: Bundle): boolean => scriptsOf(bundle).length > 0

/**
 * What CodeNarc finds in the Groovy scripts of each bundle, by file and line; the same rule once for each line.
 * @throws what the port throws
 */
export async function findWithCodeNarc(
  bundles: readonly Bundle[],
  { review }: CodeNarc,
): Promise<readonly (readonly Finding[])[]> {
  const read = bundles.map(scriptsOf)
  const all = read.flat()
  const answers = await review(
    all.map(({ content }) => content),
    codeNarcNames,
  )
  const findings = all.map(({ file }, index) => findingsOf(file, answers[index]))
  let next = 0
  return read.map(({ length }) => findings.slice(next, (next += length)).flat())
}

function findingsOf(file: string, answer: CodeNarcAnswer | undefined): readonly Finding[] {
  const unread = (detail: string, line: number): Finding[] => [
    { code: 'not-reviewed', ...lintRules['not-reviewed'], file, line, detail },
  ]
  if (answer === undefined) return unread('there was no answer', 1)
  if ('problem' in answer) return unread(answer.problem, answer.line)
  const seen = new Set<string>()
  return answer.found
    .flatMap(([name, line]) => (isCodeNarcName(name) ? [{ name, line }] : []))
    .filter(({ name, line }) => !seen.has(`${name} ${line}`) && seen.add(`${name} ${line}`))
    .sort((a, b) => a.line - b.line || (a.name < b.name ? -1 : 1))
    .map(({ name, line }) => ({ code: codeNarcCode(name), ...codeNarcRules[name], file, line }))
}
