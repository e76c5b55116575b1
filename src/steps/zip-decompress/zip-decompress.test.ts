import assert from 'node:assert/strict'
import { test } from 'node:test'

import { writeZip } from '../../formats/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { runStep } from '../../../test/kit/step.ts'
import { zipDecompress } from './zip-decompress.ts'

const decompress = async (bytes: Buffer) =>
  (await runStep(zipDecompress, { exchange: new Exchange({ body: Body.ofBytes(bytes) }) })).exchange

test('the file becomes the body and gives its name', async () => {
  const exchange = await decompress(await writeZip([['orders.xml', Buffer.from('<orders/>')]]))
  assert.deepEqual([exchange.body.text(), exchange.headers.get('CamelFileName')], ['<orders/>', 'orders.xml'])
})

test('an archive of several files or of none fails, and so does what is no archive', async () => {
  const two = await writeZip([
    ['a', Buffer.from('1')],
    ['b', Buffer.from('2')],
  ])
  await assert.rejects(decompress(two), { code: 'steps.zipNotOneFile', message: /holds 2 files/ })
  await assert.rejects(decompress(await writeZip([])), { code: 'steps.zipNotOneFile' })
  await assert.rejects(decompress(Buffer.from('<no zip/>')), { code: 'formats.zipUnreadable' })
})
