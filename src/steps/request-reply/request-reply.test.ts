import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body } from '../../message/index.ts'
import { element, outletOf, runStep } from '../../../test/kit/step.ts'
import { requestReply } from './request-reply.ts'

test('the answer of the receiver replaces the message', async () => {
  const outlet = outletOf(async (exchange) => {
    exchange.body = Body.ofText('answer')
  })
  const { exchange, next } = await runStep(requestReply, { context: { outlet: () => outlet } })
  assert.deepEqual([exchange.body.text(), next], ['answer', undefined])
})

test('an error of the receiver is the error of the step', async () => {
  const outlet = outletOf(async () => {
    throw new Error('refused')
  })
  await assert.rejects(runStep(requestReply, { context: { outlet: () => outlet } }), /refused/)
})

test('tasks without an activity are request replies, sends are not', () => {
  assert.ok(requestReply.answers(element({ tag: 'serviceTask' })))
  assert.ok(requestReply.answers(element({ tag: 'serviceTask', activity: 'ExternalCall' })))
  assert.ok(!requestReply.answers(element({ tag: 'serviceTask', activity: 'Send' })))
  assert.ok(!requestReply.answers(element({ tag: 'callActivity' })))
})
