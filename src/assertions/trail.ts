import { type CheckCode, checks } from './checks.ts'
import type { AssertionFailure } from './contracts.ts'

/** What was found where something was wanted. */
export interface Seen {
  readonly expected: string
  /** '' where there is nothing. */
  readonly found: string
}

/** One check that was made. */
export interface Finding extends Seen {
  readonly check: CheckCode
  /** Where in the assertion. */
  readonly element: string
  readonly wants: string
  readonly state: 'ok' | 'wrong' | 'missing'
  /** '' where all is well. */
  readonly problem: string
  readonly remedy: string
}

/**
 * The checks of one assertion as they are made. The reader ends with the first that fails; the workbench goes on as
 * far as it can. So both are the same checks.
 */
export interface Trail {
  readonly findings: readonly Finding[]
  /** Notes a check; true when it holds. */
  readonly check: (code: CheckCode, holds: boolean, seen: Seen) => boolean
  /** A check that failed and without which nothing more can be read. */
  readonly stop: (code: CheckCode, seen: Seen) => never
}

/** Ends reading; never leaves the room. */
class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** A trail that ends with the first failure, or with the first that cannot be passed over. */
export function createTrail({ strict }: { readonly strict: boolean }): Trail {
  const findings: Finding[] = []
  function note(code: CheckCode, holds: boolean, { expected, found }: Seen): void {
    const { element, wants, problem, remedy } = checks[code]
    const state = holds ? 'ok' : found === '' ? 'missing' : 'wrong'
    const words = holds ? { problem: '', remedy: '' } : { problem, remedy }
    findings.push({ check: code, element, wants, state, expected: shown(expected), found: shown(found), ...words })
  }
  return {
    findings,
    check(code, holds, seen) {
      note(code, holds, seen)
      if (!holds && strict) throw new Stopped(code)
      return holds
    },
    stop(code, seen) {
      note(code, false, seen)
      throw new Stopped(code)
    },
  }
}

/** The outcome of reading, or the failure with which it ended. Anything else that is thrown goes on. */
export async function followed<Outcome>(
  trail: Trail,
  read: () => Outcome | Promise<Outcome>,
): Promise<Outcome | AssertionFailure> {
  try {
    return await read()
  } catch (thrown) {
    const failed = trail.findings.at(-1)
    if (!(thrown instanceof Stopped) || failed === undefined) throw thrown
    const { check, problem: message, expected, found } = failed
    return { failed: true, check, message, expected, found }
  }
}

/** On one line, without control characters, and short: what is found was written by a stranger. */
const shown = (text: string): string => {
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\uFFFD')
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain
}
