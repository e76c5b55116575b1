/*
 * What the registry of a tenant holds. Records refer to each other by id or name; what refers to something that is
 * gone identifies nobody and allows nothing.
 */

export type Plan = 'integration-flow' | 'api'

/** How a caller proves who it is. A policy names the ways that count. */
export type Method = 'certificate' | 'clientSecret' | 'password' | 'bearer'

/** Who made a record and who changed it last. Times in milliseconds since 1970. */
export interface Authored {
  readonly createdBy: string
  readonly createdAt: number
  readonly modifiedBy: string
  readonly modifiedAt: number
}

/** A role that channels ask for and that instances, users and groups have. The predefined ones are not stored. */
export interface UserRole extends Authored {
  readonly name: string
  readonly description: string
}

/** A person, or a name that certificates are mapped to. One without a password cannot call by password. */
export interface User extends Authored {
  /** As typed when it was made; compared without case. */
  readonly name: string
  readonly description: string
  /** Argon2id in PHC form. */
  readonly passwordHash: string | undefined
  readonly roles: readonly string[]
  /** Set by an administrator, or by the policy after too many wrong passwords. A locked user identifies nobody. */
  readonly locked: boolean
}

/** Users that share roles. */
export interface UserGroup extends Authored {
  readonly name: string
  readonly description: string
  readonly roles: readonly string[]
  /** Names of users. */
  readonly members: readonly string[]
}

/** A service instance is an OAuth client: its roles are what its keys may do. */
export interface ServiceInstance extends Authored {
  readonly id: string
  readonly name: string
  readonly plan: Plan
  readonly roles: readonly string[]
  readonly grantTypes: readonly string[]
  readonly redirectUris: readonly string[]
  /** Seconds. */
  readonly tokenValidity: number
}

/** A credential of a service instance. Its certificates, of which there can be several, are records of their own. */
export interface ServiceKey extends Authored {
  readonly id: string
  readonly instanceId: string
  readonly name: string
  readonly type: 'secret' | 'certificate' | 'certificate_external'
  readonly clientId: string
  /** SHA-256 of the secret (256 random bits), in hex; undefined for certificate keys. */
  readonly secretHash: string | undefined
  /** The secret or private key, sealed, because a service key can be viewed again. */
  readonly sealedSecret: string | undefined
  /**
   * True: exactly the registered certificates count. False, for external certificates of plan integration-flow alone:
   * a renewed one counts too if a trusted CA issued it, subject and issuer are the same, and it is strictly newer.
   */
  readonly pinned: boolean
  /** Milliseconds since 1970 from which on the key and all its certificates count no more; undefined is open. */
  readonly until: number | undefined
}

/** What a certificate identifies: a service key by id, a user by name, a channel's sender or a trusted proxy by name. */
export interface Holder {
  readonly kind: 'key' | 'user' | 'channel' | 'proxy'
  readonly id: string
}

/** A client certificate and what it identifies. One certificate identifies one thing in a tenant. */
export interface RegisteredCertificate extends Authored {
  /** SHA-256 of the DER, in hex. The id. */
  readonly fingerprint: string
  readonly holder: Holder
  readonly pem: string
  readonly subject: string
  readonly issuer: string
  /** Hex, lower case, without `0x`. */
  readonly serialNumber: string
  readonly validFrom: number
  readonly validTo: number
  /** The window in which it counts here, inside its own validity, so that a renewal overlaps; undefined is open. */
  readonly from: number | undefined
  readonly until: number | undefined
}

/** A CA, or exactly one certificate, that client certificates are trusted by. */
export interface TrustAnchor extends Authored {
  /** SHA-256 of the DER, in hex. The id. */
  readonly fingerprint: string
  readonly kind: 'ca' | 'leaf'
  readonly name: string
  readonly pem: string
  /** The built-in CA is there from the start; a leaf may have come with its registration. */
  readonly origin: 'built-in' | 'administrator' | 'registration'
}

/** A list of revoked certificates, given by an administrator. */
export interface RevocationList extends Authored {
  /** SHA-256 of the DER, in hex. The id. */
  readonly fingerprint: string
  readonly issuer: string
  /** Base64 of the DER. */
  readonly der: string
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
}

/** A certificate by which an identity provider signs. Milliseconds since 1970; undefined is open. */
export interface SigningCertificate {
  /** SHA-256 of the DER, in hex. */
  readonly fingerprint: string
  readonly pem: string
  /** The window in which it counts here, inside its own validity, so that two overlap while one is rolled over. */
  readonly from: number | undefined
  readonly until: number | undefined
}

/** The user is in `group` when one value of the attribute fits. */
export interface GroupRule {
  readonly group: string
  readonly attribute: string
  readonly operator: 'equals' | 'contains' | 'startsWith' | 'endsWith' | 'matches'
  readonly value: string
}

