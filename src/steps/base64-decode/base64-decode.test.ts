import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { runStep } from '../../../test/kit/step.ts'
import { base64Decode } from './base64-decode.ts'

const decode = async (text: string) =>
  (await runStep(base64Decode, { exchange: new Exchange({ body: Body.ofText(text) }) })).exchange.body.bytes()

test('Base64 becomes bytes, with and without padding and line breaks', async () => {
  assert.deepEqual(await decode('/wA='), Buffer.from([0xff, 0]))
  assert.deepEqual(await decode('/wA'), Buffer.from([0xff, 0]))
  assert.deepEqual(await decode('Z3LD\r\nvG4=\n'), Buffer.from('grün'))
  assert.deepEqual(await decode(''), Buffer.alloc(0))
})

test('what is not Base64 fails', async () => {
  for (const text of ['a*b=', 'abcde', '<xml/>', 'ab=c'])
    await assert.rejects(decode(text), { code: 'steps.base64Invalid' }, text)
})
