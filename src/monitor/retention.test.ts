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
  const refusals: RefusalStore['expire'] = async (before) => (before === 70 * day ? 7 : 0)
  const given = {
    messages: { expire } as MessageLogStore,
    refusals: { expire: refusals } as RefusalStore,
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
