/** Flows that are called over HTTPS and need no more than a fake system. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

import type { AcceptanceCase, PublishedFlow } from '../acceptance-case.ts'
import { sameJson, sameText } from '../compare.ts'
import { fakeReceiver } from '../fake-receiver.ts'

const simulate: PublishedFlow = {
  number: '0249',
  id: 'Simulate_Journal_Entry_Post_from_Ticketmaster_Integration',
  archive:
    'Recipes/for/ticketmasterjournalentryintegrationwithsaps4hanacloud/TicketmasterJournalEntryIntegrationwithSAPS_4HANACloud.zip',
}
const contacts: PublishedFlow = {
  number: '0278',
  id: 'Replicate_Contacts_to_SAP_Emarsys_API',
  archive: 'Recipes/for/sapemarsysintegration/SAPEmarsysIntegrationwithSAPEmarsysAPIs.zip',
}
const importPath = '/http/emarsys/contact/import'

export const httpsCases: readonly AcceptanceCase[] = [
  {
    name: '0249',
    proves: 'HTTPS sender, constant body',
    model: simulate,
    async run(bench) {
      await bench.deploy(simulate)
      const answer = await bench.call('/http/jesimulate', { body: 'anything' })
      assert.equal(answer.status, 200)
      sameText(answer.text, await bench.fixture('0249', 'reply.expected'), 'the answer')
    },
  },
  {
    name: '0278a',
    proves: 'router, status set by the flow',
    model: contacts,
    async run(bench) {
      await bench.deploy(contacts, { parameters: { emarysEndpoint: 'http://127.0.0.1:9/' } })
      const answer = await bench.call(importPath)
      assert.equal(answer.status, 405)
      sameJson(answer.text, await bench.fixture('0278', 'get.expected'), 'the answer')
    },
  },
  {
    name: '0278b',
    proves: 'dynamic HTTP method, ProcessDirect, credentials in a script, header creation',
    model: undefined,
    async run(bench) {
      await using fake = await fakeReceiver(() => ({ body: '{"replyCode":0}' }))
      await using mapping = await fakeReceiver(({ body }) => ({ body }))
      await bench.credential('EMARSYS', 'demo', 'secret1')
      await bench.stub('/emarsys/contacts', mapping.url)
      await bench.deploy(contacts, {
        parameters: { emarysEndpoint: `${fake.url}/api/v2/contact/`, securityArtifact: 'EMARSYS' },
      })
      for (const method of ['POST', 'PUT']) {
        const answer = await bench.call(importPath, { method, body: '{"key_id":"3"}' })
        assert.deepEqual([answer.status, answer.text], [200, '{"replyCode":0}'])
        const sent = fake.requests.at(-1)
        assert.deepEqual(
          [sent?.method, sent?.url],
          [method, `/api/v2/contact/${method === 'PUT' ? '?create_if_not_exists=1' : ''}`],
        )
        assert.equal(sent?.headers['accept'], 'application/json')
        assert.equal(sent?.headers['content-type'], 'application/json')
        checkDigest(String(sent?.headers['x-wsse']))
      }
    },
  },
]

/** The password digest: Base64 of the hex of SHA-1, without leading zeros, as the flow's script makes it. */
function checkDigest(header: string): void {
  const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? ''
  assert.equal(part('Username'), 'demo')
  const hex = createHash('sha1')
    .update(`${part('Nonce')}${part('Created')}secret1`)
    .digest('hex')
    .replace(/^0+/, '')
  assert.equal(part('PasswordDigest'), Buffer.from(hex).toString('base64'))
}
