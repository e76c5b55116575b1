import type { Exchange } from '../message/index.ts'
import type { Deliver, Ended, Origin, Run } from './contracts.ts'
import type { Bundle } from './model.ts'

/** What a tenant lends to its flows. Each is a port; the rooms that implement them are joined in `app`. */
export interface Services {
  readonly scripts: ScriptService
  readonly processDirect: ProcessDirectService
  readonly variables: VariableService
  readonly credentials: CredentialService
  readonly valueMappings: ValueMappingService
}

/** Compiled code of one script function. */
export interface CompiledScript {
  /** Runs the function on the message, which is changed in place. */
  readonly run: (exchange: Exchange, run: Run) => Promise<void>
}

export interface ScriptService {
  /**
   * Compiles a script of a bundle for deployment.
   * @throws scripts.javaMissing, scripts.compileFailed, scripts.functionMissing
   */
  readonly compile: (given: {
    readonly language: 'groovy' | 'javascript'
    readonly bundle: Bundle
    /** File name below `src/main/resources/script`. */
    readonly file: string
    readonly functionName: string
    /** Id of a script collection, or '' for the flow's own scripts. Resolved when the script runs. */
    readonly collection: string
  }) => Promise<CompiledScript>
}

export interface ProcessDirectService {
  /** Calls the flow that listens at the address. @throws flow.processDirectUnknown */
  readonly call: (address: string, exchange: Exchange, run: Run) => Promise<Ended>
}

/** A variable written by a flow: local to it, or global to the tenant. */
export interface VariableService {
  readonly read: (name: string, scope: 'local' | 'global', flowId: string) => Promise<unknown>
  readonly write: (name: string, scope: 'local' | 'global', flowId: string, value: string) => Promise<void>
}

/** A user name with its password, lent for the time of a call; never put into an exchange, a log or an error. */
export interface UserCredential {
  readonly user: string
  readonly password: string
}

export interface CredentialService {
  /** @throws secrets.credentialUnknown */
  readonly userCredential: (alias: string, run: Run) => Promise<UserCredential>
}

export interface ValueMappingService {
  readonly lookup: (
    source: { readonly agency: string; readonly schema: string; readonly value: string },
    target: { readonly agency: string; readonly schema: string },
  ) => string | undefined
}

export type { Deliver, Origin }
