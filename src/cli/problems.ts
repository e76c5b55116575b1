import type { Output } from './output.ts'

/** What keeps an artifact from being deployed. */
export interface Problem {
  readonly message: string
  readonly remedy: string
  readonly place: string
  readonly code: string
}

/** Reads the error information of a runtime artifact, `{message, parameter, problems}`; lenient, for other servers. */
export function readProblems(content: Buffer | undefined): readonly Problem[] {
  const text = content?.toString().trim() ?? ''
  if (text === '') return []
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    const listed = [value.problems, value.parameter].find((list) => Array.isArray(list) && list.length > 0) as
      | unknown[]
      | undefined
    const problems = (listed ?? []).map(problemOf).filter(({ message }) => message !== '')
    return problems.length > 0 ? problems : [problemOf(value.message ?? value)]
  } catch {
    return [problemOf(text)]
  }
}

/** One line what, one line where, one line what to do. */
export const problemWords = (problems: readonly Problem[], output: Output, indent = '  '): string =>
  problems
    .flatMap(({ message, remedy, place }) => [
      `${indent}${message}`,
      ...(place === '' ? [] : [`${indent}  ${output.tone(`at ${place}`, 'faint')}`]),
      ...(remedy === '' ? [] : [`${indent}  ${remedy}`]),
    ])
    .join('\n')

function problemOf(value: unknown): Problem {
  if (typeof value !== 'object' || value === null) return { message: wordOf(value), remedy: '', place: '', code: '' }
  const { message, messageText, remedy, place, code } = value as Record<string, unknown>
  return { message: wordOf(message ?? messageText), remedy: wordOf(remedy), place: wordOf(place), code: wordOf(code) }
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '')
