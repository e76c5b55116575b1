import type { Principal } from '../flow/index.ts'
import type { DiscoveredIssuer } from './discover-issuer.ts'
import type {
  EndpointPolicy,
  Holder,
  IdentityProvider,
  Method,
  Plan,
  RegisteredCertificate,
  RevocationList,
  ServiceInstance,
  ServiceKey,
  TenantPolicy,
  TrustAnchor,
  User,
  UserGroup,
  UserRole,
} from './records.ts'
import type { SamlMetadata } from './saml-metadata.ts'
import type { OpenedKey } from './service-key-document.ts'

/** Who a caller is, and what that allows. */
export interface Identified {
  readonly principal: Principal
  readonly roles: ReadonlySet<string>
  /** The plan of the service instance; undefined for users, whose roles say all. */
  readonly plan: Plan | undefined
  /** How this was proved. */
  readonly method: Method
  /** Two proofs are of the same client when this is equal: `instance <id>`, `user <name>`. */
  readonly client: string
  /** Milliseconds since 1970 from which on the proof counts no more; undefined is open. */
  readonly until?: number | undefined
}

/** What a registered certificate stands for. */
export interface CertificateHolder {
  readonly holder: Holder
  /** Undefined for a trusted proxy, and for a certificate of a channel, which only the channel's names authorize. */
  readonly identified: Identified | undefined
  /** The window of registration, milliseconds since 1970; undefined is open. */
  readonly from: number | undefined
  readonly until: number | undefined
}

/** A key that also accepts renewed certificates of the same names. */
export interface UnpinnedKey {
  readonly keyId: string
  /** Start of validity of the newest certificate accepted so far, milliseconds since 1970. */
  readonly newest: number
}

/** Fast questions about a caller; all in memory, none allocates. */
export interface LookUp {
  /**
   * By the SHA-256 of the DER in hex. Undefined, too, when what it stands for is gone or locked. Validity and trust are
   * the caller's to check: they depend on the moment.
   */
  readonly byCertificate: (fingerprint: string) => CertificateHolder | undefined
  /** Keys that may accept a certificate of these names; `pair` as `pairOf` of two distinguished names makes it. */
  readonly unpinned: (pair: string) => readonly UnpinnedKey[]
  /** True when a certificate that counts only itself has these names, too: then no renewal is accepted. */
  readonly pinnedUnder: (pair: string) => boolean
  /** Takes the same time whether the client id, the secret or both are wrong. */
  readonly byClientSecret: (clientId: string, secret: string) => Identified | undefined
  /** Whether a key with a secret has this client id. For records only: no caller may learn it. */
  readonly knowsClient: (clientId: string) => boolean
  /** The user of this name, compared without case; locked ones, too. */
  readonly user: (name: string) => { readonly user: User; readonly identified: Identified } | undefined
  /**
   * A client as a token names it; `method` is bearer. With a user the roles are his and those of his groups, else those
   * of the instance. Undefined when the instance is gone or the user is locked.
   */
  readonly byToken: (given: {
    readonly clientId: string
    readonly user: string | undefined
    readonly attributes: Readonly<Record<string, string>>
    readonly groups: readonly string[]
    /** Who vouches for the token. */
    readonly issuer?: string | undefined
    /** Who acts for the user, newest first. */
    readonly actors?: readonly string[] | undefined
  }) => Identified | undefined
  /** By SAML entity id or `iss`, compared exactly. Disabled ones, too: who reads assertions says so. */
  readonly identityProviderOf: (issuer: string) => IdentityProvider | undefined
  readonly policy: () => TenantPolicy
  /** The policy of an address (base and address of the route, lower case). */
  readonly endpointPolicy: (address: string) => EndpointPolicy | undefined
}

/** One kind of thing that an administrator manages: the same shape for each. `user` is who changes it. */
export interface Managed<Shown, Request, Change = Partial<Request>> {
  readonly list: () => readonly Shown[]
  /** By id or name, whatever identifies the kind. */
  readonly find: (id: string) => Shown | undefined
  readonly create: (request: Request, user: string) => Promise<Shown>
  readonly update: (id: string, change: Change, user: string) => Promise<Shown>
  readonly remove: (id: string, user: string) => Promise<void>
}

export interface RoleRequest {
  /** Letters, digits, `_` and `.`. */
  readonly name: string
  readonly description?: string
}

export interface ShownRole extends UserRole {
  /** Predefined roles belong to the product: they cannot be changed or deleted. */
  readonly owner: 'SAP' | 'Tenant Administrator'
  /** Who has it: instances, users and groups, as words for a person. */
  readonly usedBy: readonly string[]
}

export interface UserRequest {
  readonly name: string
  readonly description?: string
  /** At least 12 characters; absent for a name that only certificates are mapped to. */
  readonly password?: string
  readonly roles?: readonly string[]
  readonly locked?: boolean
}

