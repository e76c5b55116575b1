import { Fault, placeWords, referenceId, wordsOf } from '../../base/index.ts'
import { createAtWork } from '../audit/at-work.ts'
import { faults } from '../faults.ts'
import { type Json, readJson } from '../parameters/read-json.ts'
import { authorize } from '../roles.ts'
import type { ApiRequest, ApiResponse, Services } from '../services.ts'
import { auditRoutes } from './audit-routes.ts'
import type { CloudFoundryRoute } from './contracts.ts'
import { errorOf } from './errors.ts'
import { organizations, serviceOfferings, servicePlans, spaces } from './fixed-resources.ts'
import { info } from './info.ts'
import { jobs } from './jobs.ts'
import { serviceCredentialBindings } from './service-credential-bindings.ts'
import { fieldsQuery, serviceInstances } from './service-instances.ts'

/** Where this interface stands on the control address. `ApiRequest.path` and `baseUrl` are relative to it. */
export const cloudFoundryRoot = '/v3'

const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'application/json' }

/**
 * Service instances and keys as version 3 of the interface of Cloud Foundry offers them, so that automation written
 * for the original goes on. The caller is authenticated; roles are checked here. Never rejects.
 *
 * There is no CSRF token, which those clients do not know. Changes are refused instead when anything shows that a
 * browser sent them: it adds Origin to every change, and its forms can neither say application/json nor DELETE.
 */
export function createCloudFoundryApi(services: Services): (request: ApiRequest) => Promise<ApiResponse> {
  const { clock, log } = services
  const atWork = createAtWork(services)
  const offered: readonly CloudFoundryRoute[] = [
    ...info,
    ...jobs(clock.now),
    ...organizations,
    ...spaces,
    ...serviceOfferings,
    ...servicePlans,
    ...serviceInstances(services),
    ...serviceCredentialBindings(services),
  ]
  const routes = auditRoutes(offered, services)

  async function handle(request: ApiRequest): Promise<ApiResponse> {
    const { caller, baseUrl } = request
    const { route, guid } = routeOf(request)
    requireProgram(request)
    authorize(route.requires, { caller, options: new Map(), headers: {} })
    const query = queryOf(request.query, route)
    const body = bodyOf(request)
    const answer = await route.run({ caller, guid, query, body, url: (path) => baseUrl + path })
    return {
      status: answer.status,
      headers: { ...always, ...(answer.location !== undefined && { location: answer.location }) },
      body: request.method === 'HEAD' || answer.body === undefined ? '' : JSON.stringify(answer.body),
    }
  }

  /** @throws api.cloudFoundryUnknown */
  function routeOf({ method, path }: ApiRequest): { readonly route: CloudFoundryRoute; readonly guid: string } {
    const wanted = method === 'HEAD' ? 'GET' : method
    const given = path.replace(/\/+$/, '').split('/')
    for (const route of routes) {
      const parts = route.path.split('/')
      if (route.method !== wanted || parts.length !== given.length) continue
      if (parts.every((part, index) => part === ':guid' || part === given[index]))
        return { route, guid: given[parts.indexOf(':guid')] ?? '' }
    }
    throw faults.cloudFoundryUnknown({ method, path })
  }

  function refuse(thrown: unknown, request: ApiRequest): ApiResponse {
    const { method, path, caller } = request
    const fault =
      thrown instanceof Fault ? (thrown as Fault) : faults.defect({ reference: referenceId() }, { cause: thrown })
    atWork.refused(fault, request)
    const { status, code, title } = errorOf(fault)
    if (status >= 500) {
      const cause = thrown instanceof Fault ? fault.cause : thrown
      log.error(fault.message, { code: fault.code, method, path, caller: caller.name, cause: cause && wordsOf(cause) })
    }
    const where = placeWords(fault.place)
    const detail = `${fault.message}${where === '' ? '' : ` (${where})`} ${fault.remedy}`
    const body = method === 'HEAD' ? '' : JSON.stringify({ errors: [{ code, title, detail }] })
    return { status, headers: always, body }
  }

  return (request) => atWork.as(request, () => handle(request).catch((thrown: unknown) => refuse(thrown, request)))
}

/** @throws api.browserRefused */
function requireProgram({ method, headers, sessionId, body }: ApiRequest): void {
  if (method === 'GET' || method === 'HEAD') return
  const isJson = /^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')
  const needsJson = method !== 'DELETE' || body.length > 0
  if (headers.origin !== undefined || headers.cookie !== undefined || sessionId !== undefined || (needsJson && !isJson))
    throw faults.browserRefused()
}

/** @throws api.cloudFoundryQueryInvalid naming what is not known: a filter that is overlooked shows too much */
function queryOf(query: string, route: CloudFoundryRoute): ReadonlyMap<string, string> {
  const given = new Map(new URLSearchParams(query))
  const known = new Set(route.query)
  const unknown = [...given.keys()].filter((name) => !known.has(name) && !fieldsQuery.test(name))
  if (unknown.length > 0) throw faults.cloudFoundryQueryInvalid({ why: `${unknown.join(', ')} is not known here` })
  return given
}

/** @throws api.jsonInvalid */
function bodyOf({ method, body }: ApiRequest): Json {
  return method === 'POST' || method === 'PATCH' ? readJson(body.toString('utf8'), 'body') : null
}
