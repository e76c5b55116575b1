/** A key pair or certificate as stored; the private key is sealed with alias, type and tenant bound in. */
export interface StoredEntry {
  readonly alias: string
  readonly type: 'keypair' | 'certificate'
  /** PEM, leaf first. */
  readonly chain: string
  readonly sealedKey: string | undefined
  readonly owner: 'system' | 'tenant'
  readonly modifiedBy: string
  readonly modifiedAt: number
}

export interface EntryStore {
  readonly find: (alias: string) => Promise<StoredEntry | undefined>
  readonly list: () => Promise<readonly StoredEntry[]>
  readonly put: (entry: StoredEntry) => Promise<void>
  readonly remove: (alias: string) => Promise<boolean>
}

/** Tenants and their sealed keys; of the installation, not of a tenant. */
export interface TenantStore {
  readonly list: () => Promise<readonly { readonly id: string; readonly sealedKey: string }[]>
  readonly insert: (tenant: { readonly id: string; readonly sealedKey: string }) => Promise<boolean>
}

/** Seals and opens under one tenant's key. The context (alias, type) is bound in: sealed bytes open nowhere else. */
export interface Sealer {
  readonly seal: (plain: Uint8Array, context: string) => string
  /** @throws keystore.sealBroken */
  readonly open: (sealed: string, context: string) => Buffer
}
