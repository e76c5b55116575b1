/** Asks the authorization server for tokens and calls with them, as senders do: over connections that stay open. */
import { Agent, request } from 'node:https'

/** What a client holds of its service key. */
export interface ClientKey {
  readonly clientid: string
  readonly clientsecret?: string
  readonly certificate?: string
  readonly key?: string
  readonly tokenurl: string
  readonly url: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The text as JSON; undefined where it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  readonly json: any
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface TokenClient {
  readonly ask: (url: string, asking?: Asking) => Promise<HttpAnswer>
  /** A form to an endpoint of the authorization server; by Basic where a key with a secret is given. */
  readonly post: (url: string, form: Readonly<Record<string, string>>, key?: ClientKey) => Promise<HttpAnswer>
  /** A call with a token. */
  readonly bearer: (url: string, token: string, asking?: Asking) => Promise<HttpAnswer>
  readonly close: () => void
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const basicOf = ({ clientid, clientsecret = '' }: Pick<ClientKey, 'clientid' | 'clientsecret'>): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(clientid)}:${encodeURIComponent(clientsecret)}`).toString('base64')}`

/** @param tls what the client trusts, and the certificate that it shows */
export function createTokenClient(
  tls: { readonly ca: string; readonly cert?: string; readonly key?: string },
  connections = 16,
): TokenClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ...tls })
  const ask: TokenClient['ask'] = (url, { method, headers, body } = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(
        url,
        { agent, method: method ?? (body === undefined ? 'GET' : 'POST'), headers: { ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) })
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    ask,
    post: (url, form, key) =>
      ask(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(key?.clientsecret !== undefined && { authorization: basicOf(key) }),
        },
        body: new URLSearchParams(form).toString(),
      }),
    bearer: (url, token, asking = {}) =>
      ask(url, { ...asking, headers: { ...asking.headers, authorization: `Bearer ${token}` } }),
    close: () => agent.destroy(),
  }
}
