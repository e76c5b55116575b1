/** Single calls to the front door, byte by byte as a test wants them, each from an address of its own. */
import { type OutgoingHttpHeaders, request as plainRequest } from 'node:http'
import { type Agent, request } from 'node:https'
import { type ConnectionOptions, connect } from 'node:tls'

/** What a caller proves itself by. */
export interface Credential {
  /** PEM, with what the client sends with it. */
  readonly cert?: string
  readonly key?: string
  readonly basic?: { readonly user: string; readonly password: string }
  /** Names and values as they go on the wire, in order. */
  readonly headers?: readonly (readonly [string, string])[]
}

export interface Outcome {
  /** 0 where there was no HTTP answer. */
  readonly status: number
  readonly text: string
  /** The reference of the refusal; '' where the answer has none. */
  readonly reference: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

let addresses = 0
/** An address of this machine that no call has used before: nobody is held up for what others did wrong. */
export function newAddress(): string {
  addresses++
  return `127.${20 + (process.pid % 200)}.${addresses >> 8}.${addresses & 255 || 1}`
}

const basicHeader = ({ user, password }: { readonly user: string; readonly password: string }) =>
  ['Authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`] as const

/** Calls once, on a connection of its own unless there is an agent. Rejects where there is no answer. */
export function callOnce(
  base: string,
  given: {
    readonly ca: string
    readonly path: string
    readonly credential: Credential
    readonly from?: string
    readonly method?: string
    readonly headers?: readonly (readonly [string, string])[]
    readonly body?: string | Buffer
    readonly tls?: ConnectionOptions
    readonly agent?: Agent
  },
): Promise<Outcome> {
  const { ca, path, credential, from, method = 'POST', headers = [], body, tls, agent } = given
  const { hostname, port } = new URL(base)
  const lines = [
    ['Host', `${hostname}:${port}`] as const,
    ...(credential.basic ? [basicHeader(credential.basic)] : []),
    ...(credential.headers ?? []),
    ...headers,
    ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]),
  ]
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        servername: hostname,
        port,
        path,
        method,
        ca,
        agent: agent ?? false,
        headers: lines.flat() as unknown as OutgoingHttpHeaders,
        ...(credential.cert !== undefined && { cert: credential.cert, key: credential.key }),
        ...(from !== undefined && { localAddress: from }),
        ...tls,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({
            status: response.statusCode ?? 0,
            text,
            reference: /"reference":"([^"]+)"/.exec(text)?.[1] ?? '',
            headers: response.headers,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Opens a connection in a way that must fail. Rejects when it does not. */
export function failToConnect(base: string, tls: ConnectionOptions): Promise<void> {
  const { port } = new URL(base)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', port: Number(port), ...tls }, () => {
      socket.destroy()
      reject(new Error('the handshake succeeded'))
    })
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })
}

/** Speaks HTTP to a TLS port. */
export const speakPlainHttp = (base: string, from: string): Promise<void> =>
  new Promise((resolve) => {
    const { port } = new URL(base)
    const sent = plainRequest({ host: '127.0.0.1', port, path: '/', localAddress: from, agent: false }, (response) => {
      response.resume()
      response.on('end', resolve)
    })
    sent.on('error', () => resolve())
    sent.end()
  })

/** Writes bytes on a TLS connection and gives what comes back until it ends. */
export function speakRaw(base: string, tls: ConnectionOptions, bytes: string | Buffer): Promise<string> {
  const { port } = new URL(base)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', port: Number(port), ...tls }, () =>
      socket.write(bytes),
    )
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (/\r\n\r\n/.test(text) && /"reference"|200 OK/.test(text)) socket.destroy()
    })
    socket.on('error', (error) => (text === '' ? reject(error) : undefined))
    socket.on('close', () => resolve(text))
  })
}
