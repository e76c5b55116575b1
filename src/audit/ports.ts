/** An event as it is stored. `hash` covers every other field, as it stands here. */
export interface StoredAuditEvent {
  readonly seq: number
  readonly time: number
  readonly user: string
  readonly source: string
  readonly via: string
  readonly action: string
  readonly objectType: string
  readonly objectId: string
  readonly times: number
  /** Attributes and changed attributes as JSON. */
  readonly details: string
  /** Names the key of `hash`. */
  readonly keyId: string
  readonly previousHash: string
  readonly hash: string
}

/** A place in the log under a signature of its own. */
export interface Seal {
  /** `head`: the last event. `anchor`: the first event that retention left, with the hash of the one before it. */
  readonly name: 'head' | 'anchor'
  readonly seq: number
  readonly hash: string
  readonly keyId: string
  readonly mac: string
}

/** Where the log begins and ends. */
export interface AuditEnds {
  readonly head: Seal | undefined
  readonly anchor: Seal | undefined
  /** The event with the highest `seq`, whatever the head says. */
  readonly last: { readonly seq: number; readonly hash: string } | undefined
}

/** Every part that is given must fit; texts are compared exactly. */
export interface AuditFilter {
  /** Milliseconds since 1970, included. */
  readonly since?: number
  /** Milliseconds since 1970, excluded. */
  readonly until?: number
  readonly user?: string
  readonly via?: string
  readonly action?: string
  readonly objectType?: string
  readonly objectId?: string
}

export interface AuditPage {
  readonly order: 'newest' | 'oldest'
  readonly top: number
  readonly skip?: number
  /** Only events that follow this `seq` in the order. */
  readonly beyond?: number
}

/** What the audit log needs of a database. One tenant; any number of processes write at once. */
export interface AuditStore {
  /**
   * Hands the ends of the log to `link` and writes what it returns, in one transaction that holds off every other
   * append and cut.
   */
  readonly append: (
    link: (ends: AuditEnds) => { readonly events: readonly StoredAuditEvent[]; readonly head: Seal },
  ) => Promise<void>
  /** Both seals and the last event as they are at one moment. */
  readonly ends: () => Promise<AuditEnds>
  readonly list: (filter: AuditFilter, page: AuditPage) => Promise<readonly StoredAuditEvent[]>
  readonly count: (filter: AuditFilter) => Promise<number>
  /** `seq` of the first event that is not older than `time`; undefined when all are. */
  readonly firstSince: (time: number) => Promise<number | undefined>
  /**
   * Deletes the events before `anchor` and puts it in the place of `expected`; returns how many they were, undefined
   * when another anchor is there.
   */
  readonly cut: (expected: Seal | undefined, anchor: Seal) => Promise<number | undefined>
}
