import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from './seal.ts'
import { sealedRecords } from './sealed-records.ts'
import { standingKey } from './standing-key.ts'

it('a key for a purpose is drawn once, whoever asks, and is found by who seals anew', async () => {
  const store = inMemoryRegistry()
  const [old, next] = [randomBytes(32), randomBytes(32)]
  const sealer = createSealer({ key: old, tenant: 'default' })
  const asked = Array.from({ length: 3 }, () => standingKey({ store, sealer, purpose: 'audit' }))
  const keys = new Set((await Promise.all(asked)).map((key) => key.toString('hex')))
  assert.equal(keys.size, 1)
  const other = await standingKey({ store, sealer, purpose: 'other' })
  assert.equal(keys.has(other.toString('hex')), false)

  const values = sealedRecords('keystore', store)
  sealer.changeKeys([next, old])
  for await (const page of values.pages('')) {
    const changes = page.map((value) => {
      assert.ok(value.context)
      return { value, next: sealer.seal(sealer.open(value.sealed, value.context), value.context) }
    })
    assert.equal(await values.replace(changes), 2)
  }
  sealer.changeKeys([next])
  assert.equal(keys.has((await standingKey({ store, sealer, purpose: 'audit' })).toString('hex')), true)
})
