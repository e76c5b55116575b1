import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

/** The same value with the members of its objects in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]): [string, unknown] => [name, shuffled(member)])
      .reverse(),
  )
}

describe('canonicalJson', () => {
  const cases: readonly [unknown, string][] = [
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ 9: 'a', 10: 'b', '€': 1, é: 2 }, '{"10":"b","9":"a","é":2,"€":1}'],
    [{ a: undefined, b: () => 1 }, '{}'],
    [[undefined, () => 1], '[null,null]'],
    [undefined, 'null'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ['\0 \ud800 "', '"\\u0000 \\ud800 \\""'],
    [[Number.NaN, -0, 1e21, 0.1], '[null,0,1e+21,0.1]'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [10n ** 20n, '100000000000000000000'],
  ]
  for (const [value, expected] of cases) it(expected, () => assert.equal(canonicalJson(value), expected))

  it('has one text for equal values, which reads back to the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        assert.equal(canonicalJson(shuffled(value)), text)
        assert.equal(canonicalJson(JSON.parse(text)), text)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
