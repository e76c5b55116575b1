import type { Authored } from './records.ts'

/** The form in which names of users are compared: without case, and however their accents are encoded. */
export const comparable = (name: string): string => name.normalize('NFC').toLowerCase()

/** Who made a record and when, kept from `before`, and who changes it now. */
export const authored = (user: string, now: number, before?: Authored): Authored => ({
  createdBy: before?.createdBy ?? user,
  createdAt: before?.createdAt ?? now,
  modifiedBy: user,
  modifiedAt: now,
})

/** What is wrong with a name that people choose; nothing when it is fine. */
export const nameProblems = (name: unknown, most: number, what = 'name'): readonly string[] =>
  typeof name === 'string' && name.trim() === name && name !== '' && name.length <= most && !/\p{Cc}/u.test(name)
    ? []
    : [`${what} needs 1 to ${most} printable characters without blanks around them`]

/** A name of somebody who may log in: the colon ends it in Basic authentication (RFC 7617). */
export const loginNameProblems = (name: unknown, what = 'name'): readonly string[] => [
  ...nameProblems(name, 150, what),
  ...(typeof name === 'string' && name.includes(':') ? [`${what} must not contain a colon`] : []),
]

const roleName = /^[A-Za-z0-9_.]{1,128}$/

export const roleNameProblems = (name: unknown): readonly string[] =>
  typeof name === 'string' && roleName.test(name)
    ? []
    : [`'${String(name)}' is no name of a role: it needs 1 to 128 letters (A to Z), digits, '_' and '.'`]

export const descriptionProblems = (description: unknown): readonly string[] =>
  description === undefined || (typeof description === 'string' && description.length <= 1000)
    ? []
    : ['description needs at most 1000 characters']

/** What is wrong with a list, and with each of its texts. */
export const listProblems = (
  what: string,
  list: unknown,
  problemsOf: (text: string) => readonly string[],
): readonly string[] =>
  Array.isArray(list) && list.every((each) => typeof each === 'string')
    ? list.flatMap(problemsOf)
    : [`${what} must be a list of texts`]

/** Problems of a change that gives a new value to what stays as it is. */
export const fixedProblems = (what: string, given: unknown, present: unknown): readonly string[] =>
  given === undefined || given === present ? [] : [`${what} cannot be changed`]
