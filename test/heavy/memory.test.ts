/** Memory is bounded: at rest after a first start, and over many messages. Linux only: it looks at /proc. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { createCaller, until } from '../kit/caller.ts'
import { deploy, residentMemory } from '../kit/deploy.ts'
import { type Backend, echoFlow, forwardFlow, startBackend } from '../kit/flows.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

// A heap that is put to work grows for some rounds: its young generations to their limits, the old one to its rhythm.
const round = 25_000
const settledGrowth = 1.03
// As many messages as are measured: a shorter warm-up may fall between two collections of the old generation.
const fewestRounds = 4
const mostRounds = 8
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

  let sent = 0

  it(`${messages} messages leave the tenant within ${growthLimit} of where it settled`, async () => {
    backend = await startBackend()
    await deploy(sluice, await echoFlow('Echo', 'echo'), await forwardFlow('Forward', backend.url))
    const caller = createCaller(sluice.runtimeUrl, sluice)
    const body = 'x'.repeat(500)
    let failed = 0
    /** Returns the resident memory after that many more messages. */
    const sizeAfter = async (count: number): Promise<number> => {
      const end = sent + count
      const lane = async (): Promise<void> => {
        while (sent < end) {
          const flow = sent++ % 4 === 0 ? 'Forward' : 'Echo'
          const { status } = await caller.call(`/http/heavy/${flow}`, { body })
          if (status !== 200) failed++
        }
      }
      await Promise.all(Array.from({ length: 16 }, lane))
      return lowest(sluice.tenantPid())
    }
    const sizes = [await sizeAfter(round)]
    // The largest so far: that one round ended right after a collection says nothing.
    let settled = sizes[0] ?? 0
    let growth = Number.POSITIVE_INFINITY
    while (sizes.length < fewestRounds || (growth >= settledGrowth && sizes.length < mostRounds)) {
      const size = await sizeAfter(round)
      sizes.push(size)
      growth = size / settled
      settled = Math.max(settled, size)
    }
    console.log(`tenant after each ${round} messages: ${sizes.map((size) => size.toFixed(0)).join(', ')} MB`)
    assert.ok(growth < settledGrowth, `still grows after ${mostRounds} rounds: ${sizes.join(', ')} MB`)
    const later = await sizeAfter(messages)
    caller.close()
    console.log(
      `after ${messages} more: ${later.toFixed(0)} MB, ${(later / settled).toFixed(2)} of ${settled.toFixed(0)} MB`,
    )
    assert.equal(failed, 0)
    assert.ok(later < settled * growthLimit, `${settled.toFixed(0)} MB became ${later.toFixed(0)} MB`)
  })

  it('and the log has them all', async () => {
    const admin = createCaller(sluice.controlUrl, sluice, { by: 'api key' })
    const count = async () => Number((await admin.call('/api/v1/MessageProcessingLogs/$count')).text)
    await until('the log has all messages', async () => (await count()) === sent, 60_000)
    admin.close()
  })
})

/** Resident memory in MB when the log has caught up: the least of three seconds. */
async function lowest(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let times = 0; times < 6; times++) {
    await wait(500)
    least = Math.min(least, residentMemory(pid))
  }
  return least
}
