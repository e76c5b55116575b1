import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inMemoryAuditStore } from '../../test/kit/audit-store.ts'
import { createAudit } from './audit.ts'
import { createLogonLog } from './logons.ts'

function setUp() {
  const clock = { time: 0, now: () => clock.time, monotonic: () => clock.time }
  const audit = createAudit({ store: inMemoryAuditStore(), keys: [Buffer.alloc(32)], clock })
  return { clock, audit, logons: createLogonLog({ audit, clock }) }
}

it('records the first of equal attempts, and how many more there were', async () => {
  const { clock, audit, logons } = setUp()
  const logon = { user: 'ann', source: '10.0.0.1', method: 'password' }
  for (let count = 0; count < 1_205; count++) {
    clock.time += 10
    logons.failed(logon, 'wrong password')
  }
  clock.time += 60_000
  logons.failed(logon, 'wrong password')
  logons.succeeded(logon)
  const events = (await audit.list({}, { top: 100 })).toReversed()
  assert.deepEqual(
    events.map(({ action, attributes }) => [action, attributes['heldBack']]),
    [
      ['Refuse', undefined],
      ['Refuse', '10'],
      ['Refuse', '100'],
      ['Refuse', '1000'],
      ['Refuse', '1204'],
      ['Logon', undefined],
    ],
  )
  assert.deepEqual(
    [events[0]?.user, events[0]?.source, events[0]?.via, events[0]?.attributes],
    ['ann', '10.0.0.1', 'api', { method: 'password', reason: 'wrong password' }],
  )
})

it('cannot be flooded by many callers, and forgets them', async () => {
  const { clock, audit, logons } = setUp()
  const attempt = (index: number) =>
    logons.failed({ user: undefined, source: `10.0.${index}`, method: 'bearer' }, 'unknown')
  for (let index = 0; index < 20_000; index++) attempt(index)
  assert.equal(await audit.count({}), 1_000 + 5)
  clock.time += 60_000
  for (let index = 0; index < 10; index++) attempt(index)
  assert.equal(await audit.count({}), 1_000 + 5 + 10)
})
