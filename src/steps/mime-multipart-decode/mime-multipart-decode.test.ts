import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { runStep } from '../../../test/kit/step.ts'
import { mimeMultipartDecode } from './mime-multipart-decode.ts'

const form = [
  '--b',
  'Content-Disposition: form-data; name="note"',
  '',
  'grün',
  '--b',
  'Content-Disposition: form-data; name="file"; filename="order.xml"',
  'Content-Type: application/xml',
  '',
  '<order/>',
  '--b--',
  '',
].join('\r\n')

async function decode(body: string, contentType?: string, inline = 'false') {
  const headers: [string, string][] = contentType === undefined ? [] : [['content-type', contentType]]
  const exchange = new Exchange({ body: Body.ofBytes(Buffer.from(body)), headers })
  await runStep(mimeMultipartDecode, { properties: { MultipartHeadersInline: inline }, exchange })
  return exchange
}

test('the first part becomes the body, the others become attachments', async () => {
  const exchange = await decode(form, 'multipart/form-data; boundary=b')
  assert.equal(exchange.body.text(), 'grün')
  assert.equal(exchange.headers.text('Content-Type'), 'text/plain')
  assert.equal(exchange.headers.text('Content-Disposition'), 'form-data; name="note"')
  const [attachment] = [...exchange.attachments.values()]
  assert.deepEqual(
    [attachment?.name, attachment?.contentType, attachment?.body.text(), attachment?.headers.get('Content-Type')],
    ['order.xml', 'application/xml', '<order/>', 'application/xml'],
  )
  assert.equal(exchange.attachments.size, 1)
})

test('parts without a name are all kept', async () => {
  const part = '--b\r\n\r\nx\r\n'
  assert.equal((await decode(`${part}${part}${part}--b--`, 'multipart/mixed; boundary="b"')).attachments.size, 2)
})

test('the character set of the first part holds for the body', async () => {
  const bytes = Buffer.from('--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xfcn\r\n--b--', 'latin1')
  const exchange = new Exchange({
    body: Body.ofBytes(bytes),
    headers: [['Content-Type', 'multipart/mixed; boundary=b']],
  })
  await runStep(mimeMultipartDecode, { exchange })
  assert.equal(exchange.body.text(), 'grün')
})

test('headers in the body are read where the step says so', async () => {
  const exchange = await decode(
    `Subject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=b\r\n\r\n${form}`,
    'x/y',
    'true',
  )
  assert.equal(exchange.body.text(), 'grün')
  assert.deepEqual([exchange.headers.text('Subject'), exchange.headers.has('MIME-Version')], ['s', false])
})

test('what is no multipart message stays as it is', async () => {
  for (const type of [undefined, 'application/xml', 'nonsense']) {
    const exchange = await decode(form, type)
    assert.deepEqual([exchange.body.text(), exchange.headers.text('Content-Type')], [form, type])
  }
})

test('a multipart message that is incomplete fails', async () => {
  await assert.rejects(decode(form, 'multipart/mixed; boundary=c'), { code: 'formats.multipartMalformed' })
  await assert.rejects(decode(form.slice(0, -8), 'multipart/mixed; boundary=b'), { code: 'formats.multipartMalformed' })
})
