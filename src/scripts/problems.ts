import type { Fault } from '../base/index.ts'
import type { LentSecrets } from '../flow/index.ts'
import { faults } from './faults.ts'
import type { ScriptFunction } from './script-folder.ts'

interface Problem {
  readonly kind: 'failed' | 'compileFailed' | 'functionMissing' | 'fileMissing' | 'jarShadows' | 'jarsTooLarge'
  readonly className: string
  readonly message: string
  readonly line: number | null
  readonly stack: string
  readonly errors: readonly { readonly message: string; readonly line?: number; readonly column?: number }[]
}

/** The fault for what the host says went wrong, without secrets that were lent to the script. */
export function faultOfProblem(
  given: unknown,
  { file, folder, functionName }: ScriptFunction,
  lent: LentSecrets | undefined,
): Fault {
  const problem = given as Problem
  const clean = (text: string): string => lent?.redactText(text) ?? text
  const script = file
  switch (problem.kind) {
    case 'fileMissing':
      return faults.fileMissing({ script, bundle: folder.bundleId }, { place: { file } })
    case 'jarShadows':
      return faults.jarShadows({ bundle: folder.bundleId, what: problem.message })
    case 'jarsTooLarge':
      return faults.jarsTooLarge({ bundle: folder.bundleId, limit: problem.message })
    case 'functionMissing':
      return faults.functionMissing({ script, functionName }, { place: { file } })
    case 'compileFailed': {
      const [first] = problem.errors
      const { line, column } = first ?? {}
      const place = { file, ...(line !== undefined && { line }), ...(column !== undefined && { column }) }
      return faults.compileFailed({ script, errors: problem.errors }, { place })
    }
    default: {
      const { className } = problem
      const [message, stack] = [clean(problem.message), clean(problem.stack)]
      const line = problem.line ?? undefined
      const place = { file, ...(line !== undefined && { line }) }
      return faults.failed({ script, className, message, line, stack }, { place })
    }
  }
}
