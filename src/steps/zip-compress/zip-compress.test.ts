import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readZip } from '../../formats/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { runStep } from '../../../test/kit/step.ts'
import { zipCompress } from './zip-compress.ts'

const compress = async (name?: string) =>
  (
    await runStep(zipCompress, {
      exchange: new Exchange({
        body: Body.ofText('content'),
        headers: name === undefined ? [] : [['CamelFileName', name]],
      }),
    })
  ).exchange

test('the body is the one file, under the name of the header without folders', async () => {
  const cases: readonly [given: string | undefined, file: string][] = [
    ['orders.xml', 'orders.xml'],
    ['in/a b.txt', 'a b.txt'],
    ['..\\..\\evil', 'evil'],
    ['folder/..', 'AGtestMessage'],
    [undefined, 'AGtestMessage'],
  ]
  for (const [given, file] of cases) {
    const exchange = await compress(given)
    const files = await readZip(exchange.body.bytes())
    assert.deepEqual(
      [[...files].map(([path, content]) => [path, String(content)]), exchange.headers.get('CamelFileName')],
      [[[file, 'content']], `${file}.zip`],
      given,
    )
  }
})
