import type { IncomingMessage, ServerResponse } from 'node:http'

import type { ApiRequest, ApiResponse } from '../api/index.ts'
import type { Log } from '../base/index.ts'
import type { HttpRoute } from '../flow/index.ts'
import {
  type Call,
  type Gate,
  type Handler,
  type OpenPage,
  openPageOf,
  sendPage,
  type Spool,
} from '../inbound/index.ts'

/** An API behind the front door: under which path it lies, and what answers. */
export interface MountedApi {
  readonly root: string
  readonly answer: (request: ApiRequest) => Promise<ApiResponse>
}

/** Uploads of packages: the largest body the management API takes. */
const largestUpload = 256 * 1024 * 1024

/** An API as the table of checks sees it. Roles are checked by the API itself, set by set. */
export const apiRoute = (root: string): HttpRoute => ({
  base: root.slice(0, root.lastIndexOf('/')),
  address: `${root.slice(root.lastIndexOf('/'))}/*`,
  authorization: { kind: 'identity' },
  csrfProtected: false,
  encodedSlashes: true,
  maxBodySize: largestUpload,
  protocol: 'REST',
  allowedHeaders: () => false,
  cors: undefined,
  flowId: '',
  handle: () => {
    throw new Error('the control handler answers the API itself')
  },
})

/** Answers on the control address: open pages, and the APIs behind the same gate as the flows. */
export function createControlHandler(given: {
  readonly gate: Gate
  readonly spool: Spool
  readonly pages: Readonly<Record<string, OpenPage>>
  readonly apis: readonly MountedApi[]
  /** Answers to its own addresses, without the gate: its clients prove themselves in their own ways. */
  readonly authorization: {
    readonly serves: (path: string) => boolean
    readonly answer: (request: IncomingMessage, response: ServerResponse) => void
  }
  readonly log: Log
}): Handler {
  const { gate, spool, pages, apis, authorization, log } = given
  const reading = { spool, memory: largestUpload, idle: 20_000, charset: undefined }

  function admitted(call: Call, request: IncomingMessage, response: ServerResponse, awaited: boolean): void {
    const mounted = apis.find(({ root }) => call.path === root || call.path.startsWith(`${root}/`))
    if (mounted === undefined) throw new Error(`no API answers to '${call.path}', which passed the checks`)
    gate.receive(call, request, response, awaited, reading, ({ body }) => {
      const { identity } = call
      if (identity === undefined) throw new Error('a call without an identity passed the checks')
      const { principal, roles, method: proof } = identity
      void mounted
        .answer({
          method: call.method,
          path: call.path.slice(mounted.root.length),
          query: call.query,
          headers: singleValues(request),
          body: body.bytes(),
          caller: {
            name: principal.name,
            roles: [...roles],
            method: principal.method,
            proof,
            address: call.remoteAddress,
          },
          baseUrl: `https://${call.head.host}${mounted.root}`,
        })
        .then((answer) => send(response, answer))
    })
  }

  return (request, response, awaited) => {
    const page = openPageOf(pages, request)
    if (page !== undefined) sendPage(page, request, response, log)
    else if (authorization.serves(request.url?.split('?', 1)[0] ?? '')) {
      if (awaited) response.writeContinue()
      authorization.answer(request, response)
    } else gate.admit(request, response, awaited, { plan: 'api', admitted })
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
