/** A row of a table. Names of columns are those of the database; what is sealed is text. */
export interface BackupRow {
  readonly table: string
  readonly values: Readonly<Record<string, string | number | null | Uint8Array>>
}

/** What a backup needs of the database of a tenant, on a connection of its own. */
export interface BackupStore {
  /** The last step of the schema. */
  readonly schema: () => Promise<string>
  /** All rows that a backup holds, as they are at one moment, in an order in which they can be written again. */
  readonly rows: () => AsyncIterable<BackupRow>
  /**
   * Writes rows in one transaction: all of them, or none when the rows end with an error. Running processes find the
   * records changed. False, and nothing is read, when the tenant is in use and `replace` is not given.
   */
  readonly restore: (rows: AsyncIterable<BackupRow>, replace: boolean) => Promise<boolean>
}
