import type { Cors } from '../flow/index.ts'
import type { Call } from './call.ts'

type Lines = readonly (readonly [string, string])[]

/** True for the question a browser asks before it calls another origin (Fetch, 4.8); it carries no credential. */
export const isPreflight = ({ method, head }: Call): boolean =>
  method === 'OPTIONS' && head.origin !== undefined && head.requestedMethod !== undefined

function allowed(cors: Cors, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined
  if (cors.origins.includes(origin)) return origin
  // A wildcard together with credentials would hand every site the browser's credentials; browsers refuse it as well.
  return cors.origins.includes('*') && !cors.credentials ? '*' : undefined
}

/** Headers for the answer of a call; empty when the origin may not read it. */
export function corsHeaders(cors: Cors, origin: string | undefined): Lines {
  const reader = allowed(cors, origin)
  if (reader === undefined) return []
  return [
    ['Access-Control-Allow-Origin', reader],
    ['Vary', 'Origin'],
    ...(cors.credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
    ...(cors.exposed.length > 0 ? [['Access-Control-Expose-Headers', cors.exposed.join(', ')] as const] : []),
  ]
}

/** Headers for the answer of a preflight; undefined when the origin may not call. */
export function preflightHeaders(cors: Cors, origin: string | undefined): Lines | undefined {
  const common = corsHeaders(cors, origin)
  if (common.length === 0) return undefined
  return [
    ...common,
    ['Access-Control-Allow-Methods', cors.methods.join(', ')],
    ...(cors.headers.length > 0 ? [['Access-Control-Allow-Headers', cors.headers.join(', ')] as const] : []),
    ...(cors.maxAge === undefined ? [] : [['Access-Control-Max-Age', String(cors.maxAge)] as const]),
  ]
}
