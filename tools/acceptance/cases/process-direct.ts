/** Flows that are called by others. */
import assert from 'node:assert/strict'

import type { AcceptanceCase, PublishedFlow } from '../acceptance-case.ts'
import { sameJson, sameText } from '../compare.ts'
import { fakeReceiver } from '../fake-receiver.ts'

const query: PublishedFlow = {
  number: '0144',
  id: 'Define_Medallia_Querry',
  archive:
    'Recipes/for/medalliacustomerexperienceintegrationwithsapsignavio/MedalliaCustomerExperienceIntegrationwithSAPSignavioProcessIntelligence.zip',
}
const concur: PublishedFlow = {
  number: '0337',
  id: 'ProcessDirect_Authorization_Concur',
  archive: 'Recipes/for/integrationwithsapconcurapi/SAPConcurAPIIntegrationwithSAPCloudIntegration.zip',
}

export const processDirectCases: readonly AcceptanceCase[] = [
  {
    name: '0144',
    proves: 'parameter in a cell of a table, unescaped once',
    model: undefined,
    async run(bench) {
      await bench.deploy(query)
      const ask = await bench.callerOf('/medallia/querry')
      const answer = await ask({ body: '' })
      assert.equal(answer.status, 200)
      sameJson(answer.text, await bench.fixture('0144', 'first_page.expected'), 'the query')
    },
  },
  {
    name: '0337',
    proves: 'credentials in a script, body templates, allowed request headers',
    model: undefined,
    async run(bench) {
      const tokenAnswer = await bench.fixture('0337', 'token.fake')
      await using token = await fakeReceiver(() => ({ body: tokenAnswer }))
      await using target = await fakeReceiver(() => ({ body: '{"items":[]}' }))
      await bench.credential('C1', 'demo', 'secret1')
      await bench.deploy(concur, {
        parameters: {
          Concur_Credential_Store: 'C1',
          Concur_RefreshToken: 'RT',
          Receiver_Concur_Authentication_Address: `${token.url}/token`,
          Receiver_Concur_API_Address: `${target.url}/api`,
          Receiver_Concur_API_Query: '',
        },
      })
      const ask = await bench.callerOf('/Concur/API')
      const answer = await ask({ body: 'ignored', headers: { 'x-other': '1' } })
      assert.deepEqual([answer.status, answer.text], [200, '{"items":[]}'])
      const [asked] = token.requests
      assert.match(String(asked?.headers['content-type']), /^application\/x-www-form-urlencoded/)
      sameText(asked?.body ?? '', await bench.fixture('0337', 'token_request_body.expected'), 'the token request')
      const [sent] = target.requests
      assert.deepEqual([sent?.method, sent?.headers['authorization']], ['GET', 'Bearer T2'])
      assert.equal(sent?.headers['x-other'], undefined)
    },
  },
]
