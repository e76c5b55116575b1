import type { Clock, Log } from '../base/index.ts'
import type { Design } from '../design/index.ts'
import type { Bundle, SupportReport } from '../flow/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { MessageLogStore, RefusalStore } from '../monitor/index.ts'
import type { DeploymentStore } from '../runtime/index.ts'
import type { Secrets } from '../secrets/index.ts'

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
  readonly clock: Clock
  readonly log: Log
  /** Finds what keeps a bundle from running; absent, the tenant's process finds it. */
  readonly check?: (bundle: Bundle) => Pick<SupportReport, 'problems'>
  /** Address of the runtime, such as `https://localhost:8443`. */
  readonly runtimeUrl: string
}

/** Who calls, as the front door found it. */
export interface Caller {
  readonly name: string
  readonly roles: readonly string[]
  readonly method: 'basic' | 'certificate' | 'bearer'
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
}
