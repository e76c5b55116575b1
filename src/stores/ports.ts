/** A variable as stored; the value is sealed under the tenant's key. */
export interface StoredVariable {
  readonly name: string
  /** Id of the flow, or '' for a global variable. */
  readonly flowId: string
  readonly sealed: string
  readonly updatedAt: number
  readonly retainUntil: number
}

export interface VariableStore {
  readonly find: (name: string, flowId: string) => Promise<StoredVariable | undefined>
  readonly put: (variable: StoredVariable) => Promise<void>
  readonly list: () => Promise<readonly StoredVariable[]>
  readonly remove: (name: string, flowId: string) => Promise<boolean>
  readonly expire: (now: number) => Promise<number>
}
