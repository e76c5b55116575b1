import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { testAuthority } from '../../test/kit/connectivity.ts'
import { smtpSink } from '../../test/kit/smtp-sink.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { type Log, silentLog } from '../base/index.ts'
import {
  type AlertChannel,
  type CalendarEntry,
  createAlerts,
  createExpiryCalendar,
  type Expiring,
  logChannel,
  mailChannel,
  openAlertMemory,
  webhookChannel,
} from './index.ts'

const day = 86_400_000
const start = Date.UTC(2026, 0, 1)
const folder = temporaryFolder('alerts')
let files = 0
const newFile = () => join(folder, `alerts-${++files}.json`)

/** Alerts over one certificate that ends in 40 days, with a clock of their own. */
function world(given: { readonly file?: string; readonly log?: Log } = {}) {
  const time = { now: start }
  const clock = { now: () => time.now, monotonic: () => time.now }
  const items: Expiring[] = [
    { kind: 'certificate', id: 'erp', name: 'erp', until: start + 40 * day, where: 'keystore', renewable: false },
  ]
  const calendar = createExpiryCalendar({ sources: [() => items], clock })
  const delivered: string[] = []
  const channel: AlertChannel & { down: boolean } = {
    name: 'test',
    down: false,
    deliver(entries) {
      if (channel.down) throw new Error('down')
      delivered.push(...entries.map(({ id, daysLeft, state }) => `${id} ${state === 'Expired' ? state : daysLeft}`))
    },
  }
  const file = given.file ?? newFile()
  const open = () =>
    createAlerts({ calendar, channels: [channel], memory: openAlertMemory(file), log: given.log ?? silentLog })
  return { time, items, delivered, channel, file, open, calendar }
}

