import type { Row, StructuralType } from './edm.ts'
import type { Expression } from './query/filter-tree.ts'
import type { Query } from './query/query-options.ts'

/* What a service offers and what may be done with it. */

export interface EntityType<Context> extends StructuralType {
  readonly navigations?: Readonly<Record<string, Navigation<Context>>>
}

/** A way from one entity to others. `of` gives the entities that belong to the parent. */
export interface Navigation<Context> {
  /** Name of the entity set whose type the target has. */
  readonly to: string
  readonly many: boolean
  readonly of: (parent: Row) => Collection<Context>
}

export interface EntitySet<Context> extends Collection<Context> {
  readonly name: string
  readonly type: EntityType<Context>
}

/** What a caller needs to be allowed an operation: any one of the permissions named. None named: everyone may. */
export type Requirement = readonly string[]

export interface Operation<Run> {
  readonly requires: Requirement
  readonly run: Run
}

export interface Writing<Run> extends Operation<Run> {
  /** HTTP status of success. */
  readonly status: number
}

/** What can be done with a set, or with the target of a navigation. What is absent answers 405. */
export interface Collection<Context> {
  /**
   * All entities, for small sets; query options are applied by this room. The filter is a hint: a set may leave out
   * what it excludes.
   */
  readonly list?: Operation<(context: Context, filter?: Expression) => Promise<readonly Row[]>>
  /** Instead of `list`: for sets that hand the query down to a database. */
  readonly query?: PushDown<Context>
  /** One entity. The key is empty for a navigation to one. Absent: looked for in `list`. */
  readonly find?: Operation<(key: Row, context: Context) => Promise<Row | undefined>>
  /** Creates an entity and gives it back, where the answer is to show it. */
  readonly create?: Writing<(body: Row, context: Context) => Promise<Row | undefined>>
  /** Instead of `create`, for bodies that are not an entity. */
  readonly upload?: Writing<(body: Buffer, contentType: string, context: Context) => Promise<Reply>>
  readonly update?: Writing<(key: Row, body: Row, context: Context) => Promise<void>>
  readonly remove?: Writing<(key: Row, context: Context) => Promise<void>>
  readonly media?: Operation<(key: Row, context: Context) => Promise<Media | undefined>>
  /** Writing that decides its answer as it runs; each takes the place of the operation of its name. */
  readonly acts?: {
    readonly create?: Operation<(body: Row, context: Context) => Promise<Outcome>>
    /** An empty body counts as one without properties. */
    readonly update?: Operation<(key: Row, body: Row, context: Context) => Promise<Outcome>>
    readonly remove?: Operation<(key: Row, context: Context) => Promise<Outcome>>
    /** `PUT …/$value`. */
    readonly writeMedia?: Operation<(key: Row, body: CallBody, context: Context) => Promise<Outcome>>
  }
}

/** What an act answers: a status and, where they are to be shown, entities: one alone, or a list. */
export interface Outcome {
  readonly status: number
  readonly shown?: { readonly set: string } & ({ readonly row: Row } | { readonly rows: readonly Row[] })
}

export interface PushDown<Context> {
  readonly requires: Requirement
  /** The most entities that one answer holds; more are behind `__next`. */
  readonly pageSize: number
  readonly run: (
    given: { readonly query: Query; readonly skip: number; readonly top: number },
    context: Context,
  ) => Promise<readonly Row[]>
  readonly count: (filter: Expression | undefined, context: Context) => Promise<number>
}

/** Content of `$value`. An empty one answers 204. */
export interface Media {
  readonly content: Buffer | string
  readonly contentType: string
  readonly fileName?: string
}

/** What an upload or a function import answers: plain text, a document of its own type, or nothing. */
export interface Reply {
  readonly text?: string
  /** Instead of `text`. */
  readonly document?: Media
}

/** The body of a call as it came. OData v2 knows none for functions: what it holds is the function's own affair. */
export interface CallBody {
  readonly content: Buffer
  readonly contentType: string
}

export interface FunctionImport<Context> {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly status: number
  readonly requires: Requirement
  /** Parameters in the query; all are text. Those that end in `?` may be left out. */
  readonly parameters: readonly string[]
  readonly run: (parameters: Readonly<Record<string, string>>, context: Context, body: CallBody) => Promise<Reply>
}
