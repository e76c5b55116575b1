import type { Explanation } from '../../assertions/index.ts'
import type { Output } from '../output.ts'
import { table } from '../table.ts'

/** Prints an explanation: the verdict, each check with what was wanted and found, and what stands in the assertion. */
export function showExplanation(
  output: Output,
  explanation: Explanation,
  { facts }: { readonly facts: boolean },
): void {
  const { kind, form, accepted, findings, asserted } = explanation
  const failed = findings.filter(({ state }) => state === 'wrong' || state === 'missing')
  const verdict = accepted ? 'accepted' : failed.length > 0 ? 'refused' : 'not decided'
  const tone = accepted ? 'good' : failed.length > 0 ? 'bad' : 'faint'
  const who = asserted === undefined ? '' : `  as ${asserted.user} of ${asserted.issuer}`
  const lines = [
    `${output.tone(verdict, tone)}${who}  (${kind}, ${form})`,
    table(
      ['', 'Element', 'Check', 'Found'],
      findings.map(({ state, element, check, found }) => [output.tone(state, toneOf(state)), element, check, found]),
    ),
    ...failed.map(({ check, problem, wants, expected, found, remedy }) =>
      [
        `${check}: ${problem}`,
        `  wanted    ${wants}`,
        ...(expected === '' ? [] : [`  expected  ${expected}`]),
        `  found     ${found || 'nothing'}`,
        `  do        ${remedy}`,
      ].join('\n'),
    ),
    ...(facts
      ? [
          table(
            ['Element', 'Value'],
            explanation.facts.map(({ element, value }) => [element, value]),
          ),
        ]
      : []),
  ]
  output.result(explanation, lines.join('\n\n'))
}

const toneOf = (state: string): 'good' | 'bad' | 'faint' =>
  state === 'ok' ? 'good' : state === 'unchecked' ? 'faint' : 'bad'
