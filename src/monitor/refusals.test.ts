import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../base/index.ts'
import type { Refusal, RefusalStore } from './ports.ts'
import { createRefusalLog } from './refusals.ts'

const refusal = (reference: string): Refusal => ({
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
})

/** A store that can be down. */
function createStore(): RefusalStore & { readonly batches: Refusal[][]; down: boolean } {
  const batches: Refusal[][] = []
  const store = {
    batches,
    down: false,
    add: async (refusals: readonly Refusal[]) => {
      if (store.down) throw new Error('down')
      batches.push([...refusals])
    },
    list: async () => batches.flat(),
    expire: async () => 0,
  }
  return store
}

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
    const log = createRefusalLog({ store, clock: { now: () => 77, monotonic: () => 0 } })
    store.down = true
    for (let n = 0; n < 12_500; n++) log.add(refusal(`R${n}`))
    await log.stop()
    store.down = false
    await log.stop()
    const written = store.batches.flat()
    const note = written.find(({ code }) => code === 'monitor.refusalsDropped')
    assert.match(note?.reason ?? '', /^2500 refusals/)
    assert.equal(note?.time, 77)
    const references = written.filter((kept) => kept !== note).map(({ reference }) => reference)
    assert.deepEqual([references.length, references[0], references.at(-1)], [10_000, 'R2500', 'R12499'])
  })
})
