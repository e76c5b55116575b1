/** Adds a line to the audit log, before which a change does not count as done. */
export interface AuditPort {
  readonly record: (draft: {
    readonly action: string
    readonly objectType: string
    readonly objectId: string
    readonly attributes?: Readonly<Record<string, string>>
  }) => Promise<void>
}

/** Words for each place where an alias is used, such as `flow Orders, channel HTTP receiver`. */
export type WhereUsed = (kind: 'key' | 'credential', alias: string) => Promise<readonly string[]>
