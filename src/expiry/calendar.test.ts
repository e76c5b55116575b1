import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createExpiryCalendar, type Expiring, keystoreSource, pgpSource, soonestByKind } from './index.ts'

const day = 86_400_000
const now = Date.UTC(2026, 0, 1)
const clock = { now: () => now, monotonic: () => 0 }
const item = (id: string, until: number, kind: Expiring['kind'] = 'certificate'): Expiring => ({
  kind,
  id,
  name: id,
  until,
  where: 'here',
  renewable: false,
})

describe('the calendar', () => {
  it('shows what ends first before all others, of all sources', async () => {
    const sources = [() => [item('b', now + 2 * day)], async () => [item('a', now + day), item('c', now + 3 * day)]]
    const entries = await createExpiryCalendar({ sources, clock }).entries()
    assert.deepEqual(
      entries.map(({ id }) => id),
      ['a', 'b', 'c'],
    )
  })

  for (const [what, until, state, daysLeft] of [
    ['long before', now + 31 * day, 'Valid', 31],
    ['a moment before the threshold', now + 30 * day + 1, 'Valid', 30],
    ['at the threshold', now + 30 * day, 'Critical', 30],
    ['on the last day', now + 1, 'Critical', 0],
    ['at the end', now, 'Expired', 0],
    ['afterwards', now - 1, 'Expired', -1],
  ] as const) {
    it(`${what}: ${state}`, async () => {
      const [entry] = await createExpiryCalendar({ sources: [() => [item('x', until)]], clock }).entries()
      assert.deepEqual([entry?.state, entry?.daysLeft], [state, daysLeft])
    })
  }

  it('gives metrics the least days of each kind', async () => {
    const sources = [() => [item('a', now + 5 * day), item('b', now + 3 * day), item('c', now - day, 'key pair')]]
    const soonest = soonestByKind(await createExpiryCalendar({ sources, clock }).entries())
    assert.deepEqual(
      [...soonest],
      [
        ['key pair', -1],
        ['certificate', 3],
      ],
    )
  })
})

describe('sources', () => {
  const entry = { owner: 'tenant', subject: 'CN=x', validTo: now } as const

  it('tell server certificates, key pairs and certificates of the keystore apart', async () => {
    const list = async () => [
      { ...entry, alias: 'server', type: 'keypair' },
      { ...entry, alias: 'pair', type: 'keypair' },
      { ...entry, alias: 'theirs', type: 'certificate' },
      { ...entry, alias: 'made', type: 'keypair', owner: 'system' },
    ]
    const found = await keystoreSource({ list } as unknown as Parameters<typeof keystoreSource>[0], ['server'])()
    assert.deepEqual(
      found.map(({ kind, id, renewable }) => [kind, id, renewable]),
      [
        ['server certificate', 'server', true],
        ['key pair', 'pair', false],
        ['certificate', 'theirs', false],
        ['key pair', 'made', true],
      ],
    )
  })

  it('leave out PGP keys without an end, and revoked ones', async () => {
    const key = { keyId: 'A', primaryUserId: 'ann', validUntil: now, revoked: false }
    const keys = [key, { ...key, keyId: 'B', validUntil: null }, { ...key, keyId: 'C', revoked: true }]
    const list = (type: string) => (type === 'public' ? keys : [key])
    const found = await pgpSource({ list } as unknown as Parameters<typeof pgpSource>[0])()
    assert.deepEqual(
      found.map(({ kind, id }) => `${kind} ${id}`),
      ['PGP public key A', 'PGP secret key A'],
    )
  })
})
