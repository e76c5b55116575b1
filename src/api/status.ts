import type { Fault, FaultKind } from '../base/index.ts'

/** The HTTP status of each kind of fault. There is no other such table in the API. */
const statuses: Readonly<Record<FaultKind, number>> = {
  invalid: 400,
  unsupported: 501,
  denied: 403,
  missing: 404,
  conflict: 409,
  // Limits met here are limits of size; too many requests are refused at the front door.
  exhausted: 413,
  unavailable: 503,
  timeout: 504,
  failed: 500,
  defect: 500,
}

/** Faults of the protocol for which HTTP has a status of their own. */
const ofTheProtocol: Readonly<Record<string, number>> = {
  'odata.methodNotAllowed': 405,
  'odata.mediaTypeUnsupported': 415,
  'api.explainTooOften': 429,
  // The original answers so, and clients look for it.
  'keystore.aliasTaken': 400,
  'keystore.pkcs12PasswordWrong': 400,
  'connectivity.tooManyTests': 429,
  'connectivity.tooManyAtOnce': 429,
}

export const statusOf = ({ code, kind }: Pick<Fault, 'code' | 'kind'>): number => ofTheProtocol[code] ?? statuses[kind]
