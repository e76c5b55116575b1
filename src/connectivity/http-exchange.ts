import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'

import { connect } from './connect.ts'
import type { Target } from './contracts.ts'
import { faults } from './faults.ts'
import type { Run } from './run.ts'
import { secure } from './secure.ts'

const mostBytes = 4 * 1024 * 1024

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export function targetOf(address: string): Target {
  const { hostname, port, protocol } = new URL(address)
  const fallback = protocol === 'https:' ? 443 : 80
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? fallback : Number(port) }
}

/** One request over a connection of its own. Redirects are not followed: where they lead may not be permitted. */
export async function httpExchange(
  run: Run,
  asked: {
    readonly url: string
    readonly method?: 'GET' | 'HEAD'
    readonly headers?: Readonly<Record<string, string>>
    readonly validate: boolean
    readonly keyAlias?: string
  },
): Promise<HttpAnswer> {
  const { url: address, method = 'GET', headers = {}, validate, keyAlias = '' } = asked
  const url = new URL(address)
  const target = targetOf(address)
  const plain = await connect(run, target)
  const socket =
    url.protocol === 'https:'
      ? await secure(run, plain, { host: target.host, validate, alpn: ['http/1.1'], keyAlias })
      : plain
  return await run.step('request', async (note) => {
    const answer = await new Promise<HttpAnswer>((resolve, reject) => {
      const request = httpRequest(
        {
          createConnection: () => socket,
          method,
          host: url.host,
          path: `${url.pathname}${url.search}`,
          setHost: false,
        },
        (response) => {
          const chunks: Buffer[] = []
          let size = 0
          response.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > mostBytes) response.destroy(faults.answerTooLarge({ server: run.server }))
            else chunks.push(chunk)
          })
          response.on('error', reject)
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          )
        },
      )
      run.own(request)
      request.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code?.startsWith('HPE_') === true
            ? faults.protocolUnexpected({ server: run.server, protocol: 'HTTP', words: '' }, { cause: error })
            : error,
        ),
      )
      const sent = {
        host: url.host,
        'user-agent': 'Sluice connectivity test',
        accept: '*/*',
        connection: 'close',
        ...headers,
      }
      for (const [name, value] of Object.entries(sent)) request.setHeader(name, value)
      request.end()
    })
    note(`${method} ${url.pathname}: ${answer.status}`)
    return answer
  })
}
