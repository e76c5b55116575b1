import type { Workbench } from './workbench.ts'

/** An integration flow that someone has published. */
export interface PublishedFlow {
  /** Number in the corpus, which is also that of its fixtures. */
  readonly number: string
  readonly id: string
  /** Path of the archive in the recipes repository. */
  readonly archive: string
}

/** One thing that must be so when a published flow runs. */
export interface AcceptanceCase {
  /** `0249`, `0278a`. */
  readonly name: string
  readonly proves: string
  /** The flow, where its model is all that the case needs of it: then it also runs out of the corpus of models. */
  readonly model: PublishedFlow | undefined
  /** Deploys, triggers and compares; throws when it is not so. May return notes for the reader. */
  readonly run: (bench: Workbench) => Promise<void | readonly string[]>
}
