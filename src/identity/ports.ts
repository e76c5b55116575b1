export type Plan = 'integration-flow' | 'api'

/** A service instance is an OAuth client: its roles are what its keys may do. */
export interface ServiceInstance {
  readonly id: string
  readonly name: string
  readonly plan: Plan
  readonly roles: readonly string[]
  readonly grantTypes: readonly string[]
  readonly redirectUris: readonly string[]
  /** Seconds. */
  readonly tokenValidity: number
  readonly createdBy: string
  readonly createdAt: number
}

export interface ServiceKey {
  readonly id: string
  readonly instanceId: string
  readonly name: string
  readonly type: 'secret' | 'certificate' | 'certificate_external'
  readonly clientId: string
  /** SHA-256 of the secret (256 random bits), in hex; undefined for certificate keys. */
  readonly secretHash: string | undefined
  /** The secret or private key, sealed, because a service key can be viewed again. */
  readonly sealedSecret: string | undefined
  readonly createdBy: string
  readonly createdAt: number
}

/** A client certificate and what it identifies. One certificate identifies one thing in a tenant. */
export interface RegisteredCertificate {
  /** SHA-256 of the DER, in hex. */
  readonly fingerprint: string
  readonly keyId: string
  readonly pem: string
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  readonly validFrom: number
  readonly validTo: number
  readonly registeredAt: number
}

/** What the identity registry needs of a database. One tenant. */
export interface IdentityStore {
  readonly load: () => Promise<{
    readonly instances: readonly ServiceInstance[]
    readonly keys: readonly ServiceKey[]
    readonly certificates: readonly RegisteredCertificate[]
  }>
  /** False when id or name is taken. */
  readonly insertInstance: (instance: ServiceInstance) => Promise<boolean>
  readonly updateInstance: (instance: ServiceInstance) => Promise<boolean>
  /** Deletes the instance with its keys and certificates. */
  readonly deleteInstance: (id: string) => Promise<boolean>
  /** Inserts the key with its certificate, all or nothing; names the key that holds the certificate already. */
  readonly insertKey: (
    key: ServiceKey,
    certificate: RegisteredCertificate | undefined,
  ) => Promise<{ readonly inserted: true } | { readonly taken: 'name' | 'certificate'; readonly by: string }>
  readonly deleteKey: (id: string) => Promise<boolean>
}
