/** What Sluice is measured against: bare `node:https`, echoing or forwarding to a backend with undici. */
import { fork, type ChildProcess } from 'node:child_process'
import { createServer as createBackend } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { Pool } from 'undici'

export interface Tls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

type Job =
  | { readonly what: 'echo' | 'forward'; readonly tls: Tls; readonly backend: number }
  | { readonly what: 'backend' }

/** Starts a baseline in a process of its own; resolves to its port. */
export async function startBaseline(job: Job): Promise<{ readonly port: number; readonly stop: () => void }> {
  const child: ChildProcess = fork(import.meta.filename, [], { stdio: 'inherit' })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(message as number))
    child.once('exit', (code) => reject(new Error(`the baseline ended with ${code}`)))
    child.send(job)
  })
  return { port, stop: () => child.kill() }
}

function serve(job: Job): void {
  const server = job.what === 'backend' ? backend() : front(job)
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
}

function backend() {
  const server = createBackend((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length })
      response.end(body)
    })
  })
  server.keepAliveTimeout = 60_000
  return server
}

function front({ what, tls, backend }: Exclude<Job, { what: 'backend' }>) {
  const pool = new Pool(`http://127.0.0.1:${backend}`, { connections: 64 })
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (what === 'echo') {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length })
        response.end(body)
        return
      }
      void pool
        .request({ path: '/', method: 'POST', body, headers: { 'content-type': 'text/plain' } })
        .then(async (answer) => {
          const bytes = Buffer.from(await answer.body.arrayBuffer())
          response.writeHead(answer.statusCode, { 'content-type': 'text/plain', 'content-length': bytes.length })
          response.end(bytes)
        })
    })
  })
  server.keepAliveTimeout = 60_000
  return server
}

if (process.argv[1] === import.meta.filename) process.once('message', (job) => serve(job as Job))
