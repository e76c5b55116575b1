/** The publisher's own Postman collection for the message transformation utilities. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

import type { AcceptanceCase } from '../acceptance-case.ts'
import { plainXml } from '../compare.ts'
import { type PostmanRequest, readCollection, toRequest } from '../postman.ts'

const folder = 'Recipes/for/com.sap.integration.cloud.utilities.messagetransformations'

/** What each request of the collection, in its order, must come to. */
interface Expectation {
  readonly name: string
  /**
   * First half of SHA-256 over the answer without white space between elements. Each was taken from an answer that
   * equals what the publisher's documentation shows, or, where it shows none, what the publisher's script yields in a
   * plain Groovy with the flow's properties.
   */
  readonly digest?: string
  /** What keeps the flow from running. */
  readonly lacks?: string
}

const expectations: readonly Expectation[] = [
  { name: 'MTB - SimplePlain2XML - TC1', digest: 'aa856ef2019cfbfc' },
  { name: 'MTB - SimplePlain2XML - TC2', digest: '00669a996b28a982' },
  { name: 'MTB - SimplePlain2XML - TC3', digest: '2c94e7611911215b' },
  { name: 'MTB - SimplePlain2XML - TC4', digest: '38bda4f73d4e0a44' },
  { name: 'MTB - SimplePlain2XML - TC5', digest: '51a23abfc2b705cf' },
  { name: 'MTB - SimpleXMLToPlain - TC1', digest: '29eb78fdd41e62a6' },
  { name: 'MTB - SimpleXMLToPlain - TC2', digest: '45a9f597a8e35b53' },
  { name: 'MTB - SimpleXMLToPlain - TC3', digest: 'e24be84e6f3bf3c0' },
  { name: 'MTB - StructurePlainToXML - TC1', digest: 'e2ee2bfe1ab49df3' },
  { name: 'MTB - StructurePlainToXML - TC2', digest: '45366dc8126a1209' },
  { name: 'MTB - StructurePlainToXML - TC3', digest: '45366dc8126a1209' },
  { name: 'MTB - StructurePlainToXML - TC4', digest: '45366dc8126a1209' },
  { name: 'MTB - StructurePlainToXML - TC5', digest: '22bf6c1f7ae11cfb' },
  { name: 'MTB - StructurePlainToXML - TC6', digest: '1ec66c89dfb4d92d' },
  { name: 'MTB - StructurePlainToXML - TC7', digest: '51a23abfc2b705cf' },
  { name: 'MTB - StructureXMLtoPlain - TC1', digest: 'dc1c692e249cf766' },
  { name: 'MTB - StructureXMLtoPlain - TC2', digest: 'dc1c692e249cf766' },
  { name: 'MTB - StructureXMLtoPlain - TC3', digest: 'dc1c692e249cf766' },
  { name: 'XMLA - RemovePrefix', digest: 'be0f030f98bf8297' },
  { name: 'XMLA - RenameNamespaces', digest: '774ad55175ae4bbf' },
  { name: 'IDOC - XML2Flat - ORDERS05', lacks: 'RFC receiver' },
  { name: 'IDOC - Flat2XML - ORDERS05', lacks: 'RFC receiver' },
  { name: 'IDOC - XML2Flat - INVOICE01', lacks: 'RFC receiver' },
  { name: 'IDOC - Flat2XML - INVOICE01', lacks: 'RFC receiver' },
  { name: 'AddSOAPHeaderBean', lacks: 'SOAP receiver' },
  { name: 'TCCB - ISO-8859-1', digest: '94d92ab99b4deef7' },
  { name: 'Convert to LF', digest: '7452884ad4c5367d' },
  { name: 'TC1', digest: 'e02294aba00bf502' },
  { name: 'TC2', digest: '70a7fb39d59d9d46' },
  { name: 'Form-Data name', digest: 'a317ef834a7503a1' },
  { name: 'Form-Data content-type', digest: 'a317ef834a7503a1' },
]

/** The forms attach a file of this name, and the flows look for it. */
const attachment = { name: 'BG_WOOperation_sample.xml', type: 'application/xml', content: '<order><id>7</id></order>' }

const digestOf = (text: string): string =>
  createHash('sha256')
    .update(plainXml(text.replaceAll('\r\n', '\n')), 'latin1')
    .digest('hex')
    .slice(0, 16)

export const messageTransformationCases: readonly AcceptanceCase[] = [
  {
    name: 'postman',
    proves: 'the collection of the message transformation utilities, request by request',
    model: undefined,
    async run(bench) {
      const requests = readCollection(
        await bench.source.file(`${folder}/MessageTransformations.postman_collection.json`),
      )
      assert.deepEqual(
        requests.map(({ name }) => name),
        expectations.map(({ name }) => name),
      )
      await bench.deployArchive(`${folder}/Message Transformation Utilities.zip`)
      const wrong: string[] = []
      const notes: string[] = []
      for (const [index, { name, digest, lacks }] of expectations.entries()) {
        const answer = await ask(requests[index])
        const right =
          answer.status === 200 && (digest === undefined || digestOf(answer.bytes.toString('latin1')) === digest)
        if (lacks !== undefined) {
          notes.push(`${index + 1} ${name}: not yet, lacks the ${lacks}`)
          if (right) wrong.push(`${index + 1} ${name} answers now; its expectation must be written down`)
        } else if (!right) wrong.push(`${index + 1} ${name}: ${answer.status} ${answer.text.slice(0, 300)}`)
      }
      assert.equal(wrong.join('\n'), '')
      return [`${expectations.length - notes.length} of ${expectations.length} requests answer as expected`, ...notes]

      async function ask(request: PostmanRequest | undefined) {
        if (request === undefined) throw new Error('the collection is shorter than expected')
        const { path, asked } = await toRequest(request, attachment)
        return bench.call(path, asked)
      }
    },
  },
]
