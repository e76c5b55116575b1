import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import {
  externalCall,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  senderChannel,
} from '../../test/kit/bundle.ts'
import { oauthCredential, principal, receiverWorld, type ReceiverWorld } from '../../test/kit/receiver-world.ts'
import { services as testServices } from '../../test/kit/step.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { receivers, senders } from '../adapters/index.ts'
import { silentLog, systemClock as clock, uuid } from '../base/index.ts'
import type { ExtraGrants, HttpRoute, Principal } from '../flow/index.ts'
import { Body } from '../message/index.ts'
import type { MessageEnded, MessageEvent } from '../monitor/index.ts'
import { steps } from '../steps/index.ts'
import { createProcessDirect } from './process-direct.ts'
import { defaultLimits } from './recorder.ts'
import { createRuntime, type Runtime } from './runtime.ts'
import { createScheduler } from './scheduler.ts'
import type { SecretRead } from './secret-access.ts'

const sealer = {
  seal: (plain: Uint8Array) => Buffer.from(plain).toString('base64'),
  open: (sealed: string) => Buffer.from(sealed, 'base64'),
}

describe('a flow that calls a receiver for its user', () => {
  const events: MessageEvent[] = []
  const reads: SecretRead[] = []
  const routes = new Map<string, readonly HttpRoute[]>()
  let extra: ExtraGrants = { added: [], removed: [] }
  let world: ReceiverWorld
  let tenant: Awaited<ReturnType<typeof newTenantStores>>
  let runtime: Runtime

  before(async () => {
    world = await receiverWorld()
    world.userOf = ({ body }) => {
      const [, claims = ''] = (body.get('assertion') ?? '').split('.')
      return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub
    }
    const shown = { clientAuthentication: 'none', keyPairAlias: 'client' }
    world.credentials.set('Client', oauthCredential(world, { shown }))
    tenant = await newTenantStores()
    const processDirect = createProcessDirect()
    const { stores } = tenant
    runtime = createRuntime({
      catalog: { steps, receivers, senders },
      store: stores.deployments,
      http: { swap: (flowId, next) => void routes.set(flowId, next) },
      processDirect,
      scheduler: createScheduler({ store: stores.schedules, node: 'n', clock, log: silentLog }),
      services: testServices({ processDirect, outbound: world.outbound }),
      extraGrants: () => extra,
      secretRead: (read) => reads.push(read),
      clock,
      log: silentLog,
      sink: { append: (event) => events.push(event), flushed: async () => {} },
      recording: { clock, sealer, node: 'n', limits: defaultLimits },
      messageTimeout: 60_000,
      drainTimeout: 1_000,
      ended: () => {},
    })
  })
  after(async () => {
    await runtime.stop(0)
    await tenant.dispose()
    await world[Symbol.asyncDispose]()
  })

  async function deploy(id: string, properties: Readonly<Record<string, string>>): Promise<void> {
    const { deployments } = tenant.stores
    const content = await flowBundle({
      id,
      channels: [
        senderChannel('HTTPS', { urlPath: `/${id}`, xsrfProtection: '0' }),
        receiverChannel('HTTP', 'Call', {
          httpAddressWithoutQuery: `${world.origin}/x`,
          httpMethod: 'GET',
          authenticationMethod: 'OAuth2 JWT Bearer',
          credentialName: 'Client',
          ...properties,
        }),
      ],
      processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
    })
    const facts = { artifactId: id, type: 'IntegrationFlow', packageId: 'P', name: id, version: '1.0.0' } as const
    await deployments.put({ ...facts, content, deployedBy: 'deployer', deployedAt: 4711, taskId: uuid() })
    await deployments.setLogLevel(id, 'TRACE')
    await runtime.sync()
    assert.equal((await deployments.find(id))?.fault?.message, undefined)
  }

  async function call(id: string, who: Principal) {
    for (const list of [events, reads]) list.length = 0
    const answer = await routes.get(id)?.[0]?.handle({
      method: 'POST',
      rest: '',
      query: '',
      url: `https://h/http/${id}`,
      headers: [],
      body: Body.ofText('in'),
      principal: who,
      messageId: uuid(),
      signal: undefined,
    })
    const entry = events.at(-1) as MessageEnded
    const opened = entry.steps.flatMap(({ trace }) => {
      const text = trace === undefined ? '{"payload":""}' : sealer.open(trace.sealed).toString()
      return [text, Buffer.from((JSON.parse(text) as { payload: string }).payload, 'base64').toString()]
    })
    const recorded = [JSON.stringify(events), ...opened, ...entry.attachments.map(({ sealed }) => sealer.open(sealed))]
    return { body: answer?.body.text() ?? '', entry, recorded: recorded.join('\n') }
  }

  it('is that user there; what was lent is audited, and the token that comes back is recorded nowhere', async () => {
    await deploy('Propagate', {})
    const { body, entry, recorded } = await call('Propagate', principal('anna'))
    const { user, seen } = JSON.parse(body) as { user: string; seen: string }
    assert.deepEqual([user, entry.status], ['anna', 'COMPLETED'])
    assert.match(seen, /^Bearer at-/)
    assert.match(recorded, /"seen":"Bearer \*\*\*"/)
    assert.ok(!recorded.includes(seen.slice('Bearer '.length)))
    assert.deepEqual(
      reads.map(({ kind, alias, granted }) => [kind, alias, granted]),
      [
        ['credential', 'Client', true],
        ['key', 'client', true],
      ],
    )
  })

  it('names another user only where an administrator granted it, from the next message on', async () => {
    await deploy('Impersonate', { authenticationUser: 'boss' })
    const refused = await call('Impersonate', principal('anna'))
    assert.match(refused.recorded, /runtime\.impersonationMissing|no grant of the kind impersonation/)
    assert.equal(refused.entry.status, 'FAILED')
    const grant = { flowId: 'Impersonate', kind: 'impersonation', alias: 'Client' } as const
    extra = { added: [{ ...grant, basis: 'administrator', where: '', by: 'ada', at: 1 }], removed: [] }
    const granted = await call('Impersonate', principal('anna'))
    assert.equal((JSON.parse(granted.body) as { user: string }).user, 'boss')
    extra = { added: [], removed: [] }
    assert.equal((await call('Impersonate', principal('anna'))).entry.status, 'FAILED')
  })
})
