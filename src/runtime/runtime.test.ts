import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { flowBundle, mainProcess, messageEnd, messageStart, senderChannel, step } from '../../test/kit/bundle.ts'
import { httpRequest } from '../../test/kit/http-request.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { receivers, senders } from '../adapters/index.ts'
import { silentLog, systemClock as clock, uuid } from '../base/index.ts'
import type { HttpRoute, Services } from '../flow/index.ts'
import { steps } from '../steps/index.ts'
import { createProcessDirect } from './process-direct.ts'
import { defaultLimits } from './recorder.ts'
import { createRuntime } from './runtime.ts'
import { createScheduler } from './scheduler.ts'

const sealer = {
  seal: (plain: Uint8Array) => Buffer.from(plain).toString('base64'),
  open: (sealed: string) => Buffer.from(sealed, 'base64'),
}

const flow = (id: string, answer: string, address = `/${id}`): Promise<Buffer> =>
  flowBundle({
    id,
    channels: [senderChannel('HTTPS', { urlPath: address, xsrfProtection: '0' })],
    processes: [
      mainProcess([
        messageStart(),
        step('Set', answer === 'broken' ? 'NoSuchStep' : 'Enricher', { bodyType: 'constant', wrapContent: answer }),
        messageEnd(),
      ]),
    ],
  })

async function open() {
  const { stores, dispose } = await newTenantStores()
  const routes = new Map<string, readonly HttpRoute[]>()

  function start() {
    routes.clear()
    return createRuntime({
      catalog: { steps, receivers, senders },
      store: stores.deployments,
      http: {
        swap(flowId, next) {
          const taken = [...routes].find(
            ([owner, theirs]) =>
              owner !== flowId && theirs.some((route) => next.some((mine) => mine.address === route.address)),
          )
          if (taken !== undefined) throw new Error(`taken by ${taken[0]}`)
          routes.set(flowId, next)
        },
      },
      processDirect: createProcessDirect(),
      scheduler: createScheduler({ store: stores.schedules, node: 'n', clock, log: silentLog }),
      services: {} as Services,
      clock,
      log: silentLog,
      sink: { append: () => {}, flushed: async () => {} },
      recording: { clock, sealer, node: 'n', limits: defaultLimits },
      messageTimeout: 60_000,
      drainTimeout: 1_000,
      ended: () => {},
    })
  }

  async function put(id: string, content: Buffer): Promise<void> {
    const facts = { artifactId: id, type: 'IntegrationFlow', packageId: 'P', name: id, version: '1.0.0' } as const
    await stores.deployments.put({ ...facts, content, deployedBy: 'me', deployedAt: clock.now(), taskId: uuid() })
  }

  async function call(id: string): Promise<string | undefined> {
    const route = routes.get(id)?.[0]
    if (route === undefined) return undefined
    return (await route.handle(httpRequest())).body.text()
  }
  return { start, put, call, find: stores.deployments.find, dispose, stores }
}

describe('the runtime', () => {
  it('runs what is deployed, replaces it, and stops what is gone', async () => {
    const { start, put, call, find, dispose, stores } = await open()
    const runtime = start()
    await put('A', await flow('A', 'one'))
    await runtime.sync()
    assert.deepEqual([(await find('A'))?.status, await call('A')], ['STARTED', 'one'])
    await put('A', await flow('A', 'two'))
    await runtime.sync()
    assert.equal(await call('A'), 'two')
    await stores.deployments.remove('A')
    await runtime.sync()
    assert.equal(await call('A'), undefined)
    await runtime.stop(0)
    await dispose()
  })

  it('keeps the version that works when the next one does not start, also over a restart', async () => {
    const { start, put, call, find, dispose } = await open()
    const runtime = start()
    await put('A', await flow('A', 'works'))
    await runtime.sync()
    await put('A', await flow('A', 'broken'))
    await runtime.sync()
    const failed = await find('A')
    assert.equal(failed?.status, 'ERROR')
    assert.match(failed.fault?.message ?? '', /NoSuchStep.*Version 1\.0\.0, deployed before, keeps running/s)
    assert.equal(await call('A'), 'works')
    await runtime.stop(0)

    const again = start()
    await again.sync()
    assert.equal(await call('A'), 'works')
    assert.equal((await find('A'))?.status, 'ERROR')
    await again.stop(0)
    await dispose()
  })

  it('shows a flow that cannot start as failed, with its fault, and does not try again and again', async () => {
    const { start, put, find, dispose } = await open()
    const runtime = start()
    await put('A', await flow('A', 'a', '/same'))
    await put('B', await flow('B', 'b', '/same'))
    await runtime.sync()
    assert.equal((await find('A'))?.status, 'STARTED')
    const failed = await find('B')
    assert.equal(failed?.status, 'ERROR')
    assert.match(failed.fault?.message ?? '', /taken by A/)
    await runtime.sync()
    assert.equal(runtime.started(), 1)
    await runtime.stop(0)
    await dispose()
  })
})