describe('alerts', () => {
  it('come at 30, 14, 7 and 1 days and at the end, each once', async () => {
    const { time, delivered, open } = world()
    const alerts = open()
    for (let hours = 0; hours < 45 * 24; hours += 6) {
      time.now = start + (hours / 24) * day
      await alerts.check()
    }
    assert.deepEqual(delivered, ['erp 30', 'erp 14', 'erp 7', 'erp 1', 'erp Expired'])
  })

  it('do not come again after a restart', async () => {
    const { time, delivered, open, file } = world()
    time.now = start + 27 * day
    await open().check()
    await open().check()
    assert.deepEqual(delivered, ['erp 13'])
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('begin anew for what was renewed, and forget what is gone', async () => {
    const { time, items, delivered, open, file } = world()
    const alerts = open()
    time.now = start + 35 * day
    await alerts.check()
    items[0] = { ...(items[0] as Expiring), until: time.now + 20 * day }
    await alerts.check()
    assert.deepEqual(delivered, ['erp 5', 'erp 20'])
    items.length = 0
    await alerts.check()
    assert.equal(readFileSync(file, 'utf8'), '{}')
  })

  it('that were not delivered are tried again', async () => {
    const { time, delivered, channel, open } = world()
    const alerts = open()
    time.now = start + 27 * day
    channel.down = true
    await alerts.check()
    channel.down = false
    await alerts.check()
    await alerts.check()
    assert.deepEqual(delivered, ['erp 13'])
  })

  it('come rather twice than not at all: a broken memory counts as empty', async () => {
    const { time, delivered, open, file } = world()
    writeFileSync(file, '{"a":')
    time.now = start + 27 * day
    await open().check()
    assert.deepEqual(delivered, ['erp 13'])
  })

  it('stand in the log', async () => {
    const lines: string[] = []
    const line = (level: string) => (words: string, facts?: object) =>
      void lines.push(`${level} ${words} ${JSON.stringify(facts)}`)
    const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') } as unknown as Log
    const { calendar, time } = world()
    time.now = start + 39 * day
    await logChannel(log).deliver(await calendar.entries())
    time.now = start + 41 * day
    await logChannel(log).deliver(await calendar.entries())
    assert.match(lines[0] ?? '', /^warn something expires soon .*"name":"erp".*"daysLeft":1/)
    assert.match(lines[1] ?? '', /^error something has expired/)
  })
})

const entry: CalendarEntry = {
  kind: 'certificate',
  id: 'erp',
  name: 'erp',
  until: start + 5 * day,
  where: 'keystore',
  renewable: false,
  state: 'Critical',
  daysLeft: 5,
}

describe('the webhook', () => {
  const key = Buffer.alloc(32, 7)
  const clock = { now: () => start, monotonic: () => 0 }

  async function listening(statuses: number[]) {
    const authority = await testAuthority()
    const { chain, key: serverKey } = await authority.server(['localhost'])
    const received: { readonly headers: Record<string, unknown>; readonly body: string }[] = []
    const server = createServer({ cert: chain, key: serverKey }, (request, response) => {
      void Array.fromAsync(request as AsyncIterable<Buffer>).then((parts) => {
        received.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
        response.writeHead(statuses.shift() ?? 204, { location: 'https://elsewhere.example.com/' }).end()
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/alerts`)
    const channel = webhookChannel({ url, key, clock, pauses: [1, 1], ca: authority.certificate })
    return {
      url,
      received,
      channel,
      [Symbol.asyncDispose]: () =>
        new Promise<void>((done) => {
          server.closeAllConnections()
          server.close(() => done())
        }),
    }
  }

  it('gets JSON under a signature, after a retry', async () => {
    await using server = await listening([500, 204])
    await server.channel.deliver([entry])
    assert.equal(server.received.length, 2)
    const { headers, body } = server.received[1] ?? { headers: {}, body: '' }
    assert.deepEqual(JSON.parse(body).alerts[0], { ...entry, until: '2026-01-06T00:00:00.000Z' })
    const timestamp = String(headers['x-sluice-timestamp'])
    assert.equal(timestamp, String(start / 1000))
    const expected = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
    assert.equal(headers['x-sluice-signature'], `sha256=${expected}`)
  })

  it('is given up after the last attempt; redirects are not followed', async () => {
    await using server = await listening([302, 302, 302])
    await assert.rejects(async () => server.channel.deliver([entry]), { code: 'expiry.webhookRefused', message: /302/ })
    assert.equal(server.received.length, 3)
  })

  it('is https, at a server that is trusted', async () => {
    assert.throws(() => webhookChannel({ url: new URL('http://h/'), key, clock }), RangeError)
    await using server = await listening([])
    const untrusting = webhookChannel({ url: server.url, key, clock, pauses: [] })
    await assert.rejects(async () => untrusting.deliver([entry]), {
      code: 'expiry.webhookRefused',
      message: /self-signed certificate in/,
    })
    assert.equal(server.received.length, 0)
  })
})

describe('the mail', () => {
  it('says what ends when', async () => {
    await using sink = await smtpSink()
    const server = new URL(`smtp://u:p%40ss@127.0.0.1:${sink.port}`)
    await mailChannel({ server, to: 'ops@example.com' }).deliver([entry, { ...entry, id: 'two', name: 'two' }])
    const [mail] = sink.mails
    assert.deepEqual(mail?.to, ['ops@example.com'])
    assert.match(mail?.logon ?? '', /p@ss$/)
    assert.match(mail?.data ?? '', /Subject: Sluice: certificate erp and 1 more to expire/)
    assert.match(mail?.data ?? '', /ends at 2026-01-06T00:00:00\.000Z, in 5 days/)
  })

  it('that is not taken is an error', async () => {
    await using sink = await smtpSink((command) => (command.startsWith('RCPT') ? '550 no' : undefined))
    const server = new URL(`smtp://127.0.0.1:${sink.port}`)
    await assert.rejects(async () => mailChannel({ server, to: 'ops@example.com' }).deliver([entry]), /550/)
  })
})
