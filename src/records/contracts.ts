/** A record as it is stored. The document is JSON; what is secret in it was sealed before. */
export interface StoredRecord {
  readonly kind: string
  readonly id: string
  /** Undefined where the record was deleted. */
  readonly document: string | undefined
}

/**
 * What records need of a database. One tenant. All records of a store have one revision, which each change raises by
 * one; a change says which revision it was worked out for and is refused when there is a newer one. So every rule
 * between records can be checked in memory, and no two processes can break it together.
 */
export interface RecordStore {
  /** Everything that changed after a revision (0: all records that are there), read at one moment. */
  readonly load: (after: number) => Promise<{ readonly revision: number; readonly records: readonly StoredRecord[] }>
  /** Writes all records or none. False when `expected` is not the revision any more: load and work it out again. */
  readonly write: (expected: number, records: readonly StoredRecord[]) => Promise<boolean>
}

/** The record of each kind, by the name of the kind. */
export type Kinds = object

/** All records at one moment. It does not change: a change makes another one. */
export interface View<Of extends Kinds> {
  readonly of: <K extends keyof Of & string>(kind: K) => ReadonlyMap<string, Of[K]>
}

/** A view that a change writes on; it reads back what was written. */
export interface Draft<Of extends Kinds> extends View<Of> {
  /** The record as it reads after a reload. */
  readonly put: <K extends keyof Of & string>(kind: K, record: Of[K]) => Of[K]
  readonly drop: (kind: keyof Of & string, id: string) => void
}

/** What identifies a record of each kind. */
export type Ids<Of extends Kinds> = { readonly [K in keyof Of & string]: (record: Of[K]) => string }

/** The records of a tenant in memory, with an index made of them. */
export interface RecordsInMemory<Of extends Kinds, Index> {
  readonly view: () => View<Of>
  readonly index: () => Index
  /** Grows with each change, also one that another process made. */
  readonly revision: () => number
  /** Takes over what others wrote. */
  readonly reload: () => Promise<void>
  /**
   * Works a change out for the latest records and writes it, all or nothing. `work` is called again when another
   * process was faster, so all it does is read and write its draft. What it throws ends the change.
   * @throws records.busy
   */
  readonly change: <Result>(work: (draft: Draft<Of>) => Result) => Promise<Result>
  /** Called after each change and waited for; it must not wait for a change itself. The answer ends it. */
  readonly onChange: (listener: () => void | Promise<unknown>) => () => void
}
