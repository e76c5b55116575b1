import type { KeyObject } from 'node:crypto'

import type { Exchange } from '../message/index.ts'
import type { CalledKind } from './capability.ts'
import type { Deliver, Ended, Origin, Run } from './contracts.ts'
import type { Bundle } from './model.ts'

/** What a tenant lends to its flows. Each is a port; the rooms that implement them are joined in `app`. */
export interface Services extends SecretServices {
  readonly scripts: ScriptService
  readonly processDirect: ProcessDirectService
  readonly variables: VariableService
  readonly valueMappings: ValueMappingService
  readonly outbound: OutboundService
  /** What scripts may read: it asks for a grant of its own, because a script can do anything with what it reads. */
  readonly forScripts: SecretServices
  readonly permits: ScriptPermits
  /** What follows is absent where the tenant has none; scripts that call it are told so. */
  readonly partnerDirectory?: PartnerDirectoryService
  readonly numberRanges?: NumberRangeService
  readonly dataStores?: ScriptDataStoreService
  readonly accessTokens?: AccessTokenService
  readonly businessDocuments?: BusinessDocumentService
  readonly scriptRequests?: ScriptRequestService
}

/** Secrets by alias. Each call asks for a grant of the alias to the flow, and is audited. */
export interface SecretServices {
  readonly credentials: SecureStore
  readonly keys: KeyStoreService
}

/** What services that scripts call ask before they answer; what lends secrets asks for a grant itself. */
export interface ScriptPermits {
  /** @throws runtime.capabilityMissing where the manifest of the flow does not name it */
  readonly permit: (called: { readonly kind: CalledKind; readonly name: string }, run: Run) => void
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

/** An OAuth credential opened for a call: raw values by their declared names. The same object until it changes. */
export interface OAuthCredential {
  readonly alias: string
  readonly type: 'OAuth2ClientCredential' | 'OAuth2SamlBearerAssertion' | 'OAuth2AuthorizationCode'
  readonly shown: Readonly<Record<string, string>>
  readonly secret: Readonly<Record<string, string>>
}

/** A key pair at work in a TLS client or a signature. The same object until it changes. */
export interface LentKey {
  readonly alias: string
  /** SHA-256 of the leaf, in hexadecimal: another certificate is another id. */
  readonly id: string
  /** PEM, leaf first. */
  readonly chain: string
  readonly key: KeyObject
}

/** Certificates of the keystore that servers are trusted by, beside those that Node trusts. The same object until one changes. */
export interface TrustedServers {
  readonly id: string
  /** PEM. */
  readonly certificates: readonly string[]
}

/** What authentication at receivers is made of: for adapters, never for scripts. Each call asks for a grant and is audited. */
export interface OutboundService {
  /** @throws secrets.materialUnknown, runtime.grantMissing */
  readonly oauthCredential: (alias: string, run: Run) => Promise<OAuthCredential>
  /**
   * Of an OAuth2 Authorization Code. `refused`: a token that the receiver did not take, and which is not given again.
   * @throws secrets.materialUnknown, secrets.notAuthorized, secrets.tokenRefused, secrets.tokenServiceUnreachable,
   *   secrets.tokenAnswerInvalid, runtime.grantMissing
   */
  readonly accessToken: (alias: string, run: Run, refused?: string) => Promise<string>
  /**
   * The empty alias is the key pair that the system provides. A key that `of` names needs no grant of its own, as the
   * credential was granted with it. Undefined where the alias is unknown or has no private key and certificate.
   * @throws runtime.grantMissing
   */
  readonly keyPair: (alias: string, run: Run, of?: OAuthCredential) => Promise<LentKey | undefined>
  /** Whether the flow may say itself for which user this credential or key speaks. @throws runtime.impersonationMissing */
  readonly mayImpersonate: (alias: string, run: Run) => Promise<void>
  readonly trustedServers: () => Promise<TrustedServers>
  /** Type of the credential or keystore entry, for warnings at deployment; undefined where there is none. */
  readonly typeOf: (kind: 'credential' | 'key', alias: string) => Promise<string | undefined>
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

/** What is known of partners. Undefined, or an empty list, where there is no such entry. */
export interface PartnerDirectoryService {
  readonly parameter: (
    partner: string,
    name: string,
    type: 'string' | 'binary',
    run: Run,
  ) => Promise<string | { readonly data: Buffer; readonly mimeType: string } | undefined>
  readonly partnerOf: (agency: string, scheme: string, id: string) => Promise<string | undefined>
  readonly alternativeOf: (agency: string, scheme: string, partner: string) => Promise<string | undefined>
  readonly partnerOfUser: (user: string) => Promise<string | undefined>
  readonly usersOf: (partner: string) => Promise<readonly string[]>
}

export interface NumberRangeService {
  /** The next value with its leading zeros. No value is given twice. */
  readonly next: (name: string, run: Run) => Promise<string>
}

/** Entries of data stores as scripts read and write them. */
export interface ScriptDataStoreService {
  readonly get: (
    store: string,
    id: string,
    run: Run,
  ) => Promise<{ readonly data: Buffer; readonly headers: ReadonlyMap<string, string> } | undefined>
  readonly put: (
    entry: {
      readonly store: string
      readonly id: string
      readonly data: Buffer
      readonly headers: ReadonlyMap<string, string>
      readonly overwrite: boolean
      /** Days. */
      readonly expires: number
    },
    run: Run,
  ) => Promise<void>
  readonly remove: (store: string, id: string, run: Run) => Promise<void>
}

/** Access tokens of OAuth credentials, lent as credentials are. */
export interface AccessTokenService {
  readonly token: (
    grant: 'authorizationCode' | 'clientCredentials',
    alias: string,
    run: Run,
  ) => Promise<{ readonly accessToken: string; readonly user: string }>
}

/** The monitor of business documents. */
export interface BusinessDocumentService {
  readonly record: (event: { readonly type: string; readonly facts: unknown }, run: Run) => Promise<void>
}

/** A call over HTTP that a script makes. */
export interface ScriptRequest {
  readonly method: string
  readonly url: string
  /** Names and values one after the other. */
  readonly headers: readonly string[]
  readonly body: Buffer | undefined
  /** Whether redirects are followed that keep to the protocol. */
  readonly followRedirects: boolean
  /** Milliseconds until the connection stands, and to wait for the answer; 0 where the script does not say. */
  readonly connectTimeout: number
  readonly readTimeout: number
}

export interface ScriptResponse {
  readonly status: number
  readonly statusText: string
  /** Names and values one after the other; names in lower case. */
  readonly headers: readonly string[]
  readonly body: Buffer
  /** Where redirects have led to. */
  readonly url: string
}

/** The network of scripts. Each hop asks for the host in the manifest of the flow, and each address is looked at. */
export interface ScriptRequestService {
  /**
   * @throws runtime.capabilityMissing, outbound.addressRefused, outbound.scriptRequestInvalid,
   *   outbound.scriptRequestTooLarge, outbound.scriptRequestsExhausted, outbound.redirectsExhausted, what a call over
   *   HTTP throws (http.unreachable, …), and the run's reason when it is cancelled
   */
  readonly request: (request: ScriptRequest, run: Run) => Promise<ScriptResponse>
}

export interface ValueMappingService {
  readonly lookup: (
    source: { readonly agency: string; readonly schema: string; readonly value: string },
    target: { readonly agency: string; readonly schema: string },
  ) => string | undefined
}

export type { Deliver, Origin }
