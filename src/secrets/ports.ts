/** A security material as stored; what is secret in it is sealed. */
export interface StoredMaterial {
  readonly name: string
  /** `UserCredential`, `SecureParameter`, … */
  readonly type: string
  readonly kind: string
  readonly description: string
  /** Fields that may be shown, such as the user name. */
  readonly shown: Readonly<Record<string, string>>
  /** JSON of the secret fields, sealed under the tenant's key with name and type bound in. */
  readonly sealed: string
  readonly deployedBy: string
  readonly deployedAt: number
}

export interface MaterialStore {
  readonly list: (type?: string) => Promise<readonly StoredMaterial[]>
  readonly find: (name: string) => Promise<StoredMaterial | undefined>
  /** False when the name is taken. */
  readonly insert: (material: StoredMaterial) => Promise<boolean>
  readonly update: (material: StoredMaterial) => Promise<boolean>
  readonly remove: (name: string) => Promise<boolean>
}
