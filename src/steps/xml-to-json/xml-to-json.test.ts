import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { rows, runStep } from '../../../test/kit/step.ts'
import { xmlToJson } from './xml-to-json.ts'

const convert = async (xml: string, properties: Record<string, string> = {}) =>
  (await runStep(xmlToJson, { properties, exchange: new Exchange({ body: Body.ofText(xml) }) })).exchange.body.text()

test('XML becomes JSON', async () => {
  const streaming = { xmlJsonUseStreaming: 'true' }
  const cases: readonly [xml: string, properties: Record<string, string>, json: string][] = [
    ['<a>1</a>', {}, '{"a":"1"}'],
    ['<a/>', {}, '{"a":""}'],
    ['<a><b>1</b><c/></a>', {}, '{"a":{"b":"1","c":""}}'],
    ['<a><b>1</b><c>x</c><b>2</b></a>', {}, '{"a":{"b":["1","2"],"c":"x"}}'],
    ['<a x="1"><b y="2">t</b></a>', {}, '{"a":{"@x":"1","b":{"@y":"2","$":"t"}}}'],
    ['<a>\n <b>1</b>\n</a>', {}, '{"a":{"b":"1"}}'],
    ['<a><!-- c --><?p i?><b><![CDATA[<x>]]></b></a>', {}, '{"a":{"b":"<x>"}}'],
    ['<a>"q"\\</a>', {}, '{"a":"\\"q\\"\\\\"}'],
    ['<a><b>1</b></a>', { xmlJsonSuppressRootElement: 'true' }, '{"b":"1"}'],
    [
      '<a><b>1</b><c>2</c></a>',
      { ...streaming, xmlJsonPathTable: rows({ '0': 'a/b', '1': '' }) },
      '{"a":{"b":["1"],"c":"2"}}',
    ],
    ['<a><b>1</b></a>', { ...streaming, xmlJsonConvertAllElements: 'all' }, '{"a":{"b":["1"]}}'],
    ['<a><b>1</b></a>', { xmlJsonPathTable: rows({ '0': '/a/b' }) }, '{"a":{"b":"1"}}'],
    ['<p:a xmlns:p="u"><p:b>1</p:b></p:a>', {}, '{"a":{"b":"1"}}'],
    ['<p:a xmlns:p="u" p:x="1"><p:b>1</p:b></p:a>', { useNamespaces: 'true' }, '{"p:a":{"@p:x":"1","p:b":"1"}}'],
    ['<a xmlns="u"><b>1</b></a>', { useNamespaces: 'true', jsonNamespaceSeparator: ':' }, '{"a":{"b":"1"}}'],
  ]
  for (const [xml, properties, json] of cases) {
    assert.equal(await convert(xml, properties), json)
    JSON.parse(json)
  }
})

test('what is no XML, or nested without end, is an error', async () => {
  await assert.rejects(convert('{"a":1}'), { code: 'message.bodyNotXml' })
  await assert.rejects(convert(`${'<a>'.repeat(600)}${'</a>'.repeat(600)}`), { code: 'steps.xmlTooDeep' })
})
