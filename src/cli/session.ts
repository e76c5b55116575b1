import type { Readable } from 'node:stream'

import type { Clock } from '../base/index.ts'
import type { ApiClient } from './api/api-client.ts'
import type { Command } from './command.ts'
import type { Output, Sink } from './output.ts'

/** What surrounds one call of the command line: handed in, so that a test can be it. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Working folder. */
  readonly folder: string
  readonly input: Readable & { readonly isTTY?: boolean; readonly setRawMode?: (raw: boolean) => unknown }
  readonly out: Sink
  readonly err: Sink
  readonly clock: Clock
  /** Aborted when the command is to end early; a command that follows something ends then. */
  readonly signal: AbortSignal
}

/** What a command works with. */
export interface Session extends Surroundings {
  readonly commands: readonly Command[]
  readonly output: Output
  /** The management API, opened when it is first needed. @throws cli faults of the connection */
  readonly api: () => ApiClient
  /** Waits some milliseconds, or until the signal. */
  readonly pause: (milliseconds: number) => Promise<void>
}
