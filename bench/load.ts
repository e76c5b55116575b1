/** Puts load on an HTTPS server over connections that stay open: a request, its answer, the next request. */
import { connect, type TLSSocket } from 'node:tls'

export interface Load {
  readonly port: number
  readonly path: string
  readonly body: string
  readonly connections: number
  /** Milliseconds before counting, and while counting. */
  readonly warmUp: number
  readonly duration: number
  readonly ca: string
  /** Absent: the client shows no certificate. */
  readonly cert?: string
  readonly key?: string
  /** `text/plain` when absent. */
  readonly contentType?: string
  readonly authorization?: string
}

export interface Result {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly failures: number
}

const headEnd = Buffer.from('\r\n\r\n')

/** Runs the load in this process; `bench/load-process.ts` gives it a process of its own. */
export async function runLoad(load: Load): Promise<Result> {
  const { contentType = 'text/plain', authorization } = load
  const credential = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`
  const request = Buffer.from(
    `POST ${load.path} HTTP/1.1\r\nHost: localhost\r\n${credential}Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(load.body)}\r\n\r\n${load.body}`,
  )
  const latencies: number[] = []
  const state = { counting: false, stopped: false, failures: 0 }
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load)))
  for (const socket of sockets) drive(socket, request, latencies, state)
  await pause(load.warmUp)
  state.counting = true
  const start = performance.now()
  await pause(load.duration)
  const seconds = (performance.now() - start) / 1000
  state.counting = false
  state.stopped = true
  for (const socket of sockets) socket.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  return { rate: latencies.length / seconds, p50: at(0.5), p99: at(0.99), failures: state.failures }
}

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

function open({ port, ca, cert, key }: Load): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: '127.0.0.1', servername: 'localhost', port, ca, ...(cert && key && { cert, key }) },
      () => {
        socket.off('error', reject)
        resolve(socket)
      },
    )
    socket.once('error', reject)
    socket.setNoDelay(true)
  })
}

function drive(
  socket: TLSSocket,
  request: Buffer,
  latencies: number[],
  state: { counting: boolean; stopped: boolean; failures: number },
): void {
  let sent = performance.now()
  let pending: Buffer = Buffer.alloc(0)
  const send = (): void => {
    sent = performance.now()
    socket.write(request)
  }
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const end = pending.indexOf(headEnd)
    if (end < 0) return
    const head = pending.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    if (pending.length < end + 4 + length) return
    pending = pending.subarray(end + 4 + length)
    if (state.counting) {
      latencies.push(performance.now() - sent)
      if (!/^HTTP\/1.1 2/.test(head)) state.failures++
    }
    if (!state.stopped) send()
  })
  socket.on('error', () => {
    if (!state.stopped) state.failures++
  })
  send()
}
