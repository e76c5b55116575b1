import type { Requirement } from '../../odata/index.ts'
import type { Json } from '../parameters/read-json.ts'
import type { Caller } from '../services.ts'

/** A request to one resource, read and authorized. */
export interface CloudFoundryCall {
  readonly caller: Caller
  /** The part of the path that names an entity; '' where there is none. */
  readonly guid: string
  /** Query parameters by name, decoded once. */
  readonly query: ReadonlyMap<string, string>
  /** Null where there was none. */
  readonly body: Json
  /** Absolute address of a path such as `/spaces`. */
  readonly url: (path: string) => string
}

export interface CloudFoundryAnswer {
  readonly status: number
  readonly body?: object
  readonly location?: string
}

/** One call of the interface. What a resource offers is a list of these. */
export interface CloudFoundryRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/v3`; `:guid` stands for the name of an entity. */
  readonly path: string
  readonly requires: Requirement
  /** Query parameters that it understands, besides those of paging in lists. */
  readonly query?: readonly string[]
  readonly run: (call: CloudFoundryCall) => CloudFoundryAnswer | Promise<CloudFoundryAnswer>
}