/** Who vouches for users by signed assertions. It holds no secret: certificates and keys are public ones. */
export interface IdentityProvider extends Authored {
  readonly id: string
  /** For people; unique. */
  readonly name: string
  /** SAML entity id or `iss` of a JWT; unique, compared exactly. */
  readonly issuer: string
  readonly description: string
  readonly enabled: boolean
  readonly certificates: readonly SigningCertificate[]
  /** Public keys as JWK, with `kid`, of an OIDC issuer. */
  readonly jwks: readonly Readonly<Record<string, unknown>>[]
  /** Where `jwks` came from; fetched again for an unknown `kid`, at most once a minute. */
  readonly jwksUri: string | undefined
  /** True where `jwksUri` may lead to this machine itself, as it does where people try something out. */
  readonly loopback?: boolean
  /** JOSE names, for SAML too: RS256 to RS512, PS256 to PS512, ES256 to ES512, EdDSA. */
  readonly algorithms: readonly string[]
  /** RSA with SHA-1 and digests by SHA-1 count too (SAML only). Flagged wherever it is shown. */
  readonly sha1: boolean
  /** Where the user id stands: the NameID (`sub` of a JWT), or an attribute (claim). */
  readonly userId: { readonly source: 'nameId' } | { readonly source: 'attribute'; readonly attribute: string }
  /** Accepted besides the server's own issuer and token endpoints. */
  readonly audiences: readonly string[]
  readonly recipients: readonly string[]
  readonly defaultAttributes: Readonly<Record<string, string>>
  /** Taken from the assertion: `from` names its attribute ('*' all), `to` the attribute of the principal. */
  readonly attributes: readonly { readonly from: string; readonly to: string }[]
  readonly defaultGroups: readonly string[]
  readonly groupRules: readonly GroupRule[]
  /** Seconds of clock skew, 0 to 300. */
  readonly skew: number
  /** Ids of clients or service instances that may bring its assertions; empty is all. */
  readonly clients: readonly string[]
}

/** Calls per second, and how many may come at once. 0 is no limit. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** What holds for all addresses of a tenant. */
export interface TenantPolicy {
  readonly methods: readonly Method[]
  /** Addresses (CIDR) from which calls are taken; empty is all. */
  readonly networks: readonly string[]
  /** Callers from outside these (CIDR) need a client certificate; undefined asks nobody. */
  readonly certificateOutside: readonly string[] | undefined
  /** A certificate that leads to no anchor is pinned when it is registered; false refuses to register it. */
  readonly pinOnRegistration: boolean
  readonly publicRoots: boolean
  readonly revocation: 'off' | 'soft' | 'hard'
  /** Bits. */
  readonly minimumRsaBits: number
  /** Whether a certificate that a channel lists must be registered, or its names alone are enough. */
  readonly channelCertificates: 'registered' | 'names'
  /** The client must name the server in the handshake (SNI). */
  readonly serverNameRequired: boolean
  /** Wrong passwords in a row after which a user is locked; 0 only slows down. */
  readonly lockAfter: number
  readonly rates: { readonly client: Rate; readonly endpoint: Rate; readonly tenant: Rate }
  /** Whether what a flow may use grows with a deployment, or only when a person approves it, or another person. */
  readonly capabilities: 'allow' | 'approval' | 'fourEyes'
  /** Rules for scripts, or their severities: a bundle that breaks one is not deployed. */
  readonly lintStop: readonly string[]
  /** Certificates (PEM) of those who sign bundles, or of CAs for them. A signature by nobody of them stops a bundle. */
  readonly publishers: readonly string[]
  /** A bundle without a signature is not deployed. */
  readonly requireSignature: boolean
  /** Version that scripts run in; `auto` is 2.4 where it is installed, and 4 otherwise. */
  readonly groovy: 'auto' | '2.4' | '4'
  /** Addresses (CIDR) that scripts may reach although they are loopback, link-local or those of metadata services. */
  readonly scriptNetworks: readonly string[]
}

/** What holds for one address besides. It can only narrow what the tenant allows. */
export interface EndpointPolicy extends Authored {
  /** Base and address as a flow serves it, such as `/http/orders` or `/http/orders/*`, in lower case. The id. */
  readonly address: string
  /** Undefined: those of the tenant. */
  readonly methods: readonly Method[] | undefined
  /** `all`: the caller needs every one of `methods`, for the same client. */
  readonly require: 'any' | 'all'
  readonly networks: readonly string[]
  readonly channelCertificates: TenantPolicy['channelCertificates'] | undefined
  readonly rate: Rate
}

/** The record of each kind. */
export interface Records {
  readonly role: UserRole
  readonly user: User
  readonly group: UserGroup
  readonly instance: ServiceInstance
  readonly key: ServiceKey
  readonly certificate: RegisteredCertificate
  readonly anchor: TrustAnchor
  readonly revocationList: RevocationList
  /** `builtInCa` is the fingerprint of the built-in CA that was trusted once, and so is not trusted again by itself. */
  readonly tenantPolicy: TenantPolicy & Authored & { readonly builtInCa?: string }
  readonly endpointPolicy: EndpointPolicy
  readonly identityProvider: IdentityProvider
}

export type Kind = keyof Records
