/** One step of the schema, for both databases and both kinds of schema. */
export interface Migration {
  /** File name without its ending; begins with a number that gives the order. */
  readonly name: string
  readonly statements: (dialect: 'sqlite' | 'postgres') => {
    readonly control: readonly string[]
    readonly tenant: readonly string[]
  }
}
