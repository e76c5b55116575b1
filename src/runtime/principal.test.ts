import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { flowFacts } from '../../test/kit/step.ts'
import { silentLog, systemClock } from '../base/index.ts'
import type { Principal, Run, Services, Work } from '../flow/index.ts'
import { Exchange } from '../message/index.ts'
import type { LogLevel, MessageEvent } from '../monitor/index.ts'
import { createDeployedFlow } from './deployed-flow.ts'
import { planNode } from './plan.ts'
import { createProcessDirect } from './process-direct.ts'
import { defaultLimits } from './recorder.ts'

const principal = Object.freeze<Principal>({
  method: 'certificate',
  name: 'client-1',
  subject: 'client-1',
  clientId: 'client-1',
  issuer: 'CN=ca',
  certificate: { fingerprint: 'ab12', subject: 'CN=a', issuer: 'CN=ca' },
  attributes: { mail: 'a@example.com' },
  groups: ['admins'],
  actors: ['portal'],
})

const sealer = {
  seal: (plain: Uint8Array) => Buffer.from(plain).toString('base64'),
  open: (sealed: string) => Buffer.from(sealed, 'base64'),
}

/** A flow of one step; what it logs goes to `events`. */
function deploy(id: string, work: Work, events: MessageEvent[] = [], logLevel: LogLevel = 'INFO') {
  const node = Object.assign(planNode('s', 's', 'test', {}), { work })
  const after = Object.assign(planNode('after', 'after', 'test', {}), { work: () => undefined })
  node.next = after
  const routine = { id: 'p', name: 'p', start: node, exceptionStart: undefined, local: false }
  const plan = { flow: flowFacts({ id }), routines: [routine], outlets: [], claim: async () => {} }
  const deployed = createDeployedFlow(
    plan,
    { packageId: 'P', logLevel },
    {
      services: {} as Services,
      clock: systemClock,
      log: silentLog,
      sink: { append: (event) => events.push(event), flushed: async () => {} },
      recording: { clock: systemClock, sealer, node: 'n1', limits: defaultLimits },
      messageTimeout: 60_000,
      ended: () => {},
    },
  )
  return deployed.deliver(routine)
}

const origin = (given: Principal | undefined) => ({ sender: 'test', principal: given, correlationId: undefined })

describe('the property principal', () => {
  it('is the caller itself, for every sender', async () => {
    const seen: unknown[] = []
    const deliver = deploy('A', (exchange) => void seen.push(exchange.properties.get('principal')))
    await deliver(new Exchange(), origin(principal))
    await deliver(new Exchange(), origin(principal))
    assert.equal(seen.length, 2)
    for (const value of seen) assert.equal(value, principal)
  })

  it('is not there where nobody called', async () => {
    let has = true
    const deliver = deploy('A', (exchange) => void (has = exchange.properties.has('principal')))
    await deliver(new Exchange(), origin(undefined))
    assert.equal(has, false)
  })

  for (const [what, spoil] of [
    ['replaced', (exchange: Exchange) => void exchange.properties.set('principal', 'somebody else')],
    ['removed', (exchange: Exchange) => void exchange.properties.delete('principal')],
  ] as const)
    it(`reaches a flow called over ProcessDirect as it was, also where the caller's property was ${what}`, async () => {
      const registry = createProcessDirect()
      const seen: unknown[] = []
      const look = (exchange: Exchange, run: Run) =>
        void seen.push(exchange.properties.get('principal'), run.principal, exchange.properties.has('own'))
      const called = deploy('Called', look)
      registry.swap('Called', [{ address: '/called', flowId: 'Called', allowedHeaders: () => true, deliver: called }])
      const calling = deploy('Calling', async (exchange, run) => {
        exchange.properties.set('own', 'does not cross')
        spoil(exchange)
        await registry.call('/called', exchange, run)
      })
      await calling(new Exchange(), origin(principal))
      assert.deepEqual(seen, [principal, principal, false])
      assert.equal(seen[0], principal)
    })

  it('stands in a trace with all its facts, and does not break one', async () => {
    const events: MessageEvent[] = []
    const work: Work = ({ properties, headers }) => {
      properties.set('copy', properties.get('principal'))
      properties.set('SAP_MessageProcessingLogCustomStatus', properties.get('principal'))
      properties.set('map', new Map([['a', 1]]))
      headers.set('X-Caller', properties.get('principal'))
    }
    await deploy('A', work, events, 'TRACE')(new Exchange(), origin(principal))
    const entry = events.at(-1)
    assert.ok(entry?.event === 'ended')
    assert.deepEqual([entry.principal, entry.customStatus], ['client-1', 'client-1'])
    const sealed = entry.steps.find(({ id }) => id === 'after')?.trace?.sealed ?? ''
    const { headers, properties } = JSON.parse(sealer.open(sealed).toString()) as Record<string, Record<string, string>>
    assert.deepEqual(JSON.parse(properties?.['principal'] ?? ''), principal)
    assert.deepEqual([properties?.['copy'], properties?.['map']], [properties?.['principal'], '{a=1}'])
    assert.equal(headers?.['X-Caller'], 'client-1')
  })
})
