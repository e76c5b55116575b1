import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { PropertiesRefused, runStep } from '../../../test/kit/step.ts'
import { jsonToXml } from './json-to-xml.ts'

const convert = async (json: string, properties: Record<string, string> = { addXMLRootElement: 'false' }) =>
  (await runStep(jsonToXml, { properties, exchange: new Exchange({ body: Body.ofText(json) }) })).exchange.body.text()

test('JSON becomes XML', async () => {
  const cases: readonly [json: string, xml: string][] = [
    ['{"a":"1"}', '<a>1</a>'],
    ['{"a":{"b":[1,2],"c":null,"d":true,"e":""}}', '<a><b>1</b><b>2</b><c/><d>true</d><e/></a>'],
    [
      '{"a":{"n":1.0,"big":12345678901234567890,"e":1E2}}',
      '<a><n>1.0</n><big>12345678901234567890</big><e>1E2</e></a>',
    ],
    ['{"a":{"@x":"1","@y":2,"$":"t"}}', '<a x="1" y="2">t</a>'],
    ['{"a":{"@x":"\\"<&"}}', '<a x="&quot;&lt;&amp;"/>'],
    ['{"a":"<&>"}', '<a>&lt;&amp;&gt;</a>'],
    ['{"a":[{"b":1}]}', '<a><b>1</b></a>'],
    ['{"a":{"b":[]}}', '<a/>'],
    ['{"a":{}}', '<a/>'],
  ]
  for (const [json, xml] of cases) assert.equal(await convert(json), `<?xml version='1.0' encoding='UTF-8'?>${xml}`)
})

test('a root element is put around', async () => {
  const root = {
    addXMLRootElement: 'true',
    additionalRootElementName: 'all',
    useNamespaces: 'true',
    jsonNamespaceSeparator: ':',
  }
  assert.match(await convert('{"a":1,"b":2}', root), /<all><a>1<\/a><b>2<\/b><\/all>$/)
  assert.match(await convert('{"a":1}', {}), /<root><a>1<\/a><\/root>$/)
})

test('JSON that has no form in XML is an error', async () => {
  const cases: readonly [json: string, code: string][] = [
    ['', 'steps.jsonInvalid'],
    ['{"a":', 'steps.jsonInvalid'],
    ['[1,2]', 'steps.jsonInvalid'],
    ['"a"', 'steps.jsonInvalid'],
    ['{"a":1,"b":2}', 'steps.jsonInvalid'],
    ['{"a":[1,2]}', 'steps.jsonInvalid'],
    ['{"a":{"b":[[1]]}}', 'steps.jsonInvalid'],
    ['{"a":{"@x":{"y":1}}}', 'steps.jsonInvalid'],
    ['{"a":"\\u0000"}', 'steps.jsonInvalid'],
    ['{"a":{"b c":1}}', 'steps.xmlNameInvalid'],
    ['{"a":{"1b":1}}', 'steps.xmlNameInvalid'],
    ['{"a":{"b><c":1}}', 'steps.xmlNameInvalid'],
    ['{"a":{"@x=\\"1\\" y":1}}', 'steps.xmlNameInvalid'],
    [`{"a":${'{"b":'.repeat(1_000)}1${'}'.repeat(1_000)}}`, 'steps.jsonInvalid'],
  ]
  for (const [json, code] of cases) await assert.rejects(convert(json), { code }, json.slice(0, 50))
})

test('a mapping and a root name that is none are refused', async () => {
  await assert.rejects(convert('{}', { jsonNamespaceMapping: '[{"0":"a","1":"urn:a"}]' }), PropertiesRefused)
  await assert.rejects(convert('{}', { additionalRootElementName: 'a b' }), PropertiesRefused)
})
