import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Agent, type RequestOptions, request } from 'node:https'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'

import { trustedOf } from '../../src/app/trusted.ts'
import { type Clock, silentLog, systemClock } from '../../src/base/index.ts'
import type { HttpRoute } from '../../src/flow/index.ts'
import { createIdentity, type InstanceRequest, type Plan } from '../../src/identity/index.ts'
import {
  type BodyLimits,
  createAuthenticator,
  createChecks,
  createCsrf,
  createExplainer,
  createGate,
  createHandler,
  createRecorder,
  createRoutes,
  defaultListenerLimits,
  type ListenerLimits,
  type OpenPage,
  openSpool,
  startListener,
  type TokenVerifier,
} from '../../src/inbound/index.ts'
import { type BuiltInCa, createBuiltInCa, createSealer, type Issued, openBuiltInCa } from '../../src/keystore/index.ts'
import { Body } from '../../src/message/index.ts'
import type { Refusal } from '../../src/monitor/index.ts'
import { createTrust } from '../../src/trust/index.ts'
import { inMemoryRegistry } from './registry-store.ts'
import { temporaryFolder } from './temporary-folder.ts'

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

/** The registry of a tenant in memory, with trust that follows it, and what decides about calls. */
export async function newTenant(given: { readonly clock?: Clock; readonly tokens?: TokenVerifier } = {}) {
  const { clock = systemClock, tokens } = given
  const ca = await newCa()
  const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
  const trust = createTrust({ clock, log: silentLog })
  const identity = await createIdentity({ store: inMemoryRegistry(), sealer, clock, ca, trust })
  await identity.ensureBuiltInAnchor(ca.certificate)
  trust.set(trustedOf(identity))
  identity.onChange(() => trust.set(trustedOf(identity)))
  const authenticator = createAuthenticator({ identity, trust, tokens, clock, log: silentLog })
  const routes = createRoutes()
  const csrf = createCsrf({ key: randomBytes(32), clock, cookie: '__Host-sluice-test' })
  const checks = createChecks({ identity, authenticator, routes, csrf, clock })
  const explain = createExplainer({ authenticator, checks, plan: 'integration-flow' })

  return {
    ca,
    trust,
    identity,
    authenticator,
    routes,
    csrf,
    checks,
    explain,
    clock,
    instance: (request: Partial<InstanceRequest> = {}) =>
      identity.instances.create(
        { name: randomBytes(6).toString('hex'), plan: 'integration-flow', roles: ['ESBMessaging.send'], ...request },
        'test',
      ),
    async role(name: string) {
      if (identity.roles.find(name) === undefined) await identity.roles.create({ name }, 'test')
    },
    async secretKey(plan: Plan = 'integration-flow', roles: readonly string[] = ['ESBMessaging.send']) {
      const instance = await this.instance({ plan, roles })
      const { key, secret = '' } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'test')
      return { key, instance, secret, auth: `${key.clientId}:${secret}` }
    },
    /** A registered client certificate, ready as TLS options. */
    async certificateKey(own?: Issued, pinned = true) {
      const instance = await this.instance()
      const opened = own
        ? await identity.keys.create(
            instance.id,
            { name: 'k', type: 'certificate_external', certificate: own.chain, pinned },
            'test',
          )
        : await identity.keys.create(instance.id, { name: 'k', type: 'certificate' }, 'test')
      return {
        key: opened.key,
        instance,
        tls: { cert: own?.chain ?? opened.certificate ?? '', key: own?.key ?? opened.privateKey ?? '' },
      }
    },
  }
}

/** The front door of a tenant on a port of its own, with TLS, a CA, and a registry in memory. */
export async function openFrontDoor(
  given: {
    readonly listener?: Partial<ListenerLimits>
    readonly body?: BodyLimits
    readonly clock?: Clock
    readonly tokens?: TokenVerifier
    readonly pages?: Readonly<Record<string, OpenPage>>
  } = {},
) {
  const tenant = await newTenant(given)
  const { ca, identity, trust, authenticator, checks, routes, csrf, clock } = tenant
  const server = await ca.issueServer({ hostNames: [] })
  const spoolFolder = temporaryFolder('spool')
  const refusals: Refusal[] = []
  const record = createRecorder({ clock, refuse: (refusal) => void refusals.push(refusal) })
  const gate = createGate({ authenticator, checks, record, log: silentLog })
  const handler = createHandler({
    gate,
    routes,
    csrf,
    spool: await openSpool(spoolFolder),
    plan: 'integration-flow',
    clock,
    log: silentLog,
    ...(given.body && { limits: given.body }),
    ...(given.pages && { pages: given.pages }),
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
    ...tenant,
    server,
    listener,
    refusals,
    port: listener.port,
    call,
    /** Makes changes end what they end on open connections, as a running tenant does. */
    watchChanges: () =>
      identity.onChange(() => {
        trust.set(trustedOf(identity))
        listener.endSessions()
        return listener.recheck(authenticator.accepts)
      }),
    /** An agent that keeps its one connection, closed with the door. */
    keepAlive(options: object = {}): Agent {
      const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: ca.certificate, ...options })
      agents.push(agent)
      return agent
    },
    spooled: () => readdir(spoolFolder),
    /** Waits until a condition holds; gives up after two seconds, and the assertion that follows tells. */
    async until(condition: () => boolean | Promise<boolean>) {
      for (let tries = 0; tries < 200 && !(await condition()); tries++) await wait(10)
    },
    async close() {
      for (const agent of agents) agent.destroy()
      await listener.close(0)
    },
  }
}

export type Tenant = Awaited<ReturnType<typeof newTenant>>
export type FrontDoor = Awaited<ReturnType<typeof openFrontDoor>>
