import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { systemClock } from '../base/index.ts'
import type { Ended, FlowFacts, Next, Routine, Run, Services, Work } from '../flow/index.ts'
import { Body, Exchange } from '../message/index.ts'
import type { MessageEvent } from '../monitor/index.ts'
import { createDeployedFlow, type FlowHost } from './deployed-flow.ts'
import { type PlanNode, planNode } from './plan.ts'
import { defaultLimits } from './recorder.ts'

const flow: FlowFacts = {
  id: 'Orders',
  name: 'Orders',
  version: '1.0.0',
  namespaces: new Map(),
  allowedHeaders: () => false,
  sessionHandling: 'None',
  returnExceptionToSender: false,
}

const sealer = {
  seal: (plain: Uint8Array) => Buffer.from(plain).toString('base64'),
  open: (sealed: string) => Buffer.from(sealed, 'base64'),
}

function host(events: MessageEvent[]): FlowHost {
  return {
    services: {} as Services,
    clock: systemClock,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    sink: { append: (event) => events.push(event), flushed: async () => {} },
    recording: { clock: systemClock, sealer, node: 'n1', limits: defaultLimits },
    messageTimeout: 60_000,
    ended: () => {},
  }
}

/** Nodes one after the other. */
function route(...works: readonly (readonly [id: string, work: Work])[]): PlanNode {
  const nodes = works.map(([id, work]) => Object.assign(planNode(id, id, 'test', {}), { work }))
  for (const [index, node] of nodes.entries()) node.next = nodes[index + 1]
  return nodes[0] as PlanNode
}

const routine = (start: PlanNode, more: Partial<Routine> = {}): Routine => ({
  id: 'Process_1',
  name: 'Main',
  start,
  exceptionStart: undefined,
  local: false,
  ...more,
})

const append =
  (text: string): Work =>
  (exchange) => {
    exchange.body = Body.ofText(exchange.body.text() + text)
  }
const appendLater =
  (text: string): Work =>
  async (exchange) => {
    await new Promise(setImmediate)
    exchange.body = Body.ofText(exchange.body.text() + text)
  }
const fails =
  (words: string): Work =>
  () => {
    throw new Error(words)
  }
const ends =
  (ended: Ended): Work =>
  () =>
    ended

async function run(main: Routine, exchange = new Exchange()) {
  const events: MessageEvent[] = []
  const deployed = createDeployedFlow(
    { flow, routines: [main], outlets: [], claim: async () => {} },
    { packageId: 'P', logLevel: 'INFO' },
    host(events),
  )
  const origin = { sender: 'test', principal: undefined, correlationId: undefined }
  const outcome = await deployed
    .deliver(main)(exchange, origin)
    .then(
      (ended) => ({ ended, error: undefined }),
      (error: Error) => ({ ended: undefined, error }),
    )
  const entry = events.at(-1)
  assert.ok(entry?.event === 'ended')
  return { ...outcome, body: exchange.body.text(), entry, events, exchange, active: deployed.active() }
}

