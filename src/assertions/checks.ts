import { jwtChecks } from './jwt-checks.ts'
import { samlChecks } from './saml-checks.ts'

/** Every check by its stable code, in the order in which they are made. */
export const checks = { ...samlChecks, ...jwtChecks }

export type CheckCode = keyof typeof checks
