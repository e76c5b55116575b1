import { codeNarcCode, codeNarcNames, codeNarcRules } from './codenarc/rules.ts'
import { lintRules } from './rules.ts'

/** The page of all rules, in Markdown. */
export function lintReference(): string {
  const rows = Object.entries(lintRules).map(
    ([code, { severity, message, advice }]) => `| \`${code}\` | ${severity} | ${message} | ${advice} |`,
  )
  const theirs = codeNarcNames.map((name) => {
    const { severity, message, advice, page } = codeNarcRules[name]
    return `| [\`${codeNarcCode(name)}\`](${page}) | ${severity} | ${message.replaceAll('|', '\\|')} | ${advice.replaceAll('|', '\\|')} |`
  })
  return [
    '# Rules for scripts',
    '',
    'What `sluice check` looks for in scripts, without running them. It follows secrets through variables, parameters and results by their names; it is a reviewer, not a fence: what a script may do is decided by the sandbox and by grants.',
    '',
    '| code | severity | what was found | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Rules of CodeNarc',
    '',
    'For Groovy scripts, where there is Java. Their names are those of [CodeNarc](https://codenarc.org), which reads the scripts without running them, in the sandbox of scripts. Annotations and comments by which a script takes itself out of a rule do not count. What a rule of ours tells, too, is told by ours alone.',
    '',
    '| code | severity | what was found | what to do |',
    '|---|---|---|---|',
    ...theirs,
    '',
  ].join('\n')
}
