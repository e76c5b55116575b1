import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readJson } from './read-json.ts'

describe('what is read', () => {
  for (const [source, expected] of [
    ['{"roles":["a","b"],"token-validity":3600}', { roles: ['a', 'b'], 'token-validity': 3600 }],
    [' { "a" : [ 1 , -2.5e3 , 0 ] , "b" : { } } ', { a: [1, -2500, 0], b: {} }],
    ['{"roles":["a",],}', { roles: ['a'] }],
    ['{ // who\n "roles": [/* none */] }', { roles: [] }],
    ['{"a":"// no comment, \\"really\\" \\u00e9\\n"}', { a: '// no comment, "really" é\n' }],
    ['\ufeff[true, false, null]', [true, false, null]],
    ['"text"', 'text'],
  ] as const) {
    it(source, () => assert.deepEqual(readJson(source, 'P'), expected))
  }

  it('a name that every object has is a name like any other', () => {
    const read = readJson('{"__proto__":{"roles":[]}}', 'P') as object
    assert.deepEqual(Object.keys(read), ['__proto__'])
    assert.equal(Object.getPrototypeOf(read), Object.prototype)
  })
})

describe('what is refused, with its place', () => {
  for (const [source, line, column, why] of [
    ['', 1, 1, /ends too early/],
    ['{"roles":[}', 1, 11, /'}' is not expected/],
    ['{"roles" ["a"]}', 1, 10, /':' is expected/],
    ['{\n  "roles": ["a" "b"]\n}', 2, 17, /',' or ']' is expected/],
    ["{'roles':[]}", 1, 2, /text in double quotes/],
    ['{"roles', 1, 2, /not ended/],
    ['{"a":"x\ny"}', 1, 6, /not ended or not escaped/],
    ['{"a":1}{', 1, 8, /more behind the end/],
    ['{"a":01}', 1, 7, /',' or '}' is expected/],
    ['{,}', 1, 2, /text in double quotes/],
    ['[,]', 1, 2, /',' is not expected/],
    ['{"a":1,\n "a":2}', 2, 2, /'a' is given twice/],
    ['{"a":NaN}', 1, 6, /'N' is not expected/],
    ['/* no end', 1, 1, /'\/' is not expected/],
    ['['.repeat(100), 1, 34, /nested too deeply/],
  ] as const) {
    it(JSON.stringify(source).slice(0, 40), () => {
      const message = new RegExp(`^'P' is not JSON: .*${why.source}.* \\(line ${line}, column ${column}\\)\\.$`)
      assert.throws(() => readJson(source, 'P'), { code: 'api.jsonInvalid', kind: 'invalid', message })
    })
  }
})
