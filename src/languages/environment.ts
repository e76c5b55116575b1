import type { Clock } from '../base/index.ts'

/** What an expression may know besides the message. A run of the engine is one. */
export interface Environment {
  readonly messageId: string
  readonly flow: { readonly id: string; readonly namespaces: ReadonlyMap<string, string> }
  readonly clock: Clock
  readonly exception: { readonly message: string; readonly stack: string } | undefined
}
