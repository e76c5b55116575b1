import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Ended, Work } from '../../flow/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { node, routine, runStep } from '../../../test/kit/step.ts'
import { escalatedWhileHandling } from '../escalation-end/index.ts'
import { processCall } from './process-call.ts'

const called = (work: Work) => ({ routine: (id: string) => routine(id, node('start', work)) })

test('how a local process ended decides how its caller goes on', async () => {
  const cases: readonly [ended: Ended, while_handling: boolean, expected: Ended | undefined][] = [
    ['completed', false, undefined],
    ['handled', false, 'handled'],
    ['terminated', false, 'terminated'],
    ['escalated', false, undefined],
    ['escalated', true, 'escalated'],
  ]
  for (const [ended, handling, expected] of cases) {
    const { next } = await runStep(processCall, {
      properties: { processId: 'Process_2' },
      context: called((exchange) => {
        if (handling) exchange.properties.set(escalatedWhileHandling, 'Others')
        return ended
      }),
    })
    assert.equal(next, expected, `${ended} ${handling}`)
  }
})

test('the local process works on the same message', async () => {
  const { exchange } = await runStep(processCall, {
    properties: { processId: 'Process_2', id: 'CallActivity_1' },
    context: called((message) => {
      message.body = Body.ofText('from below')
    }),
  })
  assert.equal(exchange.body.text(), 'from below')
})

const loop = (given: { maximum: string; condition: string; properties?: Record<string, string>; work?: Work }) => {
  const seen: unknown[] = []
  const work: Work = (exchange) => {
    seen.push(exchange.properties.get('CamelLoopIndex'))
    return given.work?.(exchange, undefined as never)
  }
  const outcome = runStep(processCall, {
    properties: { processId: 'Process_2', ...given.properties },
    element: { subActivity: 'LoopingProcess', loop: given },
    context: called(work),
    exchange: new Exchange({ body: Body.ofText('<go/>') }),
  })
  return outcome.then(({ next }) => ({ next, seen }))
}

test('a loop runs at least once, until its condition is false', async () => {
  assert.deepEqual((await loop({ maximum: '10', condition: '${property.CamelLoopIndex} < 2' })).seen, [0, 1, 2])
  assert.deepEqual((await loop({ maximum: '10', condition: "'a' = 'b'" })).seen, [0])
  assert.deepEqual((await loop({ maximum: '3', condition: '/stop', properties: { expressionType: 'XML' } })).seen, [0])
})

test('at the limit a loop ends or raises, as it is told', async () => {
  const given = { maximum: '3', condition: "'a' = 'a'" }
  assert.deepEqual(await loop(given), { next: undefined, seen: [0, 1, 2] })
  await assert.rejects(loop({ ...given, properties: { postProcessing: 'throwException' } }), {
    code: 'steps.loopLimit',
  })
})

test('a process that handled its error ends the loop and its caller', async () => {
  assert.deepEqual(await loop({ maximum: '5', condition: "'a' = 'a'", work: () => 'handled' }), {
    next: 'handled',
    seen: [0],
  })
})

test('a loop without a good maximum or condition is refused', async () => {
  for (const maximum of ['', '0', 'x', '1.5', '9999999999']) {
    await assert.rejects(loop({ maximum, condition: "'a' = 'a'" }), { code: 'steps.loopMaximumInvalid' }, maximum)
  }
  await assert.rejects(loop({ maximum: '1', condition: ' ' }), { code: 'steps.loopConditionMissing' })
})
