import { randomBytes } from 'node:crypto'

import { Fault, placeWords, referenceId, wordsOf } from '../base/index.ts'
import { createCsrf } from '../inbound/csrf.ts'
import { createODataService, errorPayload, negotiateFormat, parseQueryString } from '../odata/index.ts'
import { createAtWork } from './audit/at-work.ts'
import { auditFunction } from './audit/audit-functions.ts'
import { auditSet } from './audit/audit-sets.ts'
import { declareApi } from './declare-api.ts'
import { faults } from './faults.ts'
import { authorize } from './roles.ts'
import type { ApiRequest, ApiResponse, Services } from './services.ts'
import { statusOf } from './status.ts'

/** Namespace of `$metadata`: that of the original, which generated clients repeat in their types. */
const namespace = 'com.sap.hci.api'

const always = { dataserviceversion: '2.0', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/**
 * The management API of one tenant, behind any HTTP server. The caller is authenticated; roles are checked here, per
 * set and operation. Never rejects: faults become error documents, defects a reference into the log.
 */
export function createApi(services: Services): (request: ApiRequest) => Promise<ApiResponse> {
  const { clock, log, audit } = services
  const declared = declareApi(services)
  const sets = declared.sets.map((set) => auditSet(set, audit))
  const functions = declared.functions.map((called) => auditFunction(called, audit))
  const atWork = createAtWork(services)
  const answer = createODataService({ namespace, sets, functions, authorize, now: clock.now })
  const csrf = createCsrf({ key: randomBytes(32), clock, cookie: '__Host-sluice-api' })

  async function handle(request: ApiRequest): Promise<ApiResponse> {
    const { method, path, query, headers, body, caller, baseUrl } = request
    requireToken(request)
    const options = parseQueryString(query)
    const contentType = headers['content-type']
    const { status, ...answered } = await answer(
      {
        method,
        path,
        query,
        format: negotiateFormat({ format: options.get('$format'), accept: headers.accept, contentType }),
        contentType,
        methodOverride: headers['x-http-method'] ?? headers['x-http-method-override'],
        body,
        baseUrl,
      },
      { caller, options, headers },
    )
    return { status, headers: { ...always, ...answered.headers }, body: method === 'HEAD' ? '' : answered.body }
  }

  /** Writes need a token, except from bearer clients: no browser adds a bearer token by itself. */
  function requireToken({ method, headers, caller, sessionId }: ApiRequest): void {
    if (isRead(method) || (caller.method === 'bearer' && sessionId === undefined)) return
    if (!csrf.verify(clientOf(caller, sessionId), headers.cookie, headers['x-csrf-token']))
      throw faults.csrfTokenRequired()
  }

  /** Every read hands out a token to whoever asks for one, even where the read itself fails. */
  function tokenHeaders({ method, headers, caller, sessionId }: ApiRequest): Readonly<Record<string, string>> {
    if (!isRead(method) || headers['x-csrf-token']?.toLowerCase() !== 'fetch') return {}
    const { token, setCookie } = csrf.issue(clientOf(caller, sessionId), headers.cookie)
    return { 'x-csrf-token': token, 'set-cookie': setCookie }
  }

  function refuse(thrown: unknown, request: ApiRequest): ApiResponse {
    const { headers, path, method, caller } = request
    const fault =
      thrown instanceof Fault ? (thrown as Fault) : faults.defect({ reference: referenceId() }, { cause: thrown })
    atWork.refused(fault, request)
    const status = statusOf(fault)
    if (status >= 500 && status !== 501) {
      const cause = thrown instanceof Fault ? fault.cause : thrown
      log.error(fault.message, { code: fault.code, method, path, caller: caller.name, cause: cause && wordsOf(cause) })
    }
    const format = negotiateFormat({ format: undefined, accept: headers.accept, contentType: headers['content-type'] })
    const { contentType, body } = errorPayload({ ...wordsFor(fault), code: fault.code }, format)
    return {
      status,
      headers: {
        ...always,
        'content-type': contentType,
        ...(fault.code === 'api.csrfTokenRequired' && { 'x-csrf-token': 'required' }),
        ...(fault.code === 'odata.methodNotAllowed' && { allow: allowOf(fault) }),
        ...(fault.code === 'api.explainTooOften' && { 'retry-after': String(fault.details.seconds) }),
      },
      body: method === 'HEAD' ? '' : body,
    }
  }

  return async (request) => {
    const response = await atWork.as(request, () => handle(request).catch((thrown: unknown) => refuse(thrown, request)))
    return { ...response, headers: { ...response.headers, ...tokenHeaders(request) } }
  }
}

// Clients take an answer for "not there" by these words, whatever its status.
const notFound = 'Requested entity could not be found'

const wordsFor = ({ kind, message, remedy, place }: Fault) => {
  const where = placeWords(place)
  const words = where === '' ? message : `${message} (${where})`
  return { remedy, message: kind === 'missing' && !words.includes(notFound) ? `${notFound}. ${words}` : words }
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'

const clientOf = ({ method, name }: ApiRequest['caller'], sessionId: string | undefined): string =>
  JSON.stringify([method, name, sessionId ?? null])

const allowOf = ({ details }: Fault): string =>
  /^[A-Z, ]*$/.test(String(details.allowed)) ? String(details.allowed) : ''
