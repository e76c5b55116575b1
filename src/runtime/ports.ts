import type { BundleType } from '../flow/index.ts'
import type { LogLevel } from '../monitor/index.ts'

export type DeploymentStatus = 'STARTING' | 'STARTED' | 'ERROR' | 'STOPPING'

/** What a failed deployment shows: the fault and every problem found. */
export interface DeploymentFault {
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly problems: readonly {
    readonly code: string
    readonly message: string
    readonly remedy: string
    readonly place: string
  }[]
}

/** An artifact that is to run, as it was when it was deployed. */
export interface Deployment {
  readonly artifactId: string
  readonly type: BundleType
  readonly packageId: string
  readonly name: string
  readonly version: string
  /** Grows with every deployment of the tenant, so that a node sees what is new. */
  readonly generation: number
  readonly deployedBy: string
  readonly deployedAt: number
  readonly status: DeploymentStatus
  readonly fault: DeploymentFault | undefined
  readonly logLevel: LogLevel
  readonly taskId: string
}

export interface DeployTask {
  readonly taskId: string
  readonly artifactId: string
  readonly status: 'DEPLOYING' | 'SUCCESS' | 'FAIL'
}

/** An address under which a deployed flow can be called, for the list of service endpoints. */
export interface Endpoint {
  readonly artifactId: string
  readonly protocol: string
  /** Path on the runtime address, such as `/http/orders`. */
  readonly path: string
}

/** What the runtime needs of a database. One tenant. */
export interface DeploymentStore {
  readonly list: () => Promise<readonly Deployment[]>
  readonly find: (artifactId: string) => Promise<Deployment | undefined>
  readonly content: (artifactId: string) => Promise<Buffer | undefined>
  /** The content of the version that started last, which may be older than `content`. */
  readonly startedContent: (artifactId: string) => Promise<Buffer | undefined>
  /** Sets what is to run, status STARTING, draws the next generation and opens the task. Keeps the log level. */
  readonly put: (given: {
    readonly artifactId: string
    readonly type: BundleType
    readonly packageId: string
    readonly name: string
    readonly version: string
    readonly content: Buffer
    readonly deployedBy: string
    readonly deployedAt: number
    readonly taskId: string
  }) => Promise<Deployment>
  /** Says how the deployment of this generation went; ignored when a newer one is there. Closes its task. */
  readonly report: (given: {
    readonly artifactId: string
    readonly generation: number
    readonly status: DeploymentStatus
    readonly fault: DeploymentFault | undefined
    readonly endpoints: readonly Endpoint[]
  }) => Promise<void>
  readonly remove: (artifactId: string) => Promise<boolean>
  readonly setLogLevel: (artifactId: string, level: LogLevel) => Promise<boolean>
  readonly task: (taskId: string) => Promise<DeployTask | undefined>
  readonly endpoints: () => Promise<readonly Endpoint[]>
}

/** Lets exactly one node of a tenant run each tick of a schedule. */
export interface ScheduleStore {
  /** True for the first to claim this tick of the schedule. `tick` is milliseconds since 1970, or a generation for `once`. */
  readonly claim: (key: string, tick: number, node: string) => Promise<boolean>
  readonly expire: (before: number) => Promise<void>
}
