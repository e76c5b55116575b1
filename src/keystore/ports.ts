/** A tenant with its sealed keys (see key-ring.ts). */
export interface StoredTenant {
  readonly id: string
  readonly sealedKey: string
}

/** Tenants and their sealed keys; of the installation, not of a tenant. */
export interface TenantStore {
  readonly list: () => Promise<readonly StoredTenant[]>
  readonly insert: (tenant: StoredTenant) => Promise<boolean>
  /** Gives tenants other sealed keys, all of them or, when one has not the expected ones any more, none: false. */
  readonly update: (
    changes: readonly { readonly id: string; readonly expected: string; readonly next: string }[],
  ) => Promise<boolean>
}

/** A row with a sealed value, found by its primary key. */
export interface SealedRow {
  readonly key: readonly (string | number)[]
  readonly sealed: string
}

/** Rows of one table with a sealed value each. */
export interface SealedRows {
  readonly table: 'variable' | 'attachment' | 'trace' | 'authorization_model'
  /** In the order of their keys; those whose value begins with `without` are left out, none when it is empty. */
  readonly read: (given: {
    readonly after: SealedRow['key'] | undefined
    readonly without: string
    readonly limit: number
  }) => Promise<readonly SealedRow[]>
  /** Writes the values that are still as expected; returns how many. */
  readonly replace: (changes: readonly (SealedRow & { readonly next: string })[]) => Promise<number>
}

/** Seals and opens under one tenant's key. The context (alias, type) is bound in: sealed bytes open nowhere else. */
export interface Sealer {
  readonly seal: (plain: Uint8Array, context: string) => string
  /** @throws keystore.sealBroken */
  readonly open: (sealed: string, context: string) => Buffer
}
