import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import type { Clock } from '../base/index.ts'
import { createSealer } from '../keystore/index.ts'
import { createSigningKeys } from './signing-keys.ts'

const day = 86_400_000
const hour = 3_600_000

function world() {
  const store = inMemoryRegistry()
  const sealer = createSealer({ key: Buffer.alloc(32, 1), tenant: 'default' })
  let now = Date.UTC(2026, 0, 1)
  const clock: Clock = { now: () => now, monotonic: () => now }
  return { store, open: () => createSigningKeys({ store, sealer, clock }), later: (by: number) => void (now += by) }
}

describe('the keys that sign tokens', () => {
  it('are made once, by whichever process comes first', async () => {
    const { open, store } = world()
    const many = await Promise.all([open(), open(), open()])
    await Promise.all(many.map((keys) => keys.maintain()))
    assert.equal(store.records().filter(({ kind }) => kind === 'signingKey').length, 1)
    await Promise.all(many.map((keys) => keys.reload()))
    assert.equal(new Set(many.map((keys) => keys.current().kid)).size, 1)
    assert.equal(new Set(many.map((keys) => keys.secret().toString('hex'))).size, 1)
    assert.equal(await many[0]?.maintain(), false)
  })

  it('are published before they sign, and verify until the last token has ended', async () => {
    const { open, later } = world()
    const keys = await open()
    await keys.maintain()
    const old = keys.current().kid
    const next = await keys.rotate()
    const published = () => keys.jwks().keys.map((key) => (key as { kid?: string }).kid)
    assert.deepEqual(published(), [next, old])
    assert.equal(keys.current().kid, old)
    later(hour)
    assert.equal(keys.current().kid, next)
    later(day)
    assert.ok(keys.verificationKey(old), 'a token of 24 hours is still there')
    later(hour)
    assert.equal(keys.verificationKey(old), undefined)
    assert.deepEqual(published(), [next])
    assert.ok(await keys.maintain())
  })

  it('are replaced each 90 days without anybody doing it, by one process alone', async () => {
    const { open, later, store } = world()
    const [one, two] = [await open(), await open()]
    await one.maintain()
    later(89 * day)
    assert.equal(await one.maintain(), false)
    later(day)
    const changed = await Promise.all([one.maintain(), two.maintain()])
    assert.equal(changed.filter(Boolean).length, 1)
    assert.equal(store.records().filter(({ kind }) => kind === 'signingKey').length, 2)
  })

  it('are gone at once where it is urgent', async () => {
    const { open } = world()
    const keys = await open()
    await keys.maintain()
    const old = keys.current().kid
    const next = await keys.rotate(true)
    assert.equal(keys.verificationKey(old), undefined)
    assert.equal(keys.current().kid, next)
  })

  it('are sealed, and only their public half is published', async () => {
    const { open, store } = world()
    const keys = await open()
    await keys.maintain()
    const [jwk] = keys.jwks().keys
    assert.deepEqual(Object.keys(jwk ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    for (const { document } of store.records()) {
      const { sealed, sealedKey } = JSON.parse(document ?? '') as Record<string, string>
      assert.match(sealedKey ?? sealed ?? '', /^s1\./)
    }
  })
})
