import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'

import * as fc from 'fast-check'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from './seal.ts'
import { sealedRecords } from './sealed-records.ts'
import { verifySeals } from './verify-seals.ts'

const tenant = 'default'
const sealer = createSealer({ keys: [randomBytes(32), randomBytes(32)], tenant })

const flipped = (text: string, bit: number): string => {
  const bytes = Buffer.from(text, 'latin1')
  const at = Math.floor(bit / 8) % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8))
  return bytes.toString('latin1')
}

describe('sealing', () => {
  it('finds every single bit that is flipped in a sealed text', () => {
    const sealed = sealer.seal(Buffer.from('a secret!'), 'place')
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      assert.throws(() => sealer.open(flipped(sealed, bit), 'place'), { code: 'keystore.sealBroken' }, `bit ${bit}`)
    }
  })

  it('gives back any bytes in any context, and nowhere else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.string(), (plain, context, other) => {
        const sealed = sealer.seal(plain, context)
        assert.deepEqual(sealer.open(sealed, context), Buffer.from(plain))
        if (other !== context) assert.throws(() => sealer.open(sealed, other), { code: 'keystore.sealBroken' })
      }),
    )
  })

  it('opens what any key of the ring sealed, and seals with the first', () => {
    const [one, two, three] = [randomBytes(32), randomBytes(32), randomBytes(32)]
    const old = createSealer({ key: one, tenant }).seal(Buffer.from('old'), 'place')
    const ring = createSealer({ keys: [two, one], tenant })
    assert.equal(ring.open(old, 'place').toString(), 'old')
    const fresh = ring.seal(Buffer.from('new'), 'place')
    assert.throws(() => createSealer({ key: one, tenant }).open(fresh, 'place'), { code: 'keystore.sealBroken' })
    ring.changeKeys([three, two])
    assert.equal(ring.open(fresh, 'place').toString(), 'new')
    assert.throws(() => ring.open(old, 'place'), { code: 'keystore.sealBroken' })
    assert.throws(() => ring.changeKeys([]), RangeError)
    assert.throws(() => ring.changeKeys([two, Buffer.alloc(16)]), RangeError)
  })
})

describe('verifySeals', () => {
  /** What material was sealed with before there were records. */
  const old = (id: string) => JSON.stringify(['material', 'UserCredential', id])

  /** Three records, one of them with two values in depth; a text that only looks sealed is none. */
  const filled = async () => {
    const store = inMemoryRegistry()
    const seal = (id: string) => sealer.seal(Buffer.from('x'), JSON.stringify(['secrets', 'material', id]))
    const record = (id: string, document: object) => ({
      kind: 'material',
      id,
      document: JSON.stringify(document),
    })
    await store.write(0, [
      record('a', { sealed: seal('a') }),
      record('b', { description: seal('elsewhere'), history: [{ sealedKey: seal('b') }, { sealedKey: seal('b') }] }),
      record('c', { type: 'UserCredential', sealed: sealer.seal(Buffer.from('x'), old('c')), sealContext: old('c') }),
    ])
    return store
  }

  it('opens every value once', async () => {
    const values = [sealedRecords('secrets', await filled())]
    assert.deepEqual(await verifySeals({ values, sealer }), { opened: 4, broken: [] })
  })

  it('names the record of any flipped bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom('a', 'b', 'c'), async (bit, id) => {
        const store = await filled()
        const { document = '' } = store.records().find((record) => record.id === id) ?? {}
        const [sealed = ''] = /(?<="sealed(?:Key)?":")[^"]+/.exec(document) ?? []
        const broken = JSON.stringify(flipped(sealed, bit)).slice(1, -1)
        await store.write(1, [{ kind: 'material', id, document: document.replace(sealed, () => broken) }])
        const report = await verifySeals({ values: [sealedRecords('secrets', store)], sealer })
        assert.deepEqual(
          { ...report, broken: report.broken.map((each) => ({ store: each.store, kind: each.kind, id: each.id })) },
          { opened: 3, broken: [{ store: 'secrets', kind: 'material', id }] },
        )
      }),
      { numRuns: 200 },
    )
  })

  it('names a record that has the value and the context of another', async () => {
    const store = await filled()
    const document = JSON.stringify({
      type: 'UserCredential',
      sealed: sealer.seal(Buffer.from('x'), old('c')),
      sealContext: old('c'),
    })
    await store.write(1, [{ kind: 'material', id: 'a', document }])
    const { broken } = await verifySeals({ values: [sealedRecords('secrets', store)], sealer })
    assert.deepEqual(
      broken.map(({ id }) => id),
      ['a'],
    )
  })

  it('names a record that is no JSON', async () => {
    const store = await filled()
    await store.write(1, [{ kind: 'material', id: 'a', document: '{"sealed":"' }])
    const { broken } = await verifySeals({ values: [sealedRecords('secrets', store)], sealer })
    assert.deepEqual(
      broken.map(({ id }) => id),
      ['a'],
    )
  })
})
