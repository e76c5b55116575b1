import type { SpentIds } from '../assertions/index.ts'

/** A session, code, grant or refresh token as it is stored: ids are hashes, what it says is sealed. Times in milliseconds since 1970. */
export interface StoredModel {
  readonly kind: string
  readonly id: string
  /** What is revoked together has the same. */
  readonly grantId: string | undefined
  /** A second id of a session. */
  readonly uid: string | undefined
  readonly sealed: string
  readonly consumed: number | undefined
  readonly expires: number
}

/** Where the authorization server keeps what has a state. */
export interface ModelStore {
  /** A model that was consumed stays so. */
  readonly put: (model: Omit<StoredModel, 'consumed'>) => Promise<void>
  readonly find: (kind: string, id: string) => Promise<StoredModel | undefined>
  readonly findByUid: (kind: string, uid: string) => Promise<StoredModel | undefined>
  /** False when it was consumed before, or is not there: of several who try at once one succeeds. */
  readonly consume: (kind: string, id: string, now: number) => Promise<boolean>
  readonly remove: (kind: string, id: string) => Promise<void>
  readonly removeByGrant: (grantId: string) => Promise<void>
  /** Deletes what has ended; returns how many. */
  readonly expire: (now: number) => Promise<number>
}

/** Ids of assertions that were used once. */
export interface SpentIdStore extends SpentIds {
  readonly expire: (now: number) => Promise<number>
}

export interface RevokedToken {
  /** The `jti`. */
  readonly id: string
  readonly expires: number
}

/** Access tokens that count no more, until they would have ended anyway. */
export interface RevokedTokenStore {
  /** Revoking again changes nothing. */
  readonly revoke: (token: RevokedToken) => Promise<void>
  /** All that were revoked after a position (0: all), and the position to go on from. */
  readonly load: (after: number) => Promise<{ readonly position: number; readonly tokens: readonly RevokedToken[] }>
  readonly expire: (now: number) => Promise<number>
}
