import type { Capability, CapabilityApproval, GrantKind } from '../flow/index.ts'
import type { KnownHostLine } from './known-hosts-file.ts'
import type { PgpKeyFacts } from './pgp/key-facts.ts'

/** The types of material that have a name of their own, unique over all of them. */
export type MaterialTypeName =
  | 'UserCredential'
  | 'SecureParameter'
  | 'OAuth2ClientCredential'
  | 'OAuth2SamlBearerAssertion'
  | 'OAuth2AuthorizationCode'
  | 'JdbcDataSource'

/** `UNAUTHORIZED` until somebody gave consent in a browser; only for authorization codes. */
export type DeployStatus = 'DEPLOYED' | 'UNAUTHORIZED'

/** Who made and last changed a record, and when, in milliseconds since 1970. */
export interface Authored {
  readonly createdBy: string
  readonly createdAt: number
  readonly modifiedBy: string
  readonly modifiedAt: number
}

/** A security material as stored; what is secret in it is sealed. */
export interface MaterialRecord extends Authored {
  readonly name: string
  readonly type: MaterialTypeName
  /** Of user credentials: `default`, `successfactors` or `openconnectors`; else empty. */
  readonly kind: string
  readonly description: string
  /** Raw values of the fields that may be shown. */
  readonly shown: Readonly<Record<string, string>>
  /** JSON of the secret fields. */
  readonly sealed: string
  /** The context of `sealed` where it comes from before there were records. */
  readonly sealContext?: string
  readonly status: DeployStatus
}

export interface PgpPublicKeyRecord extends Authored, PgpKeyFacts {
  /** The transferable public key. */
  readonly armored: string
}

export interface PgpSecretKeyRecord extends PgpPublicKeyRecord {
  /** JSON of the armored secret key and of the passphrase that was generated for it. */
  readonly sealed: string
}

/** The one list of known SSH hosts of a tenant, and the list that waits for approval. */
export interface KnownHostsRecord extends Authored {
  readonly name: typeof knownHostsName
  readonly lines: readonly KnownHostLine[]
  readonly proposal?: KnownHostsProposal
}

export interface KnownHostsProposal {
  readonly id: string
  readonly lines: readonly KnownHostLine[]
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The name under which the original deploys the list. */
export const knownHostsName = 'known.hosts'

/** An administrator's word on whether a flow may use a secret; one for each flow, kind and alias. */
export interface GrantRecord extends Authored {
  readonly flowId: string
  readonly kind: GrantKind
  /** `*` for every alias. */
  readonly alias: string
  /** True gives the grant; false takes away what was inferred. */
  readonly allowed: boolean
}

/** What identifies a grant. */
export type GrantKey = Pick<GrantRecord, 'flowId' | 'kind' | 'alias'>

export const grantIdOf = ({ flowId, kind, alias }: GrantKey): string => JSON.stringify([flowId, kind, alias])

/** A manifest of capabilities with the deployment that brought it; times in milliseconds since 1970. */
export interface KeptManifest {
  /** `fingerprintOf` the manifest. */
  readonly fingerprint: string
  readonly capabilities: readonly Capability[]
  readonly deployedBy: string
  readonly deployedAt: number
}

/** What an artifact may use: one for each flow and script collection that was deployed. */
export interface CapabilitiesRecord {
  readonly artifactId: string
  /** Of the version that was let in last; `approvedBy` is empty where nobody needed to approve. */
  readonly admitted?: KeptManifest & { readonly approvedBy: readonly string[] }
  /** Of a later version that wants more. */
  readonly waiting?: KeptManifest & {
    readonly approvals: readonly CapabilityApproval[]
    readonly rejection?: { readonly by: string; readonly at: number }
  }
}

export interface SecretKinds {
  readonly capabilities: CapabilitiesRecord
  readonly grant: GrantRecord
  readonly material: MaterialRecord
  readonly knownHosts: KnownHostsRecord
  readonly pgpPublicKey: PgpPublicKeyRecord
  readonly pgpSecretKey: PgpSecretKeyRecord
}

/** What a sealed value is bound to: moved to another kind or name it opens no more. */
export const sealContextOf = (kind: keyof SecretKinds, id: string): string => JSON.stringify(['secrets', kind, id])
