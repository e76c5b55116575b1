/** Flows of the B2B integration factory, called by ProcessDirect. */
import assert from 'node:assert/strict'

import type { AcceptanceCase, PublishedFlow } from '../acceptance-case.ts'
import { headerLines, sameText, sameXml } from '../compare.ts'

const extraction =
  'Recipes/for/b2bintegrationfactoryinterchangeextractionflows/B2BIntegrationFactoryInterchangeExtractionFlows.zip'
const processing =
  'Recipes/for/b2bintegrationfactoryextendedinterchangeprocessingflows/B2BIntegrationFactoryExtendedInterchangeProcessingFlows.zip'
const management =
  'Recipes/for/b2bintegrationfactorycloudintegrationtradingpartnermanagement/B2BIntegrationFactoryCloudIntegrationTradingPartnerManagement.zip'

const typeSystem: PublishedFlow = { number: '0231', id: '_Get_XML_based_Type_System', archive: extraction }
const idoc: PublishedFlow = { number: '0230', id: 'SAP-IDOC_Interchange_Extraction_Process', archive: extraction }
const modification: PublishedFlow = { number: '0037', id: 'SAP-EDI_Interchange_Modification', archive: processing }
const toCsv: PublishedFlow = { number: '0034', id: 'XML_To_CSV_Syntax_Conversion', archive: processing }
const collection = (id: string): PublishedFlow => ({ number: '', id, archive: management })

const standard = 'SAP_EDI_Document_Standard'

export const b2bCases: readonly AcceptanceCase[] = [
  {
    name: '0231',
    proves: 'XPath conditions with wildcards, their order, error end',
    model: typeSystem,
    async run(bench) {
      await bench.deploy(typeSystem)
      const address = '/tpm/extract-type-system-flow/xml'
      const ask = await bench.callerOf(address)
      const cases: readonly [name: string, sent: Record<string, string>, expected: string][] = [
        ['gs1', {}, 'GS1-XML'],
        ['idoc', {}, 'SAP_IDoc'],
        ['soap', { [standard]: 'X' }, 'X'],
      ]
      for (const [name, headers, expected] of cases) {
        const body = await bench.fixture('0231', `${name}.input`)
        const askHeader = await bench.callerOf(address, { headers, shown: [standard] })
        assert.equal(headerLines((await askHeader({ body })).text).get(standard), expected, name)
        sameXml((await ask({ body })).text, body, `body of ${name}`)
      }
      const other = await ask({ body: await bench.fixture('0231', 'other.input') })
      assert.equal(other.status, 500)
    },
  },
  {
    name: '0230',
    proves: 'XPath 3.1 with if, replace and wildcards, stored escaped in parameters',
    model: undefined,
    async run(bench) {
      for (const id of ['Extended_Groovy_Scripts_B2BIFactory', 'Reusable_Groovy_Scripts_B2BIFactory'])
        await bench.deploy(collection(id))
      await bench.deploy(idoc)
      const expected = headerLines(await bench.fixture('0230', 'orders05.headers.expected'))
      const headers = { [standard]: 'SAP_IDoc' }
      const ask = await bench.callerOf('/tpm/extraction-flow/SAP_IDoc', { headers, shown: [...expected.keys()] })
      const answer = await ask({ body: await bench.fixture('0230', 'orders05.input') })
      assert.equal(answer.status, 200)
      assert.deepEqual(Object.fromEntries(headerLines(answer.text)), Object.fromEntries(expected))
    },
  },
  {
    name: '0037',
    proves: 'script that works on an interchange',
    model: undefined,
    async run(bench) {
      await bench.deploy(modification)
      const ask = await bench.callerOf('/tpm/un-edifact/Interchangemodification')
      const answer = await ask({ body: await bench.fixture('0037', 'orders.input') })
      assert.equal(answer.status, 200)
      sameText(answer.text, await bench.fixture('0037', 'orders.expected'), 'the interchange')
    },
  },
  {
    name: '0034',
    proves: 'XML to CSV',
    model: toCsv,
    async run(bench) {
      await bench.deploy(toCsv)
      const ask = await bench.callerOf('/tpm/syntax-conversion/CSV')
      const answer = await ask({ body: await bench.fixture('0034', 'rows.input') })
      assert.equal(answer.status, 200)
      sameText(answer.text, await bench.fixture('0034', 'rows.csv.expected'), 'the rows')
    },
  },
]
