import type { Fault, Place } from '../base/index.ts'

/** A fault as plain data, for lists of all that is wrong with a flow. */
export interface Problem {
  readonly code: string
  readonly message: string
  /** What the reader can do about it. */
  readonly remedy: string
  readonly place: Place
}

export const problemOf = ({ code, message, remedy, place }: Fault): Problem => ({
  code,
  message,
  remedy,
  place: place ?? {},
})
