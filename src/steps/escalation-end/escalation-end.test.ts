import assert from 'node:assert/strict'
import { test } from 'node:test'

import { runStep, testRun } from '../../../test/kit/step.ts'
import { escalatedWhileHandling, escalationEnd } from './escalation-end.ts'

test('the route ends escalated, and the log names the category', async () => {
  const logged: string[] = []
  const log = { ...testRun().log, property: (name: string, value: string) => void logged.push(`${name}=${value}`) }
  const { next, exchange } = await runStep(escalationEnd, {
    properties: { ErrorCode: 'ReceiverNotFound' },
    run: { log },
  })
  assert.equal(next, 'escalated')
  assert.deepEqual(logged, ['EscalationErrorCode=ReceiverNotFound'])
  assert.ok(!exchange.properties.has(escalatedWhileHandling))
})

test('inside an exception subprocess it leaves a mark for the callers', async () => {
  const { exchange } = await runStep(escalationEnd, { context: { handlesException: true } })
  assert.equal(exchange.properties.get(escalatedWhileHandling), 'Others')
})
