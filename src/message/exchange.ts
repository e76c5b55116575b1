import { Body } from './body.ts'
import { Headers, type Value } from './headers.ts'

export interface Attachment {
  readonly name: string
  readonly contentType: string
  readonly body: Body
  readonly headers: ReadonlyMap<string, string>
}

/**
 * What travels through a flow. Headers reach receivers and called flows; properties stay inside the flow and have
 * names with case.
 */
export class Exchange {
  body: Body
  readonly headers: Headers
  readonly properties: Map<string, Value>
  #attachments: Map<string, Attachment> | undefined

  constructor(
    given: {
      readonly body?: Body
      readonly headers?: Iterable<readonly [string, Value]>
      readonly properties?: Iterable<readonly [string, Value]>
      readonly attachments?: Iterable<readonly [string, Attachment]>
    } = {},
  ) {
    this.body = given.body ?? Body.empty
    this.headers = new Headers(given.headers)
    this.properties = new Map(given.properties)
    if (given instanceof Exchange) {
      if (given.#attachments !== undefined) this.#attachments = new Map(given.#attachments)
    } else if (given.attachments !== undefined) this.#attachments = new Map(given.attachments)
  }

  // Most messages have none, so the map is made when it is first asked for.
  get attachments(): Map<string, Attachment> {
    this.#attachments ??= new Map()
    return this.#attachments
  }

  /** A message of its own with the same content, for a branch or a call that must not change this one. */
  copy(): Exchange {
    return new Exchange(this)
  }

  /** Takes over body, headers and attachments of another message, as the answer of a call does. */
  takeOver(other: Exchange): void {
    if (other === this) return
    this.body = other.body
    this.headers.clear()
    for (const [name, value] of other.headers) this.headers.set(name, value)
    this.attachments.clear()
    for (const [name, attachment] of other.attachments) this.attachments.set(name, attachment)
  }
}
