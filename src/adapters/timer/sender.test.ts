import assert from 'node:assert/strict'
import { test } from 'node:test'

import { listen } from '../../../test/kit/sender.ts'
import { channel, element, rows } from '../../../test/kit/step.ts'
import type { Exchange } from '../../message/index.ts'
import { timerSender } from './sender.ts'

const scheduleKey = (triggerType: string, schedule1: string) =>
  rows(
    { '0': 'triggerType', '1': triggerType },
    { '0': 'schedule1', '1': schedule1 },
    { '0': 'noOfSchedules', '1': '1' },
  )

test('the schedule says when, and its key names flow and event', async () => {
  const once = await listen(timerSender, {
    properties: { scheduleKey: scheduleKey('simple', 'fireNow=true') },
    context: { channel: channel({ id: 'StartEvent_1' }) },
  })
  assert.deepEqual([once.schedules[0]?.when, once.schedules[0]?.key], [{ kind: 'once' }, 'TestFlow/StartEvent_1'])
  const cron = await listen(timerSender, {
    properties: { scheduleKey: scheduleKey('cron', '0+0/30+5-19+?+*+*+*&trigger.timeZone=Etc/GMT+2') },
  })
  assert.deepEqual(cron.schedules[0]?.when, { kind: 'cron', expression: '0 0/30 5-19 ? * * *', timezone: 'Etc/GMT+2' })
})

test('a tick starts an empty message, and its error is the error of the tick', async () => {
  const delivered: Exchange[] = []
  const { schedules } = await listen(timerSender, {
    properties: { scheduleKey: scheduleKey('simple', 'fireNow=true') },
    async deliver(exchange) {
      delivered.push(exchange)
      if (delivered.length > 1) throw new Error('failed')
      return 'completed'
    },
  })
  const { signal } = new AbortController()
  await schedules[0]?.fire(signal)
  assert.deepEqual([delivered[0]?.body.isEmpty, delivered[0]?.headers.size], [true, 0])
  await assert.rejects(async () => schedules[0]?.fire(signal), /failed/)
})

test('a schedule that cannot be read is refused', async () => {
  for (const given of [scheduleKey('cron', 'every day'), scheduleKey('', ''), '']) {
    await assert.rejects(listen(timerSender, { properties: { scheduleKey: given } }), {
      code: 'languages.scheduleMalformed',
    })
  }
})

test('only timer start events are timers', () => {
  assert.ok(timerSender.answers(element({ tag: 'startEvent', event: 'timer' })))
  assert.ok(!timerSender.answers(element({ tag: 'startEvent', event: 'message' })))
  assert.ok(!timerSender.answers(channel()))
})