/** A user without the hash. */
export interface ShownUser extends Omit<User, 'passwordHash'> {
  readonly hasPassword: boolean
  readonly groups: readonly string[]
}

export interface GroupRequest {
  readonly name: string
  readonly description?: string
  readonly roles?: readonly string[]
  readonly members?: readonly string[]
}

/** Parameters of a service instance as a person or a client gives them. */
export interface InstanceRequest {
  readonly name: string
  readonly plan: Plan
  /** Absent for plan integration-flow means `ESBMessaging.send`. */
  readonly roles?: readonly string[]
  readonly grantTypes?: readonly string[]
  readonly redirectUris?: readonly string[]
  /** Seconds, 3600 to 86400. */
  readonly tokenValidity?: number
}

export type KeyRequest =
  | {
      readonly name: string
      readonly type: 'secret'
      /** Drawn when absent. Given for a credential that people type, or that comes from another installation. */
      readonly clientId?: string
      /** At least 32 characters; 256 random bits when absent. */
      readonly secret?: string
    }
  | {
      readonly name: string
      readonly type: 'certificate'
      /** 1 to 365; 365 when absent. */
      readonly validityDays?: number
      /** 2048, 3072 or 4096 bits; 2048 when absent. */
      readonly keySize?: number
    }
  | {
      readonly name: string
      readonly type: 'certificate_external'
      /** PEM in any wrapping or DER; of a chain in any order the leaf is kept. */
      readonly certificate: string | Uint8Array
      /** True when absent. */
      readonly pinned?: boolean
    }

/** A certificate to register, with the window in which it counts. */
export interface CertificateRequest {
  /** PEM in any wrapping or DER; of a chain in any order the leaf is kept. */
  readonly certificate: string | Uint8Array
  /** Milliseconds since 1970; undefined is open. */
  readonly from?: number | undefined
  readonly until?: number | undefined
}

export interface MappingRequest extends CertificateRequest {
  readonly user: string
}

export interface NamedCertificateRequest extends CertificateRequest {
  readonly name: string
}

export interface AnchorRequest {
  /** One certificate: a CA, or a leaf that is trusted as it is. */
  readonly certificate: string | Uint8Array
  /** The subject's common name when absent. */
  readonly name?: string
}

/** A certificate by which an identity provider signs, with the window in which it counts. */
export interface SigningCertificateRequest {
  /** PEM in any wrapping or DER. Each of several counts for itself; CAs that came with one are left out. */
  readonly certificate: string | Uint8Array
  /** Milliseconds since 1970; undefined is open. */
  readonly from?: number | undefined
  readonly until?: number | undefined
}

/** An identity provider as a person gives it. What is not said: see each member of the record. */
export interface IdentityProviderRequest
  extends Partial<
    Pick<
      IdentityProvider,
      | 'description'
      | 'enabled'
      | 'jwks'
      | 'jwksUri'
      | 'loopback'
      | 'algorithms'
      | 'sha1'
      | 'userId'
      | 'audiences'
      | 'recipients'
      | 'defaultAttributes'
      | 'attributes'
      | 'defaultGroups'
      | 'groupRules'
      | 'skew'
      | 'clients'
    >
  > {
  readonly name: string
  readonly issuer: string
  /** All of them: a change replaces those that are there. */
  readonly certificates?: readonly SigningCertificateRequest[]
}

/** A sender whose users are to call flows: all it takes in one step. */
export interface TrustedSenderRequest {
  /** The name of the identity provider, the service instance and its key. */
  readonly name: string
  /** What the provider is besides its name; `clients` is set to the instance. */
  readonly provider: Omit<IdentityProviderRequest, 'name' | 'clients'>
  /** How its assertions come; SAML 2.0 where the provider has certificates, else JWT. */
  readonly assertion?: 'saml2' | 'jwt'
  /** Roles of flows that its users get; `ESBMessaging.send` when absent. */
  readonly roles?: readonly string[]
  /** Exactly this user gets them. Absent, every user does whom the sender vouches for, by `group`. */
  readonly user?: string
  /** Group that holds the roles; `name` when absent. Not with `user`. */
  readonly group?: string
}

export interface TrustedSender {
  readonly provider: IdentityProvider
  readonly instance: ServiceInstance
  /** With its secret in the clear. */
  readonly key: OpenedKey
  readonly user: string | undefined
  readonly group: string | undefined
}

/** Who may call, in one tenant: look-ups for the front door, and what administrators change. */
export interface Identity extends LookUp {
  /** Grows with each change: whoever remembers the result of a look-up forgets it when this has changed. */
  readonly revision: number
  /** Takes over what other processes have changed. */
  readonly reload: () => Promise<void>
  /** Called after each change, before the change resolves; the answer ends it. What it returns is waited for. */
  readonly onChange: (listener: () => void | Promise<unknown>) => () => void

