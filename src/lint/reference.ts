import { lintRules } from './rules.ts'

/** The page of all rules, in Markdown. */
export function lintReference(): string {
  const rows = Object.entries(lintRules).map(
    ([code, { severity, message, advice }]) => `| \`${code}\` | ${severity} | ${message} | ${advice} |`,
  )
  return [
    '# Rules for scripts',
    '',
    'What `sluice check` looks for in scripts, without running them. It follows secrets through variables, parameters and results by their names; it is a reviewer, not a fence: what a script may do is decided by the sandbox and by grants.',
    '',
    '| code | severity | what was found | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