describe('a message run', () => {
  it('goes from node to node, waiting only where a step waits', async () => {
    const { ended, body, entry, events } = await run(
      routine(route(['a', append('a')], ['b', appendLater('b')], ['c', append('c')])),
    )
    assert.equal(ended, 'completed')
    assert.equal(body, 'abc')
    assert.deepEqual(
      entry.steps.map(({ id }) => id),
      ['a', 'b', 'c'],
    )
    assert.deepEqual(
      events.map(({ event }) => event),
      ['started', 'ended'],
    )
  })

  it('that never waits has one log entry', async () => {
    const { events, entry } = await run(routine(route(['a', append('a')])))
    assert.equal(events.length, 1)
    assert.equal(entry.status, 'COMPLETED')
  })

  it('goes where a step points to', async () => {
    const other = route(['x', append('x')])
    const { body } = await run(routine(route(['a', (): Next => other], ['b', append('b')])))
    assert.equal(body, 'x')
  })

  it('fails with the step that failed', async () => {
    const { error, entry, active } = await run(routine(route(['a', append('a')], ['b', fails('no')])))
    assert.equal(error?.message, 'no')
    assert.equal(entry.status, 'FAILED')
    assert.equal(entry.error?.stepId, 'b')
    assert.equal(entry.steps.at(-1)?.error, 'no')
    assert.equal(active, 0)
  })

  it('hands an error of its process to the exception subprocess', async () => {
    const handler = route([
      'h',
      (exchange: Exchange, { exception }: Run) =>
        append(`${exception?.message} at ${exception?.stepId}`)(exchange, {} as Run),
    ])
    const { ended, body, entry } = await run(
      routine(route(['a', appendLater('a')], ['b', fails('no')]), { exceptionStart: handler }),
    )
    assert.equal(ended, 'handled')
    assert.equal(body, 'ano at b')
    assert.equal(entry.status, 'COMPLETED')
    assert.equal(entry.error?.message, 'no', 'the log keeps the error that was handled')
  })

  it('fails when the exception subprocess fails, naming its step', async () => {
    const { entry } = await run(routine(route(['b', fails('no')]), { exceptionStart: route(['h', fails('again')]) }))
    assert.equal(entry.status, 'FAILED')
    assert.equal(entry.error?.stepId, 'h')
  })

  it('does not hand an error of a local process to the process that calls it', async () => {
    const local = routine(route(['l', fails('no')]), { id: 'Local', local: true })
    const calls: Work = (exchange, given) => given.call(local, exchange)
    const { entry, body } = await run(routine(route(['c', calls]), { exceptionStart: route(['h', append('handled')]) }))
    assert.equal(entry.status, 'FAILED')
    assert.equal(entry.error?.stepId, 'l')
    assert.equal(body, '')
  })

  for (const [ended, status] of [
    ['escalated', 'ESCALATED'],
    ['terminated', 'COMPLETED'],
  ] as const) {
    it(`that ended ${ended} is logged as ${status}`, async () => {
      const result = await run(routine(route(['a', ends(ended)], ['b', append('b')])))
      assert.equal(result.ended, ended)
      assert.equal(result.entry.status, status)
      assert.equal(result.body, '')
    })
  }

  it('stops processes that call each other without end', async () => {
    const start = planNode('c', 'c', 'test', {})
    const endless = routine(start, { local: true })
    start.work = (exchange, given) => given.call(endless, exchange)
    const { error } = await run(endless)
    assert.match(error?.message ?? '', /more than 100 levels/)
  })

  it('that passed its deadline is cancelled, and its signal says so', async () => {
    const events: MessageEvent[] = []
    const waits: Work = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const main = routine(route(['w', waits]))
    const deployed = createDeployedFlow(
      { flow, routines: [main], outlets: [], claim: async () => {} },
      { packageId: '', logLevel: 'INFO' },
      host(events),
    )
    const running = deployed.deliver(main)(new Exchange(), {
      sender: '',
      principal: undefined,
      correlationId: undefined,
    })
    await new Promise(setImmediate)
    deployed.sweep(Date.now() + 61_000)
    await assert.rejects(running, /deadline/)
    assert.equal((events.at(-1) as { status?: string }).status, 'CANCELLED')
  })

  it('is waited for when its flow drains', async () => {
    const gate = Promise.withResolvers<void>()
    const main = routine(route(['w', () => gate.promise]))
    const deployed = createDeployedFlow(
      { flow, routines: [main], outlets: [], claim: async () => {} },
      { packageId: '', logLevel: 'INFO' },
      host([]),
    )
    const running = deployed.deliver(main)(new Exchange(), {
      sender: '',
      principal: undefined,
      correlationId: undefined,
    })
    let drained = false
    const draining = deployed.drain(60_000).then(() => (drained = true))
    await new Promise(setImmediate)
    assert.equal(drained, false)
    gate.resolve()
    await running
    await draining
    assert.equal(drained, true)
  })
})
