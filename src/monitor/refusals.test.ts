import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../base/index.ts'
import type { RecordedRefusal, Refusal, RefusalStore } from './ports.ts'
import { createRefusalLog } from './refusals.ts'

const refusal = (reference: string, given: Partial<Refusal> = {}): Refusal => ({
  reference,
  time: 1,
  remoteAddress: '',
  certificate: undefined,
  method: 'GET',
  endpoint: '/',
  stage: 'role',
  code: 'c',
  reason: 'r',
  remedy: 'm',
  status: 403,
  ...given,
})

/** A store that can be down; records by reference as a store keeps them. */
function createStore() {
  const batches: RecordedRefusal[][] = []
  const records = new Map<string, RecordedRefusal>()
  const store = {
    batches,
    records,
    down: false,
    add: async (refusals: readonly (Refusal & { readonly times?: number })[]) => {
      // As with a real store, others get their turn before it is done.
      await new Promise((resolve) => setImmediate(resolve))
      if (store.down) throw new Error('down')
      const rows = refusals.map((given) => ({ ...given, times: given.times ?? 1 }))
      batches.push(rows)
      for (const row of rows) {
        const times = Math.max(row.times, records.get(row.reference)?.times ?? 0)
        records.set(row.reference, { ...row, times })
      }
    },
    list: async () => [...records.values()],
    timeOf: async () => undefined,
    expire: async () => 0,
  } satisfies RefusalStore & Record<string, unknown>
  return store
}

/** A clock that a test moves. */
function createClock() {
  const clock = { time: 77, now: () => clock.time, monotonic: () => clock.time }
  return clock
}

const total = (records: Iterable<RecordedRefusal>): number => [...records].reduce((sum, { times }) => sum + times, 0)

describe('createRefusalLog', () => {
  it('writes in one batch within half a second', async () => {
    const store = createStore()
    const log = createRefusalLog({ store, clock: systemClock })
    for (let n = 0; n < 5; n++) log.add(refusal(`R${n}`))
    assert.equal(store.batches.length, 0)
    await sleep(600)
    assert.deepEqual(
      store.batches.map((batch) => batch.length),
      [5],
    )
  })

  it('lists what was just added and writes what is left when it stops', async () => {
    const store = createStore()
    const log = createRefusalLog({ store, clock: systemClock })
    log.add(refusal('R1'))
    assert.deepEqual(
      (await log.list({ top: 5 })).map(({ reference }) => reference),
      ['R1'],
    )
    log.add(refusal('R2'))
    await log.stop()
    assert.equal(store.batches.flat().length, 2)
  })

  it('keeps what cannot be written and tries again', async () => {
    const store = createStore()
    const log = createRefusalLog({ store, clock: systemClock })
    store.down = true
    log.add(refusal('R1'))
    await log.stop()
    store.down = false
    log.add(refusal('R2'))
    await sleep(600)
    assert.deepEqual(
      store.batches.flat().map(({ reference }) => reference),
      ['R1', 'R2'],
    )
  })

  it('drops the oldest when there are too many, and says how many', async () => {
    const store = createStore()
    const clock = createClock()
    const log = createRefusalLog({ store, clock })
    store.down = true
    for (let n = 0; n < 12_500; n++) {
      // Slow enough for each to have a record of its own.
      clock.time += 60
      log.add(refusal(`R${n}`))
    }
    await log.stop()
    store.down = false
    await log.stop()
    const written = [...store.records.values()]
    const note = written.find(({ code }) => code === 'monitor.refusalsDropped')
    assert.match(note?.reason ?? '', /^2500 refusals/)
    assert.deepEqual([note?.time, note?.times], [clock.time, 2_500])
    const references = written.filter((kept) => kept !== note).map(({ reference }) => reference)
    assert.deepEqual([references.length, references[0], references.at(-1)], [10_000, 'R2500', 'R12499'])
  })

  it('merges a flood into counted records and loses none', async () => {
    const store = createStore()
    const clock = createClock()
    const log = createRefusalLog({ store, clock })
    for (let n = 0; n < 50_000; n++) log.add(refusal(`R${n}`, { remoteAddress: '10.6.6.6' }))
    log.add(refusal('partner', { remoteAddress: '10.1.1.1' }))
    for (let n = 0; n < 500; n++) log.add(refusal(`S${n}`, { remoteAddress: '10.6.6.6', code: 'other' }))
    await log.stop()
    assert.equal(total(store.records.values()), 50_501)
    assert.equal(store.records.size, 1_003)
    assert.deepEqual([store.records.get('R1000')?.times, store.records.get('S0')?.times], [49_000, 500])
    assert.equal(store.records.get('partner')?.times, 1, 'what stands alone is seen beside the flood')
  })

  it('goes on counting what is written already, and begins anew after a minute', async () => {
    const store = createStore()
    const clock = createClock()
    const log = createRefusalLog({ store, clock })
    const flood = (name: string, count: number): void => {
      for (let n = 0; n < count; n++) log.add(refusal(`${name}${n}`))
    }
    flood('A', 1_100)
    await log.stop()
    assert.equal(store.records.get('A1000')?.times, 100)
    flood('B', 50)
    const running = log.stop()
    // Counted while the record is on its way to the store.
    await Promise.resolve()
    flood('C', 7)
    await running
    await log.stop()
    assert.equal(store.records.get('A1000')?.times, 157)
    clock.time += 60_000
    flood('D', 1_010)
    await log.stop()
    assert.deepEqual([store.records.get('A1000')?.times, store.records.get('D1000')?.times], [157, 10])
    assert.equal(total(store.records.values()), 1_100 + 57 + 1_010)
  })

  it('gives single records again as the bucket fills', async () => {
    const store = createStore()
    const clock = createClock()
    const log = createRefusalLog({ store, clock })
    for (let n = 0; n < 1_001; n++) log.add(refusal(`A${n}`))
    clock.time += 6_000
    for (let n = 0; n < 150; n++) log.add(refusal(`B${n}`))
    await log.stop()
    assert.equal(store.records.size, 1_001 + 100)
    assert.equal(store.records.get('A1000')?.times, 51)
  })

  it('costs a few thousand records a minute, from however many addresses a flood comes', async () => {
    const store = createStore()
    const clock = createClock()
    const log = createRefusalLog({ store, clock })
    for (let n = 0; n < 59_000; n++) {
      clock.time += 1
      log.add(refusal(`R${n}`, { remoteAddress: `10.0.${n >> 8}.${n & 255}`, code: n % 2 ? 'odd' : 'even' }))
      if (n % 7_000 === 0) await log.list({ top: 1 })
    }
    await log.stop()
    assert.equal(total(store.records.values()), 59_000)
    assert.ok(store.records.size <= 3_002, String(store.records.size))
    const others = [...store.records.values()].filter(({ times }) => times > 1)
    assert.deepEqual(
      new Set(others.map(({ code, remoteAddress }) => `${code} ${remoteAddress}`)),
      new Set(['even ', 'odd ']),
    )
    assert.equal(others.length, 2)
  })

  it('counts what could not be written once the store is there again', async () => {
    const store = createStore()
    const log = createRefusalLog({ store, clock: createClock() })
    store.down = true
    for (let n = 0; n < 5_000; n++) log.add(refusal(`R${n}`))
    await log.stop()
    for (let n = 5_000; n < 6_000; n++) log.add(refusal(`R${n}`))
    store.down = false
    await log.stop()
    assert.equal(total(store.records.values()), 6_000)
    assert.equal(store.records.get('R1000')?.times, 5_000)
  })
})
