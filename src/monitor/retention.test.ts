import assert from 'node:assert/strict'
import { it } from 'node:test'
import { silentLog } from '../base/index.ts'
import type { MessageLogStore, RefusalStore } from './ports.ts'
import { createRetention } from './retention.ts'

const day = 24 * 3_600_000

it('createRetention deletes in batches until nothing is due', async () => {
  const asked: number[][] = []
  let due = 1_234
  const expire: MessageLogStore['expire'] = async (...given) => {
    asked.push(given)
    const count = Math.min(due, given[2])
    due -= count
    return count
  }
  const refusals: Pick<RefusalStore, 'expire' | 'timeOf'> = {
    expire: async (before) => (before === 70 * day ? 7 : 0),
    timeOf: async () => undefined,
  }
  const given = {
    messages: { expire } as MessageLogStore,
    refusals: refusals as RefusalStore,
    clock: { now: () => 100 * day, monotonic: () => 0 },
    log: silentLog,
  }
  assert.deepEqual(await createRetention(given).run(), { messages: 1_234, refusals: 7 })
  const once = [70 * day, 100 * day, 500]
  assert.deepEqual(asked, [once, once, once])
  await createRetention({ ...given, days: 5 }).run()
  assert.deepEqual(asked.at(-1), [95 * day, 100 * day, 500])

  const job = createRetention(given)
  due = 3
  job.start()
  await job.stop()
  await job.stop()
  assert.equal(due, 3, 'a job that is stopped deletes nothing more')
})

it('createRetention keeps no more refusals than it may, the oldest go first', async () => {
  let times = Array.from({ length: 2_000 }, (_, index) => 90 * day + index)
  const refusals: Pick<RefusalStore, 'expire' | 'timeOf'> = {
    timeOf: async (newer) => times.at(-1 - newer),
    expire: async (before, limit) => {
      const due = times.filter((time) => time < before).slice(0, limit)
      times = times.slice(due.length)
      return due.length
    },
  }
  const given = {
    messages: { expire: async () => 0 } as unknown as MessageLogStore,
    refusals: refusals as RefusalStore,
    clock: { now: () => 100 * day, monotonic: () => 0 },
    log: silentLog,
  }
  assert.deepEqual(await createRetention(given).run(), { messages: 0, refusals: 0 })
  const run = createRetention({ ...given, mostRefusals: 300 }).run
  assert.deepEqual(await run(), { messages: 0, refusals: 1_700 })
  assert.deepEqual([times.length, times[0]], [300, 90 * day + 1_700])
  assert.deepEqual(await run(), { messages: 0, refusals: 0 })
  await createRetention({ ...given, mostRefusals: 300, days: 5 }).run()
  assert.equal(times.length, 0, 'age counts below the ceiling, too')
})
