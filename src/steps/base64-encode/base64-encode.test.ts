import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { element, runStep } from '../../../test/kit/step.ts'
import { base64Encode } from './base64-encode.ts'

test('the bytes of the body are encoded on one line', async () => {
  for (const [bytes, expected] of [
    [Buffer.from('grün'), 'Z3LDvG4='],
    [Buffer.from([0xff, 0x00]), '/wA='],
    [Buffer.alloc(0), ''],
    [Buffer.alloc(100, 'a'), Buffer.alloc(100, 'a').toString('base64')],
  ] as const) {
    const exchange = new Exchange({ body: Body.ofBytes(bytes) })
    await runStep(base64Encode, { properties: { encoderType: 'Base64 Encode' }, exchange })
    assert.equal(exchange.body.text(), expected)
  }
})

test('other encoders are other steps', () => {
  const encoder = (type: string) => element({ activity: 'Encoder', properties: new Map([['encoderType', type]]) })
  assert.ok(base64Encode.answers(encoder('Base64 Encode')))
  assert.ok(!base64Encode.answers(encoder('ZIP Compress')))
})
