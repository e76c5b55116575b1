import type { CodeNarcReport, Finding } from '../lint/index.ts'
import type { Output } from './output.ts'

const tones = { error: 'bad', warning: 'bad', info: 'faint' } as const

/** Every finding on its own line; what to do about a rule once, before its places. */
export function findingWords(findings: readonly Finding[], output: Output): string {
  const byRule = [...Map.groupBy(findings, ({ code }) => code)]
  if (byRule.length === 0) return ''
  const words = byRule.flatMap(([code, [first, ...more]]) =>
    first === undefined
      ? []
      : [
          `  ${output.tone(first.severity, tones[first.severity])}  ${first.message}  ${output.tone(code, 'faint')}`,
          `    ${first.advice}${first.page ? `  ${output.tone(first.page, 'faint')}` : ''}`,
          ...[first, ...more].map(
            ({ file, line, detail }) =>
              `    ${output.tone(`at ${file}:${line}`, 'faint')}${detail ? `  ${detail}` : ''}`,
          ),
        ],
  )
  return ['Scripts', ...words].join('\n')
}

/** Nothing, unless CodeNarc was to look at scripts and could not. */
export const missedWords = (report: CodeNarcReport | undefined, output: Output): string =>
  report?.status === 'failed' ? `CodeNarc ${output.tone('did not run', 'bad')}: ${report.why}` : ''
