import assert from 'node:assert/strict'
import { test } from 'node:test'

import { artifactBundle, valueMappingText } from '../../test/kit/bundle.ts'
import { readBundle } from './read-bundle.ts'
import { createValueTable, parseValueMapping, readValueMapping } from './value-mapping.ts'

const groups = parseValueMapping(
  valueMappingText([
    [
      ['ERP', 'Country', 'DE'],
      ['CRM', 'Land', '1'],
      ['CRM', 'Name', 'Germany'],
    ],
    [
      ['ERP', 'Country', 'DE'],
      ['Web', 'Code', 'de'],
    ],
    [
      [' a,b ', '*', ' ${x}, & '],
      ['T', 'S', ''],
    ],
  ]),
)
const table = createValueTable(groups)

const cases: readonly (readonly [
  from: readonly [string, string, string],
  to: readonly [string, string],
  expected: string | undefined,
])[] = [
  [['ERP', 'Country', 'DE'], ['CRM', 'Land'], '1'],
  [['CRM', 'Land', '1'], ['ERP', 'Country'], 'DE'],
  [['CRM', 'Land', '1'], ['CRM', 'Name'], 'Germany'],
  [['ERP', 'Country', 'DE'], ['Web', 'Code'], 'de'],
  [['ERP', 'Country', 'de'], ['CRM', 'Land'], undefined],
  [['ERP', 'Country', ' DE'], ['CRM', 'Land'], undefined],
  [['ERP', 'Country', 'DE'], ['CRM', 'land'], undefined],
  [[' a,b ', '*', ' ${x}, & '], ['T', 'S'], ''],
  [['a,b', '*', '${x}, &'], ['T', 'S'], undefined],
  [['ERP', '*', 'DE'], ['CRM', 'Land'], undefined],
]
for (const [[agency, schema, value], [targetAgency, targetSchema], expected] of cases) {
  test(`${agency}/${schema}/${value} for ${targetAgency}/${targetSchema}`, () => {
    assert.equal(table.lookup({ agency, schema, value }, { agency: targetAgency, schema: targetSchema }), expected)
  })
}

test('parts are never joined into one key', () => {
  assert.equal(
    table.lookup({ agency: 'ERP"', schema: 'Country', value: 'DE' }, { agency: 'CRM', schema: 'Land' }),
    undefined,
  )
  const tricky = createValueTable([
    [
      { agency: 'a', schema: 'b","c', value: 'd' },
      { agency: 't', schema: 's', value: '1' },
    ],
  ])
  assert.equal(tricky.lookup({ agency: 'a","b', schema: 'c', value: 'd' }, { agency: 't', schema: 's' }), undefined)
})

test('a bundle is read, and refused where the file is missing or no value mapping', async () => {
  const text = valueMappingText([
    [
      ['A', 'B', 'c'],
      ['D', 'E', 'f'],
    ],
  ])
  assert.equal(
    readValueMapping(await readBundle(await artifactBundle('ValueMapping', 'V', { 'value_mapping.xml': text })))[0]
      ?.length,
    2,
  )
  const without = await readBundle(await artifactBundle('ValueMapping', 'V', {}))
  assert.throws(() => readValueMapping(without), { code: 'flow.valueMappingInvalid' })
  assert.throws(() => parseValueMapping('<x/>'), { code: 'flow.valueMappingInvalid' })
  assert.throws(() => parseValueMapping('<vm>'), {
    code: 'formats.xmlMalformed',
    place: { file: 'value_mapping.xml', line: 1, column: 2 },
  })
})
