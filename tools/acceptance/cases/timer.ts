/** Flows that a timer starts, without mail. */
import assert from 'node:assert/strict'

import { until } from '../../../test/kit/caller.ts'
import type { AcceptanceCase, PublishedFlow } from '../acceptance-case.ts'
import { headerLines } from '../compare.ts'
import { fakeReceiver } from '../fake-receiver.ts'
import { variablesFlow } from '../helper-flows.ts'

const adhoc: PublishedFlow = {
  number: '0204',
  id: 'Scheduled_Interface_with_Adhoc_Run_Functionality_-_Step_2',
  archive: 'Recipes/for/sapcloudintegrationutilities/SAPIntegrationSuiteCloudIntegrationUtilities.zip',
}
const datastore: PublishedFlow = {
  number: '0285',
  id: 'Create_Datastore',
  archive:
    'Recipes/for/aribasupplierintegration/SupplierIntegrationbetweenSAPIntegratedBusinessPlanningandSAPBusinessNetworks.zip',
}

export const timerCases: readonly AcceptanceCase[] = [
  {
    name: '0204a',
    proves: 'java.time in a script, Boolean property in a condition, headers to another flow',
    model: undefined,
    async run(bench) {
      await using fake = await fakeReceiver()
      await bench.stub('/acceptance/scheduled', fake.url)
      await bench.deploy(adhoc, {
        parameters: {
          'From DateTime': '2024-01-01T00:00:00Z',
          'To DateTime': '2024-01-02T00:00:00Z',
          'Set Initial Run DateTime': '',
          '(true/false)Adhoc as Scheduled': 'false',
          endpoint: '/acceptance/scheduled',
        },
      })
      await until('a call', () => fake.requests.length > 0)
      const expected = headerLines(await bench.fixture('0204', 'adhoc.headers.expected'))
      for (const name of ['filter', 'runMode', 'initializeLastRunDateTime', 'rerunScheduled'])
        assert.equal(fake.requests[0]?.headers[name.toLowerCase()], expected.get(name), name)
      assert.ok(fake.requests[0]?.headers['currentrundatetime'])
      const [message] = await bench.messages(adhoc)
      assert.equal(message.Status, 'COMPLETED')
      const logged = await bench.partsOf(message.MessageGuid, 'CustomHeaderProperties')
      assert.deepEqual(new Set(logged.map(({ Name }) => Name)), new Set(['From DateTime', 'Run mode', 'To DateTime']))
    },
  },
  {
    name: '0204b',
    proves: 'escalation end, status ESCALATED, custom headers',
    model: undefined,
    async run(bench) {
      await bench.deploy(adhoc, { parameters: { endpoint: '/acceptance/none' } })
      const message = (await bench.messages(adhoc)).at(-1)
      assert.equal(message.Status, 'ESCALATED')
      const logged = await bench.partsOf(message.MessageGuid, 'CustomHeaderProperties')
      const values = (name: string): string[] => logged.filter(({ Name }) => Name === name).map(({ Value }) => Value)
      assert.deepEqual(values('Run mode'), ['Ad Hoc'])
      assert.equal(values('errorMsg').length, 3)
      assert.equal(values('errorMsg').filter((words) => words.startsWith('Please select 1 mode only')).length, 1)
    },
  },
  {
    name: '0285',
    proves: 'global variables, quotes of a Simple literal',
    model: datastore,
    async run(bench) {
      await bench.deploy(datastore)
      const [message] = await bench.messages(datastore)
      assert.equal(message.Status, 'COMPLETED')
      const names = ['AribaLastReceivedMessageID', 'AribaLastReceivedPATimeStamp']
      await bench.deployZip('Variables', await variablesFlow('Variables', names))
      const found = headerLines((await bench.call('/http/acceptance/Variables')).text)
      assert.equal(found.get('AribaLastReceivedMessageID'), "'100'")
      assert.match(found.get('AribaLastReceivedPATimeStamp') ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/)
    },
  },
]
