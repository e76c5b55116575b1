import type { Log } from '../../base/index.ts'
import { faults } from '../faults.ts'
import { findSandbox, type Sandbox, type SandboxPart } from './sandbox.ts'
import type { Program } from './view.ts'

/** How much of the sandbox must be there. */
export interface SandboxChoice {
  /** Whether scripts are refused where a needed layer is missing. */
  readonly required: boolean
  /** What is left out on purpose, to see what the rest holds. */
  readonly without?: readonly SandboxPart[]
}

/**
 * The sandbox for a program of this language: refused, or with a warning, where a needed layer is missing.
 * @throws scripts.sandboxMissing
 */
export async function trySandbox(given: {
  readonly language: string
  readonly program: Program
  readonly trial: readonly string[]
  readonly folder: string
  readonly choice: SandboxChoice
  readonly log: Log
}): Promise<Sandbox> {
  const { language, program, trial, folder, choice, log } = given
  const sandbox = await findSandbox({ program, trial, folder, without: choice.without ?? [] })
  const missing = sandbox.missing.map(({ name, why }) => `${name} (${why})`)
  if (missing.length > 0) {
    if (choice.required) throw faults.sandboxMissing({ missing })
    log.warn('SCRIPTS ARE NOT HELD BY A WHOLE SANDBOX: run no script you do not trust', { language, missing })
  }
  return sandbox
}
