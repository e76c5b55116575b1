export type ExpiringKind =
  | 'key pair'
  | 'certificate'
  | 'client certificate'
  | 'trust anchor'
  | 'service key'
  | 'server certificate'
  | 'revocation list'
  | 'signing certificate'
  | 'publisher certificate'
  | 'PGP public key'
  | 'PGP secret key'

/** Something that counts no more from a moment on. */
export interface Expiring {
  readonly kind: ExpiringKind
  /** Unique among those of its kind: alias, fingerprint, key id. */
  readonly id: string
  /** As a person calls it. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly until: number
  /** Where it is kept and what for, in words: `service key erp of the instance orders`. */
  readonly where: string
  /** True where Sluice renews it by itself. */
  readonly renewable: boolean
}

/** Those that keep what expires; read anew for each question. */
export type ExpirySource = () => readonly Expiring[] | Promise<readonly Expiring[]>

export interface CalendarEntry extends Expiring {
  /** `Critical` is what ends within 30 days. */
  readonly state: 'Valid' | 'Critical' | 'Expired'
  /** Whole days that are left; 0 on the last, negative afterwards. */
  readonly daysLeft: number
}

export interface ExpiryCalendar {
  /** What ends first comes first. */
  readonly entries: () => Promise<readonly CalendarEntry[]>
}

/** Something that would no longer work. */
export interface Breakage {
  readonly what: string
  readonly why: string
}

/** What breaks when something goes away. `name` is its id, or its name where only one has it. */
export type Rehearse = (
  kind: string,
  name: string,
) => Promise<{
  readonly kind: string
  readonly id: string
  readonly name: string
  readonly breaks: readonly Breakage[]
}>
