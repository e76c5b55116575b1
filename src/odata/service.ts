import type { EntitySet, FunctionImport, Requirement } from './entity-set.ts'
import { faults } from './faults.ts'
import { contentTypes, type Format } from './payload/format.ts'
import { metadataDocument } from './payload/metadata.ts'
import { serviceDocument } from './payload/service-document.ts'
import { parseQueryString } from './query/query-options.ts'
import { type ODataResponse, read } from './read.ts'
import { resolve, type Walk } from './resolve.ts'
import { parseResourcePath } from './resource-path.ts'
import { callFunction, type Writing, write } from './write.ts'

export type { ODataResponse } from './read.ts'

export interface ODataRequest {
  readonly method: string
  /** Path below the service root, percent-encoded as on the wire. */
  readonly path: string
  /** Raw query without '?'. */
  readonly query: string
  /** The form of the answer, from `negotiateFormat`. */
  readonly format: Format
  readonly contentType: string | undefined
  /** Header `X-HTTP-Method`, by which old clients ask for another method. */
  readonly methodOverride: string | undefined
  readonly body: Buffer
  /** Address of the service, without a slash at the end. */
  readonly baseUrl: string
}

/**
 * An OData v2 service over declared sets and functions. `authorize` throws when the caller may not do what needs the
 * permissions given.
 * @throws odata faults, and what the sets throw; the caller writes them as error payloads
 */
export function createODataService<Context>(given: {
  readonly namespace: string
  readonly sets: readonly EntitySet<Context>[]
  readonly functions: readonly FunctionImport<Context>[]
  readonly authorize: (requires: Requirement, context: Context) => void
  readonly now: () => number
}): (request: ODataRequest, context: Context) => Promise<ODataResponse> {
  const { namespace, authorize } = given
  const sets = new Map(given.sets.map((set) => [set.name, set]))
  const functions = new Map(given.functions.map((called) => [called.name, called]))
  // Made at once, so that a mistake in a declaration is found when the process starts.
  const metadata = metadataDocument(given)

  return async (request, context) => {
    const path = parseResourcePath(request.path)
    const options = parseQueryString(request.query)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (path.ending === '$batch') throw faults.batchUnsupported()
    if (request.methodOverride !== undefined || !methods.has(request.method)) {
      const method = request.methodOverride ?? request.method
      throw faults.methodNotAllowed({ method, resource: request.path, allowed: 'GET, POST, PUT, DELETE' })
    }
    if (path.segments.length === 0) {
      if (!isRead) throw faults.methodNotAllowed({ method: request.method, resource: 'the service', allowed: 'GET' })
      if (path.ending === '$metadata') return document(contentTypes.xml, metadata)
      if (path.ending) throw faults.segmentUnknown({ segment: path.ending })
      const { contentType, body } = serviceDocument([...sets.keys()], `${request.baseUrl}/`, request.format)
      return document(contentType, body)
    }
    if (path.ending === '$metadata') throw faults.segmentUnknown({ segment: path.ending })
    const walk: Walk<Context> = { sets, authorize, context }
    const work: Writing<Context> = {
      walk,
      options,
      namespace,
      root: `${request.baseUrl}/`,
      now: given.now(),
      format: request.format,
      ending: path.ending,
      method: request.method,
      body: request.body,
      contentType: request.contentType,
    }
    const called = path.segments.length === 1 ? functions.get(path.segments[0]?.name ?? '') : undefined
    if (called) return callFunction(called, work)
    const target = await resolve(path, walk)
    return isRead ? read(target, work) : write(target, work)
  }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

const document = (contentType: string, body: string): ODataResponse => ({
  status: 200,
  headers: { 'content-type': contentType },
  body,
})
