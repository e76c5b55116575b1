import type { LentKey, Run } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'

/** A call that is about to be made. */
export interface Call {
  readonly exchange: Exchange
  readonly run: Run
  /** Scheme, host and port that it goes to. */
  readonly origin: string
}

/** What a call shows to the receiver. Made anew for each try. */
export interface Proof {
  /** Names and values one after the other. They hold secrets: for the wire only. */
  readonly headers: readonly string[]
  /** Shown in the TLS handshake. A connection with it is for calls with the same one. */
  readonly keyPair: LentKey | undefined
  /** Whom the receiver takes the caller for. A session of one is never used for another. */
  readonly identity: string
  /** Forgets what the receiver refused with 401; true where the next proof is another. */
  readonly refused: (() => boolean) | undefined
}

/** Makes the proof for one call. */
export type Prove = (call: Call) => Promise<Proof>

/** What a channel says about authentication, whatever its keys are called. */
export interface ProfileSettings {
  readonly credentialName: string
  readonly keyAlias: string
  /** Names the user in place of the one who called; empty passes on who called. */
  readonly user: string
  /** Of the certificate that stands for the user. */
  readonly subjectPattern: string
  readonly certificateCarrier: 'tls' | 'header'
}

/** One way to authenticate at a receiver, declared once for all adapters. */
export interface Profile {
  /** As the original stores and shows it. */
  readonly method: string
  /** Headers that it sets, in lower case: a message cannot. */
  readonly headers: readonly string[]
  /** The credential that it needs: types that fit, and what a person calls it. */
  readonly credential?: { readonly types: readonly string[]; readonly words: string }
  /** True where it works with a key pair that the channel names; `named` where no other will do. */
  readonly key?: 'named' | 'optional'
  readonly compile: (settings: ProfileSettings) => Prove
}
