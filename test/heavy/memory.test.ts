/** Memory is bounded: at rest after a first start, and over many messages. Linux only: it looks at /proc. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { createCaller, until } from '../kit/caller.ts'
import { deploy, residentMemory } from '../kit/deploy.ts'
import { type Backend, echoFlow, forwardFlow, startBackend } from '../kit/flows.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

const warmUp = 20_000
const messages = 100_000
const idleLimit = 300
const growthLimit = 1.2

/** The process and all below it. */
function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  return [pid, ...children.flatMap((child) => family(Number(child)))]
}

describe('memory', () => {
  let sluice: RunningSluice
  let backend: Backend
  after(async () => {
    await sluice?.dispose()
    await backend?.close()
  })

  it(`at rest after a first start: all processes together below ${idleLimit} MB`, async () => {
    sluice = await startSluice({ SLUICE_LOG_LEVEL: 'info' })
    await wait(5_000)
    const each = family(sluice.pid).map(residentMemory)
    const all = each.reduce((sum, one) => sum + one, 0)
    console.log(`idle: ${all.toFixed(0)} MB (${each.map((one) => one.toFixed(0)).join(' + ')})`)
    assert.ok(each.length >= 2)
    assert.ok(all < idleLimit, `${all.toFixed(0)} MB`)
  })

  it(`${messages} messages leave the tenant within ${growthLimit} of where it settled`, async () => {
    backend = await startBackend()
    await deploy(sluice, await echoFlow('Echo', 'echo'), await forwardFlow('Forward', backend.url))
    const caller = createCaller(sluice.runtimeUrl, sluice)
    const body = 'x'.repeat(500)
    let failed = 0
    const send = async (count: number): Promise<void> => {
      let next = 0
      const lane = async (): Promise<void> => {
        while (next < count) {
          const flow = next++ % 4 === 0 ? 'Forward' : 'Echo'
          const { status } = await caller.call(`/http/heavy/${flow}`, { body })
          if (status !== 200) failed++
        }
      }
      await Promise.all(Array.from({ length: 16 }, lane))
    }
    await send(warmUp)
    const settled = await lowest(sluice.tenantPid())
    const sizes = [settled]
    for (let part = 0; part < 4; part++) {
      await send(messages / 4)
      sizes.push(await lowest(sluice.tenantPid()))
    }
    caller.close()
    console.log(
      `tenant after ${warmUp} messages, then each ${messages / 4}: ${sizes.map((size) => size.toFixed(0)).join(', ')} MB`,
    )
    assert.equal(failed, 0)
    assert.ok(
      (sizes.at(-1) ?? 0) < settled * growthLimit,
      `${settled.toFixed(0)} MB became ${sizes.at(-1)?.toFixed(0)} MB`,
    )
  })

  it('and the log has them all', async () => {
    const admin = createCaller(sluice.controlUrl, sluice, { by: 'api key' })
    const count = async () => Number((await admin.call('/api/v1/MessageProcessingLogs/$count')).text)
    await until('the log has all messages', async () => (await count()) === warmUp + messages, 60_000)
    admin.close()
  })
})

/** Resident memory in MB when the log has caught up and garbage had time to be collected: the least of three seconds. */
async function lowest(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let times = 0; times < 6; times++) {
    await wait(500)
    least = Math.min(least, residentMemory(pid))
  }
  return least
}
