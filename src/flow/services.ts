import type { KeyObject } from 'node:crypto'

import type { Exchange } from '../message/index.ts'
import type { Deliver, Ended, Origin, Run } from './contracts.ts'
import type { Bundle } from './model.ts'

/** What a tenant lends to its flows. Each is a port; the rooms that implement them are joined in `app`. */
export interface Services extends SecretServices {
  readonly scripts: ScriptService
  readonly processDirect: ProcessDirectService
  readonly variables: VariableService
  readonly valueMappings: ValueMappingService
  /** What scripts may read: it asks for a grant of its own, because a script can do anything with what it reads. */
  readonly forScripts: SecretServices
}

/** Secrets by alias. Each call asks for a grant of the alias to the flow, and is audited. */
export interface SecretServices {
  readonly credentials: SecureStore
  readonly keys: KeyStoreService
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
  /** What else may be shown of it, such as the company id; none where absent. */
  readonly properties?: Readonly<Record<string, string>>
}

/** The secure store. What it lends is remembered in `run.lent`, so that it is never recorded. */
export interface SecureStore {
  /**
   * A user credential, or a secure parameter as the password of nobody.
   * @throws secrets.credentialUnknown, runtime.grantMissing
   */
  readonly userCredential: (alias: string, run: Run) => Promise<UserCredential>
  /** @throws secrets.credentialUnknown, runtime.grantMissing */
  readonly secureParameter: (alias: string, run: Run) => Promise<string>
}

/** The keystore. Adapters get a handle; the bytes of a key leave it for scripts only. */
export interface KeyStoreService {
  /** Undefined where the alias is unknown or has no private key. @throws runtime.grantMissing */
  readonly privateKey: (alias: string, run: Run) => Promise<KeyObject | undefined>
  /** X.509 in DER, leaf first; empty where the alias is unknown. @throws runtime.grantMissing */
  readonly certificateChain: (alias: string, run: Run) => Promise<readonly Buffer[]>
}

/** A secret that was lent to a message. Lent as the same object again, it need not be prepared again. */
export interface LentSecret {
  readonly alias: string
  /** The user name that stands before it in a Basic authorization; '' where there is none. */
  readonly user: string
  /** What is secret in it: texts, and bytes such as those of a key. */
  readonly values: readonly (string | Buffer)[]
}

/** The secrets lent to a message, and what is left of a text without them. */
export interface LentSecrets {
  readonly add: (secret: LentSecret) => void
  /** The first `room` characters, free of every form of the secrets. */
  readonly redactText: (text: string, room?: number) => string
  /** The first `room` bytes, free of every form of the secrets. */
  readonly redactBytes: (bytes: Buffer, room?: number) => Buffer
  /** Aliases of the secrets that stand in the content. */
  readonly foundIn: (content: string | Buffer) => readonly string[]
}

export interface ValueMappingService {
  readonly lookup: (
    source: { readonly agency: string; readonly schema: string; readonly value: string },
    target: { readonly agency: string; readonly schema: string },
  ) => string | undefined
}

export type { Deliver, Origin }
