import type { KeyObject } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { IdentityProvider } from '../identity/index.ts'

/** What a trusted assertion says. */
export interface Asserted {
  readonly user: string
  readonly issuer: string
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  /** Milliseconds since 1970 at which it ends. */
  readonly until: number
  /** Actors before, newest first (`act` of RFC 8693). */
  readonly actors: readonly string[]
}

/**
 * A check that failed, for the administrator: which, what was expected, what was found. Never holds a signature, a
 * secret or a whole assertion.
 */
export interface AssertionFailure {
  readonly failed: true
  /** Stable code, such as `saml.audience`. */
  readonly check: string
  readonly message: string
  readonly expected: string
  readonly found: string
}

/** For whom an assertion must be, and who brings it. */
export interface Audience {
  /** Accepted audiences of this server. */
  readonly audiences: readonly string[]
  /** Its token endpoints, as an assertion names them. */
  readonly recipients: readonly string[]
  /** Ids of the client that brings it. */
  readonly client: readonly string[]
}

export interface SpentIds {
  /** False when it was spent before; survives restarts and holds across processes. `until` in milliseconds since 1970. */
  readonly spend: (issuer: string, id: string, until: number) => Promise<boolean>
}

/** Reads assertions as grants or as client authentication. A failure is an answer; nothing is thrown for bad input. */
export interface AssertionReader {
  /** RFC 7522; as sent: base64url or base64. */
  readonly saml: (assertion: string, audience: Audience) => Promise<Asserted | AssertionFailure>
  /** RFC 7523; compact form. */
  readonly jwt: (assertion: string, audience: Audience) => Promise<Asserted | AssertionFailure>
}

export interface ReaderParts {
  readonly providers: { readonly identityProviderOf: (issuer: string) => IdentityProvider | undefined }
  readonly spent: SpentIds
  readonly clock: Clock
  /** The keys that stand behind `jwksUri` now; asked for a `kid` that is unknown. */
  readonly fetchKeys?: (provider: IdentityProvider) => Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** An assertion that is to be made. Times in milliseconds since 1970. */
export interface SamlDraft {
  readonly issuer: string
  readonly subject: { readonly nameId: string; readonly format?: string }
  readonly audience: string
  readonly recipient: string
  readonly notBefore: number
  readonly notOnOrAfter: number
  readonly attributes: Readonly<Record<string, readonly string[]>>
  readonly authnContext?: string
  /** An XML name; a random one when left out. */
  readonly id?: string
  readonly sessionIndex?: string
}

export interface SamlSigner {
  readonly privateKey: KeyObject
  /** PEM, leaf first; shown in KeyInfo. */
  readonly certificates: readonly string[]
}

export interface JwtSigner {
  readonly privateKey: KeyObject
  readonly kid?: string
}