  readonly roles: Managed<ShownRole, RoleRequest, { readonly description: string }>
  readonly users: Managed<ShownUser, UserRequest>
  readonly groups: Managed<UserGroup, GroupRequest>
  readonly instances: Managed<ServiceInstance, InstanceRequest, Partial<Omit<InstanceRequest, 'plan'>>>
  readonly keys: {
    readonly list: (instanceId?: string) => readonly ServiceKey[]
    readonly find: (id: string) => ServiceKey | undefined
    readonly create: (instanceId: string, request: KeyRequest, user: string) => Promise<OpenedKey>
    /** The key with its credential in the clear. */
    readonly open: (id: string) => OpenedKey
    /**
     * A new credential of the same kind beside the old one, which counts until `overlap` milliseconds from now: a new
     * key for a secret, a further certificate of the same key for certificates.
     */
    readonly rotate: (
      id: string,
      request: { readonly overlap: number; readonly certificate?: string | Uint8Array },
      user: string,
    ) => Promise<OpenedKey>
    readonly remove: (id: string, user: string) => Promise<void>
  }
  /** All registered certificates, whatever they stand for. */
  readonly certificates: {
    readonly list: (holder?: Holder) => readonly RegisteredCertificate[]
    readonly find: (fingerprint: string) => RegisteredCertificate | undefined
    /** Adds a further certificate to a key, so that old and new overlap. */
    readonly addToKey: (keyId: string, request: CertificateRequest, user: string) => Promise<RegisteredCertificate>
    readonly setWindow: (
      fingerprint: string,
      window: { readonly from: number | undefined; readonly until: number | undefined },
      user: string,
    ) => Promise<RegisteredCertificate>
    readonly remove: (fingerprint: string, user: string) => Promise<void>
    /**
     * Accepts a renewed certificate for an unpinned key: written down before this resolves, and only if it is newer
     * than all before. The old ones end. False when another one was faster or it is not newer.
     */
    readonly renew: (keyId: string, certificate: Uint8Array) => Promise<boolean>
  }
  /** Certificates that stand for a user. Creating one for a certificate that is mapped already changes its user. */
  readonly mappings: Managed<RegisteredCertificate, MappingRequest>
  /** Certificates of senders whose channels list them by their names. */
  readonly channelCertificates: Managed<RegisteredCertificate, NamedCertificateRequest>
  /** Certificates of proxies that may say which client certificate they have seen. */
  readonly proxies: Managed<RegisteredCertificate, NamedCertificateRequest>
  readonly anchors: Managed<TrustAnchor, AnchorRequest, { readonly name: string }>
  /** Trusts the built-in CA (PEM) when it is seen for the first time: an administrator may remove it for good. */
  readonly ensureBuiltInAnchor: (certificate: string) => Promise<void>
  readonly revocationLists: Pick<
    Managed<RevocationList, { readonly list: string | Uint8Array }>,
    'list' | 'find' | 'create' | 'remove'
  >
  readonly tenantPolicy: {
    readonly get: () => TenantPolicy
    readonly set: (change: Partial<TenantPolicy>, user: string) => Promise<TenantPolicy>
  }
  readonly endpointPolicies: Managed<EndpointPolicy, Partial<EndpointPolicy> & { readonly address: string }>
  /** Who vouches for users. */
  readonly identityProviders: Managed<IdentityProvider, IdentityProviderRequest>
  /** What an OpenID Connect issuer publishes. @throws identity.issuerRefused, issuerUnreachable, issuerAnswerInvalid */
  readonly discoverIssuer: (
    issuer: string,
    given: { readonly loopback?: boolean | undefined },
  ) => Promise<DiscoveredIssuer>
  /** @throws identity.metadataInvalid, metadataOfSeveral, metadataSignatureWrong */
  readonly readSamlMetadata: (xml: string, given: { readonly certificates?: readonly string[] }) => SamlMetadata
  /**
   * The keys of an issuer that publishes them, fetched again at most once a minute and written down.
   * @throws identity.issuerRefused, issuerUnreachable, issuerAnswerInvalid
   */
  readonly refreshKeys: (provider: Pick<IdentityProvider, 'id'>) => Promise<IdentityProvider['jwks']>
  /** Makes provider, service instance, key and roles, all or nothing. @throws identity.senderInvalid and theirs */
  readonly trustSender: (request: TrustedSenderRequest, user: string) => Promise<TrustedSender>
  /** Counts a wrong password where the policy locks users for it; resolves when the user is locked, if so. */
  readonly passwordFailed: (user: string) => Promise<void>
  /** Begins the count of wrong passwords anew. */
  readonly passwordSucceeded: (user: string) => void
}
