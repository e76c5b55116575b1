import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Refusal, RefusalStore } from '../../src/monitor/index.ts'

/** A refusal, as a test wants it. */
export const refusal = (reference: string, given: Partial<Refusal> = {}): Refusal => ({
  reference,
  time: 1_000,
  remoteAddress: '10.0.0.1',
  certificate: undefined,
  method: 'POST',
  endpoint: '/http/orders',
  stage: 'role',
  code: 'inbound.roleMissing',
  reason: 'The role is missing.',
  remedy: 'Give the role.',
  status: 403,
  ...given,
})

/** What every store of refusals must do. */
export function refusalContract(open: () => Promise<RefusalStore>): void {
  describe('RefusalStore', () => {
    it('keeps refusals whole and lists the newest first', async () => {
      const store = await open()
      const certificate = { fingerprint: 'ab', subject: 'CN=é', issuer: 'CN=CA', validTo: '2030' }
      const list = [refusal('R1'), refusal('R2', { time: 3_000, certificate }), refusal('R3', { time: 2_000 })]
      await store.add(list)
      await store.add([])
      assert.deepEqual(await store.list({ top: 10 }), [list[1], list[2], list[0]])
      assert.deepEqual(await store.list({ top: 1 }), [list[1]])
      assert.deepEqual(await store.list({ since: 2_000, top: 10 }), [list[1], list[2]])
      assert.deepEqual(await store.list({ reference: 'R1', top: 10 }), [list[0]])
      assert.deepEqual(await store.list({ reference: 'R9', top: 10 }), [])
    })

    it('takes a refusal again without a second entry, and one with NUL', async () => {
      const store = await open()
      await store.add([refusal('R1', { endpoint: '/http/\0' })])
      await store.add([refusal('R1')])
      const kept = await store.list({ top: 10 })
      assert.deepEqual(
        kept.map(({ endpoint }) => endpoint),
        ['/http/\uFFFD'],
      )
    })

    it('expires what is older', async () => {
      const store = await open()
      await store.add([refusal('R1', { time: 1 }), refusal('R2', { time: 2 }), refusal('R3', { time: 3 })])
      assert.equal(await store.expire(3), 2)
      assert.deepEqual(
        (await store.list({ top: 10 })).map(({ reference }) => reference),
        ['R3'],
      )
    })
  })
}
