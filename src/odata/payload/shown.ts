import type { Row } from '../edm.ts'
import type { EntitySet } from '../entity-set.ts'

/** An entity ready to be written: what is shown of it, and the entities shown inline. */
export interface Shown<Context> {
  readonly set: EntitySet<Context>
  readonly row: Row
  /** Absolute address of the entity. */
  readonly uri: string
  /** Names of the properties to write, in the order of their declaration. */
  readonly properties: readonly string[]
  /** Navigations to write: undefined stands for a link, null for nothing there. */
  readonly navigations: ReadonlyMap<string, readonly Shown<Context>[] | Shown<Context> | null | undefined>
}

/** A list of entities ready to be written. */
export interface ShownList<Context> {
  readonly set: EntitySet<Context>
  readonly uri: string
  readonly entries: readonly Shown<Context>[]
  readonly count: number | undefined
  readonly next: string | undefined
}
