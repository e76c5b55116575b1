import type { Field, FieldSet, Values } from '../fields/index.ts'
import type { Session } from './session.ts'

/** One command, declared once: help, parsing, validation and the reference page are read from it. */
export interface Command<Positionals extends FieldSet = FieldSet, Flags extends FieldSet = FieldSet> {
  /** One word, or two: `credentials set`. */
  readonly name: string
  readonly summary: string
  readonly examples: readonly Example[]
  /** In order; the last may be a list. */
  readonly positionals: Positionals
  readonly flags: Flags
  /** One letter to the name of a flag. */
  readonly letters?: Readonly<Record<string, keyof Flags & string>>
  /**
   * Does it. Nothing or 0 is success; a command that returns another number has said why on its own.
   * @throws a fault, which becomes one line why and one line what to do
   */
  readonly run: (given: Values<Positionals> & Values<Flags>, session: Session) => Promise<number | void>
}

export interface Example {
  /** Without the leading `sluice`. */
  readonly line: string
  readonly words: string
}

/** Only ties the types of the fields to the function that receives their values. */
export const declareCommand = <const Positionals extends FieldSet, const Flags extends FieldSet>(
  command: Command<Positionals, Flags>,
): Command => command as unknown as Command

/** True where a flag or argument may be given several times. */
export const takesMany = (field: Field<unknown>): boolean => field.kind === 'list' || field.kind === 'pairs'

/** True where a flag stands alone, without a value. */
export const isSwitch = (field: Field<unknown>): boolean => field.control === 'switch'
