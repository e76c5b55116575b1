import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { Agent, type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'

import { type Clock, silentLog, systemClock } from '../../src/base/index.ts'
import type { HttpRoute } from '../../src/flow/index.ts'
import { createIdentity } from '../../src/identity/index.ts'
import {
  type BodyLimits,
  createChecks,
  createCsrf,
  createHandler,
  createRecorder,
  createRoutes,
  defaultListenerLimits,
  type ListenerLimits,
  openSpool,
  startListener,
} from '../../src/inbound/index.ts'
import { type BuiltInCa, createBuiltInCa, createSealer, type Issued, openBuiltInCa } from '../../src/keystore/index.ts'
import { Body } from '../../src/message/index.ts'
import type { Refusal } from '../../src/monitor/index.ts'
import { newTenantStores } from './tenant-stores.ts'

export interface Called {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly bytes: Buffer
}

export type Calling = RequestOptions & { readonly body?: string | Buffer | Readable }

export async function newCa(clock: Clock = systemClock): Promise<BuiltInCa> {
  const made = await createBuiltInCa({ clock, name: 'Test CA' })
  return openBuiltInCa({ certificate: made.chain, key: made.key, clock })
}

/** A route that answers with what it was given. */
export const echo = (given: Partial<HttpRoute> = {}): HttpRoute => ({
  base: '/http',
  address: '/echo',
  authorization: { kind: 'role', role: 'ESBMessaging.send' },
  csrfProtected: false,
  maxBodySize: 100_000_000,
  protocol: 'REST',
  allowedHeaders: () => true,
  cors: undefined,
  flowId: 'Echo',
  handle: ({ body }) => ({
    status: 200,
    headers: [['Content-Type', 'text/plain']],
    body: body.isEmpty ? Body.ofText('ok') : body,
  }),
  ...given,
})

/** The front door of a tenant on a port of its own, with TLS, a CA, and a database in a folder that goes away. */
export async function openFrontDoor(
  given: { readonly listener?: Partial<ListenerLimits>; readonly body?: BodyLimits; readonly clock?: Clock } = {},
) {
  const { clock = systemClock } = given
  const ca = await newCa()
  const server = await ca.issueServer({ hostNames: [] })
  const { stores, dispose } = await newTenantStores()
  const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
  const identity = await createIdentity({ store: stores.identities, sealer, clock: systemClock, ca })
  const spoolFolder = await mkdtemp(join(tmpdir(), 'sluice-spool-'))
  const refusals: Refusal[] = []
  const record = createRecorder({ clock, refuse: (refusal) => void refusals.push(refusal) })
  const routes = createRoutes()
  const csrf = createCsrf({ key: randomBytes(32), clock, cookie: '__Host-sluice-test' })
  const checks = createChecks({ identity, routes, csrf, clock, anchors: [new X509Certificate(ca.certificate)] })
  const handler = createHandler({
    checks,
    routes,
    csrf,
    spool: await openSpool(spoolFolder),
    record,
    plan: 'integration-flow',
    clock,
    log: silentLog,
    ...(given.body && { limits: given.body }),
  })
  const listener = await startListener({
    host: '127.0.0.1',
    port: 0,
    certificate: server,
    handler,
    record,
    limits: { ...defaultListenerLimits, ...given.listener },
  })
  const agents: Agent[] = []

  async function call(path: string, options: Calling = {}): Promise<Called> {
    const { body, ...rest } = options
    return await new Promise((resolve, reject) => {
      const sent = request({ port: listener.port, path, ca: ca.certificate, agent: false, ...rest }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: bytes.toString(), bytes })
        })
      })
      sent.on('error', reject)
      if (body !== undefined && typeof body === 'object' && 'pipe' in body) body.pipe(sent)
      else sent.end(body)
    })
  }

  return {
    ca,
    server,
    identity,
    routes,
    checks,
    listener,
    refusals,
    port: listener.port,
    call,
    /** An agent that keeps its one connection, closed with the door. */
    keepAlive(options: object = {}): Agent {
      const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: ca.certificate, ...options })
      agents.push(agent)
      return agent
    },
    async secretKey(
      plan: 'integration-flow' | 'api' = 'integration-flow',
      roles: readonly string[] = ['ESBMessaging.send'],
    ) {
      const instance = await identity.createInstance({ name: randomBytes(6).toString('hex'), plan, roles }, 'test')
      const { key, secret = '' } = await identity.createKey(instance.id, { name: 'k', type: 'secret' }, 'test')
      return { key, instance, secret, auth: `${key.clientId}:${secret}` }
    },
    /** A registered client certificate, ready as TLS options. */
    async certificateKey(own?: Issued) {
      const instance = await identity.createInstance(
        { name: randomBytes(6).toString('hex'), plan: 'integration-flow' },
        'test',
      )
      const opened = own
        ? await identity.createKey(
            instance.id,
            { name: 'k', type: 'certificate_external', certificate: own.chain },
            'test',
          )
        : await identity.createKey(instance.id, { name: 'k', type: 'certificate' }, 'test')
      return {
        key: opened.key,
        instance,
        tls: { cert: own?.chain ?? opened.certificate ?? '', key: own?.key ?? opened.privateKey ?? '' },
      }
    },
    spooled: () => readdir(spoolFolder),
    /** Waits until a condition holds; gives up after two seconds, and the assertion that follows tells. */
    async until(condition: () => boolean | Promise<boolean>) {
      for (let tries = 0; tries < 200 && !(await condition()); tries++) await wait(10)
    },
    async close() {
      for (const agent of agents) agent.destroy()
      await listener.close(0)
      await dispose()
      await rm(spoolFolder, { recursive: true })
    },
  }
}

export type FrontDoor = Awaited<ReturnType<typeof openFrontDoor>>
