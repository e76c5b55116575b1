import assert from 'node:assert/strict'
import { test } from 'node:test'

import { smtpSink } from '../../../test/kit/smtp-sink.ts'
import { openReceiver, PropertiesRefused, rows, services, testRun } from '../../../test/kit/step.ts'
import { Body, Exchange } from '../../message/index.ts'
import { mailFault } from './client.ts'
import { mailReceiver } from './receiver.ts'

const mail = { from: 'flow@example.com', to: 'a@example.com', subject: 'Order', ssl: 'off' }
const credentials = services({
  credentials: { userCredential: async (alias) => ({ user: alias, password: 'secret' }) },
})

async function send(
  port: number,
  properties: Record<string, string>,
  exchange = new Exchange({ body: Body.ofText('content') }),
  run = {},
) {
  await using outlet = await openReceiver(mailReceiver, {
    properties: { server: `127.0.0.1:${port}`, ...mail, ...properties },
  })
  await outlet.send(exchange, testRun({ services: credentials, ...run }))
  return exchange
}

test('addresses, subject and body are made of the message, which goes on unchanged', async () => {
  await using sink = await smtpSink()
  const exchange = new Exchange({
    body: Body.ofText('Grüße'),
    headers: [
      ['who', 'b@example.com'],
      ['X-Secret', 'kept'],
    ],
  })
  await send(
    sink.port,
    {
      to: '${header.who}; "Last, First" <c@example.com>',
      cc: 'd@example.com,e@example.com',
      bcc: 'hidden@example.com',
      subject: 'To ${header.who}',
    },
    exchange,
  )
  const [received] = sink.mails
  assert.equal(received?.from, 'flow@example.com')
  assert.deepEqual(received?.to, [
    'b@example.com',
    'c@example.com',
    'd@example.com',
    'e@example.com',
    'hidden@example.com',
  ])
  assert.match(received?.data ?? '', /^Subject: To b@example\.com$/m)
  assert.match(received?.data ?? '', /^Content-Type: text\/plain; charset=utf-8$/m)
  assert.match(received?.data ?? '', /Gr=C3=BC=C3=9Fe|R3LDvMOfZQ==/)
  assert.doesNotMatch(received?.data ?? '', /hidden|X-Secret/)
  assert.deepEqual([exchange.body.text(), exchange.headers.size], ['Grüße', 2])
})

test('the body has the type of the channel', async () => {
  await using sink = await smtpSink()
  await send(sink.port, { content_type: 'text/html', body: '<b>${in.body}</b>' })
  await send(sink.port, { content_type: 'application/xml' })
  assert.match(sink.mails[0]?.data ?? '', /^Content-Type: text\/html; charset=utf-8$/m)
  assert.match(sink.mails[0]?.data ?? '', /<b>content<\/b>/)
  assert.match(sink.mails[1]?.data ?? '', /^Content-Type: application\/xml; charset=utf-8$/m)
})

test('attachments come from the body, a header and the message', async () => {
  await using sink = await smtpSink()
  const attachment = {
    name: 'kept.txt',
    contentType: 'text/plain',
    body: Body.ofText('of the message'),
    headers: new Map<string, string>(),
  }
  const exchange = new Exchange({
    body: Body.ofText('content'),
    headers: [['log', 'of the header']],
    attachments: [['kept.txt', attachment]],
  })
  const cells = (name: string, source: string, value: string) => ({
    'attachment.name': name,
    'attachment.type': 'text/csv',
    'attachment.source': source,
    'attachment.value': value,
  })
  const attachments = rows(cells('${header.log}.csv', 'Body', ''), cells('h.csv', 'Header', 'log'))
  await send(sink.port, { attachments, keep_attachments: '1' }, exchange)
  await send(sink.port, { attachments, keep_attachments: '0' }, exchange)
  const [all, some] = sink.mails.map(({ data }) => data)
  assert.match(all ?? '', /filename="of the header\.csv"/)
  assert.match(all ?? '', /filename=h\.csv/)
  assert.match(all ?? '', /filename=kept\.txt/)
  assert.doesNotMatch(some ?? '', /kept\.txt/)
})

