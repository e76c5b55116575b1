import type { JsonAttributeObject, JsonNameParams } from '@peculiar/x509'

import { faults } from './faults.ts'
import type { User } from './user.ts'

/** A distinguished name part by part, with its values as they are: nothing in them is taken apart. */
export type Subject = JsonNameParams

/** Attribute types that a subject may be made of (RFC 4514, 3; E as the original shows it). */
const types = new Set(['CN', 'L', 'ST', 'O', 'OU', 'C', 'STREET', 'DC', 'UID', 'E'])
/** RFC 5280, appendix A.1: upper bounds. */
const longest: Readonly<Record<string, number>> = { CN: 64, O: 64, OU: 64, L: 128, ST: 128, C: 2 }
const oids: Readonly<Record<string, string>> = { STREET: '2.5.4.9', UID: '0.9.2342.19200300.100.1.1' }

/**
 * Compiles a subject such as `CN=${name},O=Example`, most specific part first. What stands for the user is put in after
 * the pattern was taken apart, so that no name of a user can add a part.
 * @throws outbound.subjectInvalid, and outbound.userMissing and outbound.userInvalid from the function it returns
 */
export function compileSubject(method: string, pattern: string): (user: User) => Subject {
  const parts = pattern.split(',').map((part) => {
    const [, type = '', value = ''] = /^\s*([A-Za-z]+)\s*=\s*([^,+=\\"<>#;]+?)\s*$/.exec(part) ?? []
    const upper = type.toUpperCase()
    if (!types.has(upper))
      throw faults.subjectInvalid({ why: `'${part.trim().slice(0, 60)}' is no part such as CN=\${name}` })
    if (/\$(?!\{[\w.-]+\})/.test(value))
      throw faults.subjectInvalid({ why: `'${value.slice(0, 60)}' has a $ that begins nothing` })
    return { type: upper, value }
  })
  if (!parts.some(({ value }) => value.includes('${')))
    throw faults.subjectInvalid({ why: 'nothing in it stands for the user, so all users would be the same' })
  return (user) =>
    parts
      .map(({ type, value }) => {
        const text = value.replace(/\$\{([\w.-]+)\}/g, (_, name: string) => valueOf(method, user, name))
        const most = longest[type] ?? 256
        if (text.length > most)
          throw faults.userInvalid({
            method,
            why: `${type} of the certificate would have more than ${most} characters`,
          })
        return { [oids[type] ?? type]: [encoded(type, text)] }
      })
      .reverse()
}

/** The string types that RFC 5280, appendix A.1, gives to attribute types. */
function encoded(type: string, text: string): JsonAttributeObject {
  if (type === 'C') return { printableString: text }
  return type === 'E' || type === 'DC' ? { ia5String: text } : { utf8String: text }
}

function valueOf(method: string, { name, principal }: User, what: string): string {
  if (what === 'name') return name
  const attribute = what.replace(/^attributes\./, '')
  const attributes = principal?.attributes ?? {}
  const value =
    what === 'client_id'
      ? principal?.clientId
      : Object.hasOwn(attributes, attribute)
        ? attributes[attribute]
        : undefined
  if (value === undefined || value === '')
    throw faults.userMissing({ method, why: `the user has no ${what}, which stands in the subject of the certificate` })
  if (/[\p{Cc}\p{Cs}]/u.test(value)) throw faults.userInvalid({ method, why: `${what} holds control characters` })
  return value
}
