/** The whole product on PostgreSQL, through a restart of either side. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { type Caller, createCaller, messageStatuses, tally, until } from '../kit/caller.ts'
import { command, deploy } from '../kit/deploy.ts'
import { type Backend, echoFlow, forwardFlow, startBackend } from '../kit/flows.ts'
import { type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

let postgres: PostgresServer
let sluice: RunningSluice
let backend: Backend
let caller: Caller

before(async () => {
  postgres = await startPostgres()
  backend = await startBackend()
  sluice = await startSluice({ SLUICE_DATABASE_URL: postgres.url })
  caller = createCaller(sluice.runtimeUrl, sluice)
})
after(async () => {
  caller?.close()
  await sluice?.dispose()
  await backend?.close()
  await postgres?.stop()
})

const order = `<order id="A-7"><customer>C1000</customer><country>FR</country><item quantity="2" price="10.50"/></order>`
const callSample = () =>
  caller.call('/http/sample/orders', { body: order, headers: { 'content-type': 'application/xml' } })

async function statusOf(id: string): Promise<string | undefined> {
  const { out } = await command(sluice, ['logs', id, '--json'])
  return /"status": "(\w+)"/i.exec(out)?.[1]
}

/** Calls both flows without a pause until it is over; gives the ids of what was answered 2xx, and all else. */
async function callDuring(work: () => Promise<void>) {
  const ids: string[] = []
  const failed: string[] = []
  const over = new AbortController()
  const lane = async (path: string): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        const { status, messageId, text } = await caller.call(path, { body: 'x' })
        if (status === 200) ids.push(messageId)
        else failed.push(`${status} ${text}`)
      } catch (error) {
        failed.push(String(error))
      }
      await wait(5)
    }
  }
  const lanes = ['Echo', 'Forward', 'Echo', 'Forward'].map((flow) => lane(`/http/heavy/${flow}`))
  try {
    await work()
  } finally {
    over.abort()
    await Promise.all(lanes)
  }
  return { ids, failed }
}

describe('on PostgreSQL', () => {
  it('the first start makes everything, and no SQLite file', () => {
    for (const file of ['control.db', 'tenants/default/tenant.db'])
      assert.ok(!existsSync(join(sluice.folder, file)), file)
  })

  it('the sample answers and is in the log', async () => {
    const { status, text, messageId } = await callSample()
    assert.equal(status, 200)
    assert.match(text, /"total":21\b/)
    await until('the message is in the log', async () => (await statusOf(messageId)) === 'COMPLETED')
  })

  it('flows are deployed', async () => {
    await deploy(sluice, await echoFlow('Echo', 'echo'), await forwardFlow('Forward', backend.url))
    assert.equal((await caller.call('/http/heavy/Forward', { body: 'x' })).text, 'backend x')
  })

  it('a refusal is found by its reference', async () => {
    const nobody = createCaller(sluice.runtimeUrl, sluice, { by: 'nobody' })
    const { reference } = JSON.parse((await nobody.call('/http/heavy/Echo')).text) as { reference: string }
    nobody.close()
    const ask = () => command(sluice, ['refusals', '--reference', reference])
    await until('the refusal is shown', async () => (await ask()).out.includes('identity.credentialMissing'))
  })

  it('calls go on while PostgreSQL is away, and the log catches up', async () => {
    const pids = [sluice.pid, sluice.tenantPid()]
    const { ids, failed } = await callDuring(async () => {
      await wait(500)
      await postgres.halt()
      await wait(3_000)
      await postgres.resume()
      await wait(1_000)
    })
    assert.deepEqual(failed.slice(0, 3), [])
    await until('the API answers again', async () => (await command(sluice, ['status'])).code === 0)
    await until('the log has the last message', async () => (await statusOf(ids.at(-1) ?? '')) === 'COMPLETED')
    const log = await messageStatuses(sluice)
    const lost = ids.filter((id) => log.get(id) !== 'COMPLETED')
    console.log(
      `PostgreSQL away for 3 s: ${ids.length} calls answered, ${failed.length} failed, ${lost.length} missing in the log`,
    )
    assert.deepEqual(lost.slice(0, 3), [])
    assert.ok(ids.length > 500)
    assert.deepEqual([sluice.pid, sluice.tenantPid()], pids)
  })

  it('it deploys again after that', async () => {
    await deploy(sluice, await echoFlow('Echo', 'again'))
    assert.equal((await caller.call('/http/heavy/Echo', { body: 'x' })).text, 'again x')
  })

  it('a restart brings everything back', async () => {
    const before = await messageStatuses(sluice)
    await sluice.end()
    sluice = await sluice.startAgain()
    caller.close()
    caller = createCaller(sluice.runtimeUrl, sluice)
    assert.equal((await callSample()).status, 200)
    assert.equal((await caller.call('/http/heavy/Echo', { body: 'x' })).text, 'again x')
    const log = await messageStatuses(sluice)
    assert.ok([...before.keys()].every((id) => log.has(id)))
    assert.deepEqual(Object.keys(tally(log.values())), ['COMPLETED'])
  })

  it('a kill -9 of the tenant process loses nothing that was answered', async () => {
    const { ids } = await callDuring(async () => {
      await wait(300)
      const pid = sluice.tenantPid()
      process.kill(pid, 'SIGKILL')
      await until('another tenant process', () => ![0, pid].includes(sluice.tenantPid()))
      await until('it answers', async () => (await callSample()).status === 200)
      await wait(300)
    })
    const log = await messageStatuses(sluice)
    assert.deepEqual(ids.filter((id) => log.get(id) !== 'COMPLETED').slice(0, 3), [])
    assert.ok(ids.length > 0)
  })
})
