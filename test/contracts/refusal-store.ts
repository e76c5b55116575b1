import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordedRefusal, Refusal, RefusalStore } from '../../src/monitor/index.ts'

/** A refusal, as a test wants it. */
export const refusal = (reference: string, given: Partial<RecordedRefusal> = {}): RecordedRefusal => ({
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
  times: 1,
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

    it('counts a refusal once where nothing is said, and keeps the highest count of a record', async () => {
      const store = await open()
      const { times: _, ...plain } = refusal('R1')
      const once: Refusal = plain
      await store.add([once])
      assert.deepEqual(await store.list({ top: 1 }), [refusal('R1')])
      await store.add([refusal('R1', { times: 40, reason: 'Another.' })])
      await store.add([refusal('R1', { times: 30 }), refusal('R2')])
      assert.deepEqual(await store.list({ top: 5 }), [refusal('R1', { times: 40 }), refusal('R2')])
    })

    it('expires what is older, the oldest first', async () => {
      const store = await open()
      await store.add([4, 2, 1, 3].map((time) => refusal(`R${time}`, { time })))
      const left = async () => (await store.list({ top: 10 })).map(({ reference }) => reference)
      assert.equal(await store.expire(4, 2), 2)
      assert.deepEqual(await left(), ['R4', 'R3'])
      assert.equal(await store.expire(4, 2), 1)
      assert.deepEqual(await left(), ['R4'])
      assert.equal(await store.expire(4, 2), 0)
    })

    it('tells the time of the refusal that has so many newer ones', async () => {
      const store = await open()
      assert.equal(await store.timeOf(0), undefined)
      await store.add([20, 40, 10, 30].map((time) => refusal(`R${time}`, { time })))
      assert.deepEqual([await store.timeOf(0), await store.timeOf(3), await store.timeOf(4)], [40, 10, undefined])
    })
  })
}
