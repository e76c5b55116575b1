import assert from 'node:assert/strict'
import { test } from 'node:test'

import { type Attachment, Body, Exchange } from '../../message/index.ts'
import { PropertiesRefused, runStep } from '../../../test/kit/step.ts'
import { mimeMultipartDecode } from '../mime-multipart-decode/index.ts'
import { mimeMultipartEncode } from './mime-multipart-encode.ts'

const attachment: Attachment = {
  name: 'grün.bin',
  contentType: 'application/octet-stream',
  body: Body.ofBytes(Buffer.from([0xff, 0, 0x0a])),
  headers: new Map([
    ['X-Note', 'n'],
    ['Content-Type', 'old/type'],
  ]),
}
const message = () =>
  new Exchange({
    body: Body.ofText('<a>ü</a>'),
    headers: [
      ['Content-Type', 'application/xml'],
      ['Order', '7\r\nInjected: 1'],
    ],
    attachments: [[attachment.name, attachment]],
  })

const encode = async (properties: Record<string, string>, exchange = message()) =>
  (await runStep(mimeMultipartEncode, { properties, exchange })).exchange

test('the decoder finds what the encoder wrote', async () => {
  for (const inline of ['false', 'true']) {
    const exchange = await encode({ MultipartAddHeadersInline: inline, MultipartSubtype: 'Related' })
    assert.equal(exchange.attachments.size, 0)
    if (inline === 'false') assert.match(exchange.headers.text('Content-Type') ?? '', /^multipart\/related; boundary=/)
    await runStep(mimeMultipartDecode, { properties: { MultipartHeadersInline: inline }, exchange })
    const found = exchange.attachments.get('grün.bin')
    assert.deepEqual(
      [exchange.body.text(), exchange.headers.text('Content-Type'), found?.contentType, found?.headers.get('X-Note')],
      ['<a>ü</a>', 'application/xml', 'application/octet-stream', 'n'],
    )
    assert.deepEqual(found?.body.bytes(), attachment.body.bytes())
  }
})

test('headers named go into the body, and cannot smuggle in others', async () => {
  const { body } = await encode({ MultipartAddHeadersInline: 'true', IncludeHeaders: 'ord.*|none' })
  assert.match(
    body.text(),
    /^MIME-Version: 1\.0\r\nContent-Type: multipart\/mixed; [^\r]+\r\nOrder: 7 Injected: 1\r\n\r\n--/,
  )
})

test('a message without attachments stays as it is', async () => {
  const exchange = await encode({}, new Exchange({ body: Body.ofText('x') }))
  assert.deepEqual([exchange.body.text(), exchange.headers.size], ['x', 0])
})

test('folded headers are refused', async () => {
  await assert.rejects(encode({ FoldLongHeaders: 'true' }), PropertiesRefused)
})