test('the credential is used for the log-on only where the channel asks for it', async () => {
  await using sink = await smtpSink()
  await send(sink.port, { auth: 'loginPlain', user: 'MAIL_${header.x}' }, new Exchange({ headers: [['x', '1']] }))
  await send(sink.port, { auth: 'none', user: 'MAIL' })
  assert.deepEqual(
    sink.mails.map(({ logon }) => logon),
    ['\0MAIL_1\0secret', undefined],
  )
  await assert.rejects(send(sink.port, { auth: 'loginPlain' }), { code: 'mail.credentialMissing' })
})

test('nothing is sent in the clear where STARTTLS or SMTPS is asked for', async () => {
  await using sink = await smtpSink()
  await assert.rejects(send(sink.port, { ssl: 'starttls_mandatory' }), { code: 'mail.tls' })
  await assert.rejects(send(sink.port, { ssl: 'smtps', timeout: '300' }), { code: /mail\.(tls|timeout|unreachable)/ })
  assert.equal(sink.mails.length, 0)
  await send(sink.port, { ssl: 'starttls_optional' })
  assert.equal(sink.mails.length, 1)
})

test('an address that would write headers of its own, or is none, is refused', async () => {
  await using sink = await smtpSink()
  for (const properties of [
    { to: 'a@example.com\r\nBcc: evil@example.com' },
    { to: 'nobody' },
    { to: '' },
    { from: '${header.none}' },
  ]) {
    await assert.rejects(send(sink.port, properties), { code: 'mail.addressInvalid' }, JSON.stringify(properties))
  }
  await send(sink.port, { subject: 'a\r\nBcc: evil@example.com' })
  assert.deepEqual(
    sink.mails.map(({ to }) => to),
    [['a@example.com']],
  )
  assert.doesNotMatch(sink.mails[0]?.data ?? '', /^Bcc/m)
})

test('what the server refuses is told by code, without its words', async () => {
  for (const [command, code] of [
    ['RCPT', 'mail.refused'],
    ['AUTH', 'mail.logonRefused'],
  ] as const) {
    await using sink = await smtpSink((line) => (line.startsWith(command) ? '550 words of the server' : undefined))
    const outcome = send(sink.port, { auth: 'loginPlain', user: 'MAIL' })
    await assert.rejects(
      outcome,
      (fault: Error & { code: string }) => fault.code === code && !/words of/.test(fault.message),
    )
  }
})

test('a server that is not there, or is silent, fails', async () => {
  const gone = await smtpSink()
  await gone[Symbol.asyncDispose]()
  await assert.rejects(send(gone.port, {}), { code: 'mail.unreachable' })
  const server = { host: 'h', port: 25, protection: 'off', timeout: 5 } as const
  assert.equal(mailFault(Object.assign(new Error('x'), { code: 'ETIMEDOUT' }), server).code, 'mail.timeout')
})

test('a message that is cancelled gives up its mail', async () => {
  const controller = new AbortController()
  await using sink = await smtpSink((line) => {
    if (line.startsWith('MAIL')) controller.abort(new Error('cancelled by the test'))
    return undefined
  })
  await assert.rejects(send(sink.port, {}, new Exchange(), { signal: controller.signal }), /cancelled by the test/)
})

test('what cannot be done is refused when the flow is deployed', async () => {
  for (const properties of [{ auth: 'loginEncrypted' }, { 'encrypt.type': 'smime' }, { proxyType: 'sapcc' }]) {
    await assert.rejects(send(25, properties), PropertiesRefused)
  }
  for (const server of ['host:0', 'http://host', 'host:25:26', 'a b']) {
    await assert.rejects(send(25, { server }), { code: 'mail.serverInvalid' }, server)
  }
})
