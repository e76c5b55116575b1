import type { Principal } from '../flow/index.ts'
import { compileTemplate } from '../languages/index.ts'
import type { Call } from './contracts.ts'
import { faults } from './faults.ts'

/** For whom a call is made. */
export interface User {
  readonly name: string
  /** The one who called; undefined where the flow named somebody itself. */
  readonly principal: Principal | undefined
}

const longest = 256

/**
 * Compiles the choice of the user: who called, or whom the channel names. The latter asks for the grant to impersonate
 * with this credential or key; a name that comes out empty is never replaced by who called.
 * @throws outbound.userMissing, outbound.userInvalid, runtime.impersonationMissing from the function it returns
 */
export function compileUser(
  method: string,
  expression: string,
): (call: Call, alias: string, source?: string) => Promise<User> {
  const template = expression.trim() === '' ? undefined : compileTemplate(expression)
  return async ({ exchange, run }, alias, source = '') => {
    if (template === undefined) return { name: propagated(method, run.principal, source), principal: run.principal }
    await run.services.outbound.mayImpersonate(alias, run)
    const name = template.text(exchange, run).trim()
    if (name === '') throw faults.userMissing({ method, why: 'the expression of the channel yields an empty name' })
    return { name: checked(method, name), principal: undefined }
  }
}

function propagated(method: string, principal: Principal | undefined, source: string): string {
  if (principal === undefined)
    throw faults.userMissing({ method, why: 'nobody called the flow, so there is no user to pass on' })
  if (source !== '') {
    const value = Object.hasOwn(principal.attributes, source) ? principal.attributes[source] : undefined
    if (value === undefined || value === '')
      throw faults.userMissing({ method, why: `the caller has no attribute '${source}'` })
    return checked(method, value)
  }
  if (principal.name === '')
    throw faults.userMissing({ method, why: 'the caller is known by the names of a certificate only' })
  return checked(method, principal.name)
}

function checked(method: string, name: string): string {
  if (name.length > longest) throw faults.userInvalid({ method, why: `the name has more than ${longest} characters` })
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name))
    throw faults.userInvalid({ method, why: 'the name holds control characters' })
  return name
}
