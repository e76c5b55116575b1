import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls'

import { systemClock } from '../../src/base/index.ts'
import {
  type ConnectivityContext,
  connectivityTests,
  createReach,
  systemResolve,
  type TestResult,
} from '../../src/connectivity/index.ts'
import { readFields } from '../../src/fields/index.ts'
import { createBuiltInCa, type Issued, openBuiltInCa } from '../../src/keystore/index.ts'

/** A context that may reach this machine, with nothing else in it. */
export const contextWith = (given: Partial<ConnectivityContext> = {}): ConnectivityContext => ({
  clock: systemClock,
  signal: new AbortController().signal,
  resolve: systemResolve,
  mayReach: createReach({ allowed: ['127.0.0.0/8', '::1'] }),
  keyPair: () => Promise.resolve(undefined),
  userCredential: () => Promise.resolve(undefined),
  trusted: () => Promise.resolve([]),
  knownHosts: () => Promise.resolve(''),
  ...given,
})

/** Runs a test of a kind with inputs as a person would enter them; wrong inputs throw. */
export async function runTest(
  kind: string,
  inputs: Readonly<Record<string, string>>,
  context: ConnectivityContext = contextWith(),
): Promise<TestResult> {
  const test = connectivityTests.find((one) => one.kind === kind)
  if (test === undefined) throw new Error(`no kind ${kind}`)
  const { values, problems, unknown } = readFields(test.fields, inputs)
  if (problems.length + unknown.length > 0) throw new Error(JSON.stringify({ problems, unknown }))
  return await test.run(values, context)
}

export interface TestAuthority {
  readonly certificate: string
  readonly anchor: X509Certificate
  readonly server: (hostNames?: readonly string[], days?: number) => Promise<Issued>
  readonly client: (
    commonName: string,
  ) => Promise<{ readonly chain: string; readonly key: KeyObject; readonly pem: string }>
}

/** A CA for servers and clients of a test; `at` shifts its clock. */
export async function testAuthority(at = 0): Promise<TestAuthority> {
  const clock = { ...systemClock, now: () => Date.now() + at }
  const { chain: certificate, key } = await createBuiltInCa({ clock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate, key, clock })
  return {
    certificate,
    anchor: new X509Certificate(certificate),
    server: (hostNames = [], days = 30) => ca.issueServer({ hostNames, days }),
    async client(commonName) {
      const issued = await ca.issueClient({ commonName, days: 30, keySize: 2048 })
      return { chain: issued.chain, key: createPrivateKey(issued.key), pem: issued.key }
    },
  }
}

export interface Listening extends AsyncDisposable {
  readonly port: number
}

/** Puts a server on a free port of this machine; all its connections end with it. */
export async function listening(server: Server, connections: Set<Socket> = new Set()): Promise<Listening> {
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => connections.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of connections) socket.destroy()
      await closed
    },
  }
}

export const plainServer = (answer: (socket: Socket) => void): Promise<Listening> => listening(createServer(answer))

export function tlsServer(options: TlsOptions, answer: (socket: TLSSocket) => void = () => {}): Promise<Listening> {
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => {})
    answer(socket)
  })
  server.on('tlsClientError', () => {})
  return listening(server)
}

/** Calls `hear` for each line that comes in; what it returns is sent with a line end. */
export function lineServer(socket: Socket, hear: (line: string) => string | undefined): void {
  let kept = ''
  socket.on('error', () => {})
  const onData = (chunk: Buffer): void => {
    const lines = (kept + chunk.toString()).split('\r\n')
    kept = lines.pop() ?? ''
    for (const line of lines) {
      const answer = hear(line)
      if (answer !== undefined && !socket.destroyed) socket.write(`${answer}\r\n`)
    }
  }
  socket.on('data', onData)
}
