import assert from 'node:assert/strict'
import { test } from 'node:test'

import { nextTick, readSchedule } from './schedule.ts'

const rows = (triggerType: string, schedule1: string, ...more: readonly (readonly [string, string])[]) =>
  [['noOfSchedules', '1'], ['triggerType', triggerType], ['schedule1', schedule1], ...more].map(([key, value]) => ({
    '0': key ?? '',
    '1': value ?? '',
  }))

test('a timer that runs once', () => {
  assert.deepEqual(readSchedule(rows('simple', 'fireNow=true')), { kind: 'once' })
  assert.deepEqual(readSchedule(rows('cron', 'simple.repeat=NONE&trigger.timeZone=Etc/GMT')), { kind: 'once' })
  assert.equal(nextTick({ kind: 'once' }, 0), undefined)
})

test('the zone is split off before the fields, because both hold a plus', () => {
  assert.deepEqual(readSchedule(rows('cron', '0+0+17+?+*+*+*&trigger.timeZone=Etc/GMT+2')), {
    kind: 'cron',
    expression: '0 0 17 ? * * *',
    timezone: 'Etc/GMT+2',
  })
})

test('fields that only the editor of the original needs do not count', () => {
  const schedule = readSchedule(rows('cron', '0+0+9+?+*+MON+*', ['dateType', 'DAILY'], ['toInterval', '20']))
  assert.deepEqual(schedule, { kind: 'cron', expression: '0 0 9 ? * MON *', timezone: 'Etc/GMT' })
})

