/** Stages of a call, about in the order in which a refusal can happen. */
export type Stage =
  | 'tls'
  | 'limit'
  | 'transfer'
  | 'network'
  | 'method'
  | 'certificate'
  | 'identity'
  | 'policy'
  | 'plan'
  | 'route'
  | 'cors'
  | 'role'
  | 'csrf'
  | 'size'
  | 'rate'

/** A way to be refused, declared once. */
export interface DeclaredRefusal {
  readonly stage: Stage
  /** Of HTTP; 0 where there is no HTTP to answer in. */
  readonly status: number
  /** For the administrator; may name what the caller sent, except secrets. */
  readonly reason: (details: never) => string
  readonly remedy: string
  /** Sent to the caller besides the reference. */
  readonly headers?: readonly (readonly [string, string])[]
}

export type RefusalDeclarations = Readonly<Record<string, DeclaredRefusal>>
