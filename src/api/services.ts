import type { Audit } from '../audit/index.ts'
import type { Clock, Log } from '../base/index.ts'
import type { createConnectivity } from '../connectivity/index.ts'
import type { Design } from '../design/index.ts'
import type { ExpiryCalendar, Rehearse } from '../expiry/index.ts'
import type { Bundle, DeployedGrants, DeployedSignatures, SupportReport } from '../flow/index.ts'
import type { Identity } from '../identity/contracts.ts'
import type { Method, TenantPolicy } from '../identity/records.ts'
import type { ExplainAnswer, ExplainQuestion } from '../inbound/explain.ts'
import type { BuiltInCa, Keystore, Sealer } from '../keystore/index.ts'
import type { DeployedReviews } from '../lint/index.ts'
import type { MessageLogStore, RefusalStore } from '../monitor/index.ts'
import type { DeploymentStore } from '../runtime/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Vault } from './vault.ts'

/** What the API translates requests for. One tenant. */
export interface Services {
  readonly design: Design
  readonly deployments: DeploymentStore
  /** Tells the tenant's process that a deployment changed; a hint, which may be lost. */
  readonly notify: (artifactId: string) => void
  readonly messages: MessageLogStore
  readonly refusals: RefusalStore
  readonly sealer: Pick<Sealer, 'open'>
  readonly secrets: Secrets
  readonly keystore: Keystore
  readonly clock: Clock
  readonly log: Log
  /** Finds what keeps a bundle from running; absent, the tenant's process finds it. */
  readonly check?: (bundle: Bundle) => Pick<SupportReport, 'problems'>
  readonly identity: Identity
  /** Answers whether a call would be accepted, without making it. */
  readonly explain: (question: ExplainQuestion) => Promise<ExplainAnswer>
  readonly ca: Pick<BuiltInCa, 'issueClient' | 'signRequest'>
  /** The zip with all that a client needs to use a service key. The password is for the private key, if there is one. */
  readonly kit: (given: {
    readonly keyId: string
    readonly password: string | undefined
    readonly addresses: Addresses
  }) => Promise<Buffer>
  readonly addresses: Addresses
  readonly audit: Audit
  readonly connectivity: ReturnType<typeof createConnectivity>
  readonly expiry: ExpiryCalendar
  readonly rehearse: Rehearse
  readonly vault: Vault
  /** A new key that signs tokens; `urgent` ends all that were issued. The answer is its id. */
  readonly rotateTokenKey: (urgent: boolean) => Promise<string>
  /** The secrets that deployed flows ask for. */
  readonly grants: DeployedGrants
  /** Who signed what is deployed, as the policy of the tenant trusts publishers now. */
  readonly signatures: DeployedSignatures
  /** What holds scripts; none before it was tried, or while the tenant does not run. */
  readonly sandboxes: () => Promise<readonly ScriptSandbox[]>
  /** What rules find in deployed scripts. */
  readonly reviews: DeployedReviews
  /** What the rooms that a policy is carried out in say to a change of it. @throws what they refuse */
  readonly checkPolicy: (change: Partial<TenantPolicy>) => Promise<void>
}

/** The layers around scripts of a language. */
export interface ScriptSandbox {
  readonly language: string
  /** Of the language, where there are several. */
  readonly version?: string
  readonly layers: readonly SandboxLayer[]
  readonly missing: readonly SandboxLayer[]
}

export interface SandboxLayer {
  readonly name: string
  readonly on: boolean
  readonly why: string
}

/** Where clients find what, without a slash at the end. */
export interface Addresses {
  /** Of the flows, such as `https://localhost:8443`. */
  readonly runtimeUrl: string
  /** Of this API, such as `https://localhost:9443`. */
  readonly controlUrl: string
  readonly tokenUrl: string
}

/** Who calls, as the front door found it. */
export interface Caller {
  readonly name: string
  readonly roles: readonly string[]
  readonly method: 'basic' | 'certificate' | 'bearer'
  /** How exactly it was proved; absent where nobody was asked. */
  readonly proof?: Method
  /** From where. */
  readonly address?: string
}

/** A request as the HTTP server hands it on. */
export interface ApiRequest {
  readonly method: string
  /** Path after `/api/v1`, percent-encoded as on the wire. */
  readonly path: string
  /** Raw query without '?'. */
  readonly query: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  readonly caller: Caller
  /** Address of the API as the caller sees it, such as `https://localhost:9443/api/v1`. */
  readonly baseUrl: string
  /** Id of the session of the web UI, where the caller has one. */
  readonly sessionId?: string
}

export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** What the sets learn of a request. */
export interface Call {
  readonly caller: Caller
  /** Query parameters by name. */
  readonly options: ReadonlyMap<string, string>
  /** By lower-case name. */
  readonly headers: ApiRequest['headers']
}
