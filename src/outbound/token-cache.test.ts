import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'

import { createLastingCache, type Lasting, type LastingCache } from './token-cache.ts'

interface Numbered extends Lasting {
  readonly number: number
}

describe('the cache of what lasts for a while', () => {
  let cache: LastingCache<Numbered>
  let now: number
  let fetched: number
  let life: number
  let fails: boolean
  const clock = { now: () => now, monotonic: () => now }
  const fetch = async (): Promise<Numbered> => {
    fetched += 1
    await turn()
    if (fails) throw new Error('down')
    return { number: fetched, issuedAt: now, expiresAt: now + life }
  }
  const get = async (key = 'k') => (await cache.get(key, fetch, clock)).number

  beforeEach(() => {
    cache = createLastingCache(3)
    now = 1_000_000
    fetched = 0
    life = 1_000_000
    fails = false
  })

  it('asks once, however many wait, and each key for itself', async () => {
    assert.deepEqual(new Set(await Promise.all(Array.from({ length: 500 }, () => get()))), new Set([1]))
    assert.equal(await get('other'), 2)
  })

  it('renews in the last fifth behind the back of those who come, once', async () => {
    await get()
    now += 799_000
    assert.equal(await get(), 1)
    await turn()
    assert.equal(fetched, 1)
    now += 2_000
    assert.deepEqual(await Promise.all([get(), get(), get()]), [1, 1, 1])
    await turn()
    await turn()
    assert.deepEqual([await get(), fetched], [2, 2])
  })

  for (const [seconds, renewedAt] of [
    [120, 61],
    [60, 31],
    [200, 141],
  ] as const)
    it(`renews what lives ${seconds} s after ${renewedAt} s`, async () => {
      life = seconds * 1_000
      await get()
      now += renewedAt * 1_000 - 2_000
      await get()
      await turn()
      assert.equal(fetched, 1)
      now += 2_000
      await get()
      await turn()
      assert.equal(fetched, 2)
    })

  it('gives out nothing that has ended, or ends on the way', async () => {
    await get()
    now += life - 1_000
    assert.equal(await get(), 2)
  })

  it('keeps what it has when renewing fails, and does not try at once again', async () => {
    await get()
    now += 900_000
    fails = true
    for (let i = 0; i < 20; i++) {
      assert.equal(await get(), 1)
      await turn()
      await turn()
    }
    assert.equal(fetched, 2)
    now += 11_000
    await get()
    assert.equal(fetched, 3)
  })

  it('keeps no failure', async () => {
    fails = true
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => get()))
    assert.deepEqual([new Set(all.map(({ status }) => status)), fetched], [new Set(['rejected']), 1])
    fails = false
    assert.equal(await get(), 2)
  })

  it('drops the value that is named, and no newer one', async () => {
    const first = await cache.get('k', fetch, clock)
    cache.drop('k', first)
    assert.equal(await get(), 2)
    cache.drop('k', first)
    assert.equal(await get(), 2)
  })

  it('is bounded: what was used longest ago goes first', async () => {
    for (const key of ['a', 'b', 'c', 'a', 'd']) await get(key)
    assert.equal(fetched, 4)
    await get('a')
    assert.equal(fetched, 4)
    await get('b')
    assert.equal(fetched, 5)
  })
})
