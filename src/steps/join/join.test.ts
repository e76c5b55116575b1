import assert from 'node:assert/strict'
import { test } from 'node:test'

import { element, node, outgoingTo, runStep } from '../../../test/kit/step.ts'
import { join } from './join.ts'

test('a message that is no branch passes through', async () => {
  const behind = node('behind')
  assert.equal((await runStep(join, { context: { outgoing: [outgoingTo(behind)] } })).next, behind)
  assert.equal((await runStep(join)).next, 'completed')
})

test('only the activity Join is a join', () => {
  assert.ok(join.answers(element({ tag: 'parallelGateway', activity: 'Join', subActivity: 'parallel' })))
  assert.ok(!join.answers(element({ tag: 'parallelGateway', activity: 'Multicast', subActivity: 'parallel' })))
})
