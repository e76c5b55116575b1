import type { IncomingMessage, ServerResponse } from 'node:http'

import type { ApiRequest, ApiResponse } from '../api/index.ts'
import { type Log, wordsOf } from '../base/index.ts'
import type { HttpRoute } from '../flow/index.ts'
import { type Checks, type Handler, newCall, type RecordRefusal, type Spool } from '../inbound/index.ts'
import { sendRefusal, sendText } from '../inbound/answer.ts'
import { connectionOf } from '../inbound/connection.ts'
import { receive } from '../inbound/receive.ts'

/** A page that needs no identity. */
export type OpenPage = () => Promise<{ readonly status: number; readonly type: string; readonly text: string }>

const root = '/api/v1'
/** Uploads of packages: the largest body the management API takes. */
const largestUpload = 256 * 1024 * 1024

/** The management API as the table of checks sees it. Roles are checked by the API itself, set by set. */
export const apiRoute: HttpRoute = {
  base: '/api',
  address: '/v1/*',
  authorization: { kind: 'identity' },
  csrfProtected: false,
  maxBodySize: largestUpload,
  protocol: 'REST',
  allowedHeaders: () => false,
  cors: undefined,
  flowId: '',
  handle: () => {
    throw new Error('the control handler answers the API itself')
  },
}

/** Answers on the control address: open pages, and the management API behind the same checks as the flows. */
export function createControlHandler(given: {
  readonly checks: Checks
  readonly record: RecordRefusal
  readonly spool: Spool
  readonly pages: Readonly<Record<string, OpenPage>>
  readonly api: (request: ApiRequest) => Promise<ApiResponse>
  readonly log: Log
}): Handler {
  const { checks, record, spool, pages, api, log } = given

  function page(request: IncomingMessage, response: ServerResponse, open: OpenPage): void {
    const { method = 'GET' } = request
    request.resume()
    open().then(
      ({ status, type, text }) =>
        sendText(response, { method, status, type, text, headers: [['Cache-Control', 'no-store']] }),
      (error: unknown) => {
        log.error('a page failed', { page: request.url, why: wordsOf(error) })
        sendText(response, {
          method,
          status: 500,
          type: 'text/plain',
          text: 'The page could not be made.\n',
          headers: [],
        })
      },
    )
  }

  return (request, response, awaited) => {
    const { method = '', url = '', rawHeaders, socket } = request
    const open = Object.hasOwn(pages, url.split('?', 1)[0] ?? '') ? pages[url.split('?', 1)[0] ?? ''] : undefined
    if (open !== undefined && (method === 'GET' || method === 'HEAD')) return page(request, response, open)

    const call = newCall(connectionOf(socket), 'api', method, url, rawHeaders)
    const refuse = (why: NonNullable<ReturnType<Checks['run']>>): void => {
      const reference = record(why, { ...call.connection, method: call.method, path: call.path })
      // What is left of the body would be read as the next request.
      if (!request.complete) response.shouldKeepAlive = false
      sendRefusal(response, method, why, reference)
      request.resume()
    }
    const refusal = checks.run(call)
    if (refusal !== undefined) return refuse(refusal)
    if (awaited) response.writeContinue()
    receive(request, {
      spool,
      memory: largestUpload,
      idle: 20_000,
      charset: undefined,
      measure(received) {
        call.size = received
        return checks.measure(call)
      },
      done(outcome) {
        if ('refused' in outcome) return refuse(outcome.refused)
        const { identity } = call
        if (identity === undefined) throw new Error('a call without an identity passed the checks')
        const { principal, roles } = identity
        void api({
          method,
          path: call.path.slice(root.length),
          query: call.query,
          headers: singleValues(request),
          body: outcome.body.bytes(),
          caller: { name: principal.name, roles: [...roles], method: principal.method },
          baseUrl: `https://${call.head.host}${root}`,
        }).then((answer) => send(response, answer))
      },
    })
  }
}

const singleValues = ({ headers }: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )

function send(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const length = status === 204 || response.req.method === 'HEAD' ? {} : { 'content-length': bytes.length }
  response.writeHead(status, { ...headers, ...length })
  response.end(status === 204 ? undefined : bytes)
}
