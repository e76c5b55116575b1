import type { Exchange } from '../../message/index.ts'
import type { Environment } from '../environment.ts'
import { faults } from '../faults.ts'

/** A compiled expression: its value for a message, undefined or null where there is none. */
export type Evaluate = (exchange: Exchange, env: Environment) => unknown

/** Where a function stands, for the words of a fault. */
export interface Source {
  readonly expression: string
  /** Index of the `$`. */
  readonly start: number
}

export const unknownFunction = (name: string, { expression, start }: Source): Error =>
  faults.simpleFunctionUnknown({ expression, position: start + 1, name })
