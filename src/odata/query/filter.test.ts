import assert from 'node:assert/strict'
import { test } from 'node:test'

import { complex, dateTime, flag, int32, int64, type Row, text } from '../edm.ts'
import { bindFilter } from './bind-filter.ts'
import { passes } from './evaluate.ts'
import { parseFilter } from './parse-filter.ts'

const type = {
  name: 'Order',
  key: ['Id'],
  properties: {
    Id: text(),
    Status: text(),
    Note: text(),
    Count: int32,
    Size: int64,
    Open: flag,
    At: dateTime,
    Flow: complex('Flow', { Id: text() }),
  },
}

const at = Date.UTC(2026, 0, 31, 12)
const row: Row = {
  Id: "o'1",
  Status: 'FAILED',
  Note: null,
  Count: 5,
  Size: 5n,
  Open: true,
  At: at,
  Flow: { Id: 'orders' },
}

const cases: readonly (readonly [filter: string, expected: boolean])[] = [
  ["Status eq 'FAILED'", true],
  ["'FAILED' eq Status", true],
  ["Status ne 'FAILED'", false],
  ["Status eq 'failed'", false],
  ["Id eq 'o''1'", true],
  ['Count gt 4 and Count lt 6', true],
  ['Count ge 5 and Count le 5', true],
  ['Count eq -5', false],
  ['Size eq 5L', true],
  ['Size eq 5', true],
  ['Size gt 4', true],
  ['Open eq true', true],
  ['Open eq false', false],
  ['Open', true],
  ["Flow/Id eq 'orders'", true],
  ['Note eq null', true],
  ['Note ne null', false],
  ["Note ne 'x'", true],
  ["Note lt 'x'", false],
  ["At gt datetime'2026-01-31T11:59:59'", true],
  ["At eq datetime'2026-01-31T12:00:00'", true],
  ["At eq datetime'2026-01-31T12:00:00Z'", true],
  ["At eq datetime'2026-01-31T12:00:00.000'", true],
  ["At eq datetimeoffset'2026-01-31T13:00:00+01:00'", true],
  ["At lt datetime'2026-01-31T12:00'", false],
  ["substringof('AIL', Status)", true],
  ["substringof('AIL',Status) eq true", true],
  ["true eq substringof('AIL',Status)", true],
  ["substringof('AIL',Status) eq false", false],
  ["substringof('AIL',Status) ne true", false],
  ["startswith(Status,'FA') and endswith(Status,'ED')", true],
  ["startswith(Status,'AI')", false],
  ["tolower(Status) eq 'failed'", true],
  ['length(Status) eq 6', true],
  ["Status eq 'A' or Status eq 'FAILED' and Count eq 0", false],
  ["(Status eq 'A' or Status eq 'FAILED') and Count eq 5", true],
  ["not (Status eq 'A')", true],
  ["not startswith(Status,'X') and Open", true],
  ["  Status   eq   'FAILED'  ", true],
]
for (const [filter, expected] of cases) {
  test(`${filter} is ${expected}`, () => {
    const tree = parseFilter(filter)
    bindFilter(tree, type)
    assert.equal(passes(tree, row), expected)
  })
}

const refused: readonly (readonly [filter: string, code: string])[] = [
  ["Status eq 'FAILED", 'odata.filterMalformed'],
  ["Status eq 'A' Count", 'odata.filterMalformed'],
  ['Status eq', 'odata.filterMalformed'],
  ["(Status eq 'A'", 'odata.filterMalformed'],
  ["At gt datetime'yesterday'", 'odata.filterMalformed'],
  ["At gt datetime'2026-13-31T00:00:00'", 'odata.filterMalformed'],
  ['substringof(Status)', 'odata.filterMalformed'],
  [`${'('.repeat(500)}Open${')'.repeat(500)}`, 'odata.filterMalformed'],
  [`${'not '.repeat(5000)}Open`, 'odata.filterMalformed'],
  ['Count add 1 eq 6', 'odata.filterUnsupported'],
  ['year(At) eq 2026', 'odata.filterUnsupported'],
  ["Colour eq 'red'", 'odata.propertyUnknown'],
  ["Flow eq 'orders'", 'odata.propertyUnknown'],
  ["constructor eq 'x'", 'odata.propertyUnknown'],
  ['Status eq 5', 'odata.optionInvalid'],
  ["At gt '2026-01-31'", 'odata.optionInvalid'],
  ['Status', 'odata.optionInvalid'],
  ['Status and Open', 'odata.optionInvalid'],
  ["substringof('a', Count)", 'odata.optionInvalid'],
]
for (const [filter, code] of refused) {
  test(`${filter.slice(0, 40)} is refused with ${code}`, () => {
    assert.throws(() => bindFilter(parseFilter(filter), type), { code })
  })
}
