import assert from 'node:assert/strict'
import { test } from 'node:test'

import { caught, runStep } from '../../../test/kit/step.ts'
import { errorEnd } from './error-end.ts'

const original = new Error('the original error')

test('inside an exception subprocess the error being handled goes on', async () => {
  const outcome = runStep(errorEnd, { context: { handlesException: true }, run: { exception: caught(original) } })
  await assert.rejects(outcome, (error) => error === original)
})

test('elsewhere the event raises an error of its own', async () => {
  for (const run of [{}, { exception: caught(original) }]) {
    await assert.rejects(runStep(errorEnd, { element: { name: 'Give up' }, run }), {
      code: 'steps.errorEnd',
      message: /'Give up'/,
    })
  }
})