/** Zone, expression, start, and the instants that follow. */
const ticks: readonly (readonly [zone: string, expression: string, after: string, ...next: string[]])[] = [
  [
    'UTC',
    '0 0/30 5-6 ? * * *',
    '2025-01-01T05:29:59Z',
    '2025-01-01T05:30:00Z',
    '2025-01-01T06:00:00Z',
    '2025-01-01T06:30:00Z',
    '2025-01-02T05:00:00Z',
  ],
  ['UTC', '0 3/10 * ? * * *', '2025-01-01T00:00:00Z', '2025-01-01T00:03:00Z', '2025-01-01T00:13:00Z'],
  ['UTC', '0 53/10 * ? * * *', '2025-01-01T00:00:00Z', '2025-01-01T00:53:00Z', '2025-01-01T01:53:00Z'],
  ['UTC', '* * * ? * * *', '2025-01-01T00:00:00.500Z', '2025-01-01T00:00:01Z', '2025-01-01T00:00:02Z'],
  ['UTC', '0/30 * 0-23 ? * * *', '2025-01-01T00:00:01Z', '2025-01-01T00:00:30Z', '2025-01-01T00:01:00Z'],
  [
    'UTC',
    '0 0 22-2 ? * * *',
    '2025-01-01T22:30:00Z',
    '2025-01-01T23:00:00Z',
    '2025-01-02T00:00:00Z',
    '2025-01-02T01:00:00Z',
    '2025-01-02T02:00:00Z',
    '2025-01-02T22:00:00Z',
  ],
  ['UTC', '0 0 12 ? * 1 *', '2025-01-01T00:00:00Z', '2025-01-05T12:00:00Z'],
  ['UTC', '0 0 12 ? * 7 *', '2025-01-01T00:00:00Z', '2025-01-04T12:00:00Z'],
  ['UTC', '0 0 12 ? * 2-6 *', '2025-01-03T13:00:00Z', '2025-01-06T12:00:00Z'],
  [
    'UTC',
    '0 0 12 ? * FRI-MON *',
    '2025-01-02T00:00:00Z',
    '2025-01-03T12:00:00Z',
    '2025-01-04T12:00:00Z',
    '2025-01-05T12:00:00Z',
    '2025-01-06T12:00:00Z',
    '2025-01-10T12:00:00Z',
  ],
  ['UTC', '0 0 12 ? * L *', '2025-01-01T00:00:00Z', '2025-01-04T12:00:00Z'],
  ['UTC', '0 0 12 ? * 6L *', '2025-01-01T00:00:00Z', '2025-01-31T12:00:00Z', '2025-02-28T12:00:00Z'],
  ['UTC', '0 0 12 ? * FRI#3 *', '2025-01-01T00:00:00Z', '2025-01-17T12:00:00Z'],
  ['UTC', '0 0 12 ? * 2#1 *', '2025-01-01T00:00:00Z', '2025-01-06T12:00:00Z'],
  ['UTC', '0 0 12 L * ? *', '2024-02-01T00:00:00Z', '2024-02-29T12:00:00Z', '2024-03-31T12:00:00Z'],
  ['UTC', '0 0 12 LW * ? *', '2025-05-30T13:00:00Z', '2025-06-30T12:00:00Z'],
  ['UTC', '0 0 12 15W * ? *', '2025-02-01T00:00:00Z', '2025-02-14T12:00:00Z'],
  ['UTC', '0 0 12 1W * ? *', '2025-02-01T00:00:00Z', '2025-02-03T12:00:00Z'],
  ['UTC', '0 0 0 29 FEB ? *', '2025-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  [
    'UTC',
    '0 0 0 1 JAN,jul ? 2026-2027',
    '2025-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z',
    '2026-07-01T00:00:00Z',
    '2027-01-01T00:00:00Z',
    '2027-07-01T00:00:00Z',
    'never',
  ],
  ['UTC', '0 0 0 1 1 ?', '2025-06-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ['UTC', '0 0/1 0-23 19 6 ? 2017', '2025-01-01T00:00:00Z', 'never'],
  ['UTC', '0 0/1 0-23 19 6 ? 2017', '2017-06-19T23:58:30Z', '2017-06-19T23:59:00Z', 'never'],
  ['UTC', '0 0 0 30 2 ? *', '2025-01-01T00:00:00Z', 'never'],
  ['Etc/GMT+2', '0 0 17 ? * * *', '2025-01-01T00:00:00Z', '2025-01-01T19:00:00Z'],
  ['IST', '0 26 23 ? * * *', '2025-01-01T00:00:00Z', '2025-01-01T17:56:00Z'],
  ['Asia/Calcutta', '0 30 14 ? * MON *', '2025-01-01T00:00:00Z', '2025-01-06T09:00:00Z'],
  ['CST', '0 0 10 ? * * *', '2025-01-01T00:00:00Z', '2025-01-01T16:00:00Z'],
  ['CST', '0 0 10 ? * * *', '2025-07-01T00:00:00Z', '2025-07-01T15:00:00Z'],
  ['GMT+05:30', '0 0 10 ? * * *', '2025-07-01T00:00:00Z', '2025-07-01T04:30:00Z'],
  // Clocks go forward: 2:00 to 3:00 on 30 March 2025, and back: 3:00 to 2:00 on 26 October 2025.
  ['Europe/Berlin', '0 0 3 ? * * *', '2025-03-29T12:00:00Z', '2025-03-30T01:00:00Z', '2025-03-31T01:00:00Z'],
  ['Europe/Berlin', '0 30 2 ? * * *', '2025-03-29T12:00:00Z', '2025-03-30T01:00:00Z', '2025-03-31T00:30:00Z'],
  ['Europe/Berlin', '0 0/30 * ? * * *', '2025-03-30T00:30:00Z', '2025-03-30T01:00:00Z', '2025-03-30T01:30:00Z'],
  ['Europe/Berlin', '0 30 2 ? * * *', '2025-10-25T12:00:00Z', '2025-10-26T00:30:00Z', '2025-10-27T01:30:00Z'],
  [
    'Europe/Berlin',
    '0 0/30 * ? * * *',
    '2025-10-26T00:00:00Z',
    '2025-10-26T00:30:00Z',
    '2025-10-26T01:00:00Z',
    '2025-10-26T01:30:00Z',
    '2025-10-26T02:00:00Z',
  ],
]

for (const [timezone, expression, after, ...expected] of ticks)
  test(`${expression} in ${timezone} after ${after}`, () => {
    let at = Date.parse(after)
    for (const next of expected) {
      const tick = nextTick({ kind: 'cron', expression, timezone }, at)
      assert.equal(
        tick === undefined ? 'never' : new Date(tick).toISOString(),
        next === 'never' ? next : new Date(next).toISOString(),
      )
      at = tick ?? at
    }
  })

const refused: readonly (readonly [triggerType: string, schedule1: string, why: RegExp])[] = [
  ['', '', /trigger type is ''/],
  ['simple', 'fireNow=false', /fireNow=true/],
  ['cron', '', /1 fields|0 fields/],
  ['cron', '0+0+17&trigger.timeZone=UTC', /3 fields/],
  ['cron', '0+0+17+?+*+*+*&trigger.timeZone=Mars/Base', /zone 'Mars\/Base'/],
  ['cron', '60+0+17+?+*+*+*', /second '60'.*0 to 59/],
  ['cron', '0+0+24+?+*+*+*', /hour '24'/],
  ['cron', '0+0+0+?+*+0+*', /day of week '0'/],
  ['cron', '0+0+0+?+*+8+*', /day of week '8'/],
  ['cron', '0+0+0+?+*+MUN+*', /day of week 'MUN'/],
  ['cron', '0+0+0+1+*+MON+*', /cannot both be given/],
  ['cron', '0+?+0+?+*+*+*', /minute '\?'/],
  ['cron', '0+0/0+0+?+*+*+*', /a step is 1 or more/],
  ['cron', '0+0+0+L-3+*+?+*', /not supported/],
  ['cron', '0+0+0+32W+*+?+*', /between 1 and 31/],
  ['cron', '0+0+0+1+*+?+2027-2025', /ends before it begins/],
  ['cron', '0+0+0+1+13+?+*', /month '13'/],
]

for (const [triggerType, schedule1, why] of refused)
  test(`the schedule '${schedule1}' of type '${triggerType}' is refused`, () => {
    assert.throws(() => readSchedule(rows(triggerType, schedule1)), {
      code: 'languages.scheduleMalformed',
      message: why,
    })
  })

test('more than one schedule is refused, not cut', () => {
  assert.throws(() => readSchedule(rows('simple', 'fireNow=true', ['schedule2', 'fireNow=true'])), {
    code: 'languages.scheduleMalformed',
  })
})
