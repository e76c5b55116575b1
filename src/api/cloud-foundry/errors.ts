import type { Fault, FaultKind } from '../../base/index.ts'

interface CloudFoundryError {
  readonly status: number
  readonly code: number
  readonly title: string
}

const unprocessable: CloudFoundryError = { status: 422, code: 10_008, title: 'CF-UnprocessableEntity' }
const unavailable: CloudFoundryError = { status: 503, code: 10_015, title: 'CF-ServiceUnavailable' }
const unknown: CloudFoundryError = { status: 500, code: 10_001, title: 'UnknownError' }

/** What stands for each kind of fault, with the numbers that Cloud Foundry gives it. */
const ofKinds: Readonly<Record<FaultKind, CloudFoundryError>> = {
  invalid: unprocessable,
  unsupported: unprocessable,
  conflict: unprocessable,
  denied: { status: 403, code: 10_003, title: 'CF-NotAuthorized' },
  missing: { status: 404, code: 10_010, title: 'CF-ResourceNotFound' },
  exhausted: { status: 429, code: 10_013, title: 'CF-RateLimitExceeded' },
  unavailable,
  timeout: unavailable,
  failed: unknown,
  defect: unknown,
}

const ofCodes: Readonly<Record<string, CloudFoundryError>> = {
  'api.jsonInvalid': { status: 400, code: 1001, title: 'CF-MessageParseError' },
  'api.cloudFoundryQueryInvalid': { status: 400, code: 10_005, title: 'CF-BadQueryParameter' },
  'api.cloudFoundryUnknown': { status: 404, code: 10_000, title: 'CF-NotFound' },
}

export const errorOf = ({ code, kind }: Pick<Fault, 'code' | 'kind'>): CloudFoundryError =>
  ofCodes[code] ?? ofKinds[kind]
