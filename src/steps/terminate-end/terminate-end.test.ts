import assert from 'node:assert/strict'
import { test } from 'node:test'

import { element, runStep } from '../../../test/kit/step.ts'
import { terminateEnd } from './terminate-end.ts'

test('a terminate end event ends the message', async () => {
  assert.equal((await runStep(terminateEnd)).next, 'terminated')
  assert.ok(terminateEnd.answers(element({ tag: 'endEvent', event: 'terminate' })))
})
