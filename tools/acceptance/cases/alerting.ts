/** Two flows that call one another, with a fake alert service behind them. */
import assert from 'node:assert/strict'

import type { AcceptanceCase, PublishedFlow } from '../acceptance-case.ts'
import { fakeReceiver } from '../fake-receiver.ts'

const archive =
  'Recipes/for/integrationsuitealertingframeworkusingalertnotificationservice/IntegrationSuiteAlertingFrameworkusingSAPBTPAlertNotificationService.zip'
const explicit: PublishedFlow = {
  number: '0260',
  id: 'Send_Explicit_Exceptions-Notifications-Events_to_ANS',
  archive,
}
const events: PublishedFlow = { number: '0257', id: 'Send_Events_to_ANS', archive }

const parametersFor = (url: string) => ({
  'CI Tenant URL': 'https://ci.example/shell/home',
  'ANS Address': `${url}/events`,
  'Credential Name': 'ANS',
})

export const alertingCases: readonly AcceptanceCase[] = [
  {
    name: '0260',
    proves: 'two flows in a chain, XML and JSON in scripts, Basic authentication',
    model: undefined,
    async run(bench) {
      await using fake = await fakeReceiver(() => ({ status: 202, body: '{"id":"1"}' }))
      await bench.credential('ANS', 'demo', 'secret1')
      await bench.deploy(events, { parameters: parametersFor(fake.url) })
      await bench.deploy(explicit)
      const ask = await bench.callerOf('/sendExplicitAlertToANS')
      const answer = await ask({ body: await bench.fixture('0260', 'alert.input') })
      assert.equal(answer.text, '{"id":"1"}')
      const [sent] = fake.requests
      assert.equal(sent?.headers['authorization'], `Basic ${Buffer.from('demo:secret1').toString('base64')}`)
      assert.equal(sent?.headers['content-type'], 'application/json')
      const body: Record<string, unknown> = JSON.parse(sent?.body ?? '')
      const expected = JSON.parse(await bench.fixture('0257', 'event.http_request_body.expected'))
      assert.ok(Math.abs(Number(body['eventTimestamp']) - Date.now() / 1000) < 60, 'eventTimestamp')
      assert.deepEqual({ ...body, eventTimestamp: '' }, { ...expected, eventTimestamp: '' })
    },
  },
  {
    name: '0257',
    proves: 'error end in a called flow fails both, attachments of the log',
    model: undefined,
    async run(bench) {
      await using fake = await fakeReceiver(() => ({ status: 500, body: 'no' }))
      await bench.credential('ANS', 'demo', 'secret1')
      await bench.deploy(events, { parameters: parametersFor(fake.url) })
      await bench.deploy(explicit)
      const ask = await bench.callerOf('/sendExplicitAlertToANS')
      assert.equal((await ask({ body: await bench.fixture('0260', 'alert.input') })).status, 500)
      const message = (await bench.messages(events)).at(-1)
      assert.equal(message.Status, 'FAILED')
      const attachments = await bench.partsOf(message.MessageGuid, 'Attachments')
      assert.deepEqual(new Set(attachments.map(({ Name }) => Name)), new Set(['Exception', 'SourcePayload']))
      assert.equal((await bench.messages(explicit)).at(-1).Status, 'FAILED')
    },
  },
]
