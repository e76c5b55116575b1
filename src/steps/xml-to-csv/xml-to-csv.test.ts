import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { PropertiesRefused, runStep } from '../../../test/kit/step.ts'
import { xmlToCsv } from './xml-to-csv.ts'

const xml = '<root><row><a>1</a><b>x,y</b></row><row><a>2</a><b>"q"</b><c>more</c></row></root>'
const convert = async (properties: Record<string, string>) =>
  (await runStep(xmlToCsv, { properties, exchange: new Exchange({ body: Body.ofText(xml) }) })).exchange.body.text()

test('each record becomes a line', async () => {
  const cases: readonly [properties: Record<string, string>, csv: string][] = [
    [{ XPath_Field_Location: '/root/row' }, '1,"x,y"\n2,"""q""",more\n'],
    [{ XPath_Field_Location: 'root/row/' }, '1,"x,y"\n2,"""q""",more\n'],
    [{ XPath_Field_Location: '/root/row', Field_Separator_in_CSV: ';' }, '1;x,y\n2;"""q""";more\n'],
    [{ XPath_Field_Location: '/root/row', Include_Header: 'true' }, 'a,b\n1,"x,y"\n2,"""q""",more\n'],
    [{ XPath_Field_Location: '/root/none', Include_Header: 'true' }, ''],
  ]
  for (const [properties, csv] of cases) assert.equal(await convert(properties), csv)
})

test('paths with predicates and what cannot be done are refused', async () => {
  await assert.rejects(convert({ XPath_Field_Location: '/root/row[1]' }), { code: 'steps.recordPathInvalid' })
  await assert.rejects(convert({ XPath_Field_Location: '/root/row', Include_Attribute: 'true' }), PropertiesRefused)
  await assert.rejects(convert({ XPath_Field_Location: '/root/row', Include_Master: 'true' }), PropertiesRefused)
})
