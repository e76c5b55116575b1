import assert from 'node:assert/strict'
import { test } from 'node:test'

import { compileHeaderFilter } from './header-filter.ts'

const cases: readonly (readonly [list: string, allowed: readonly string[], refused: readonly string[]])[] = [
  ['', [], ['Content-Type', '']],
  ['  ', [], ['Content-Type']],
  ['|', [], ['', 'a']],
  ['*', ['Content-Type', 'anything at all'], []],
  [' * ', ['Content-Type'], []],
  ['.*', ['Content-Type', 'SAP_x'], []],
  ['Content-Type', ['content-type', 'CONTENT-TYPE'], ['Content-Type2', 'X-Content-Type']],
  ['SAP_.*', ['SAP_Sender', 'sap_', 'sap_x'], ['XSAP_Sender', 'SAPSender']],
  ['a|b|x-.*', ['A', 'b', 'X-y'], ['ab', 'a|b', 'x']],
  [' a | b ', ['a', 'b'], [' a']],
  ['x-(one|two)', ['X-One', 'x-two'], ['x-', 'two)', 'x-three']],
  ['[a|b]x', ['ax', 'BX', '|x'], ['x']],
  ['a,b', ['a,b'], ['a', 'b']],
  ['a.b', ['a.b', 'axb'], ['ab']],
  ['\\|x', ['|x'], ['x']],
  ['a|*', ['a', 'anything'], []],
  ['AB_[0-9]|ABC', ['AB_7', 'ab_0', 'abc'], ['AB_', 'AB_77', 'ABCD', 'AB_7|ABC']],
  ['^a$|^b$', ['a', 'b'], ['ab', 'a|b']],
  ['(a|b)c|d{1,2}', ['ac', 'bc', 'dd'], ['a', 'c', 'ddd']],
]

for (const [list, allowed, refused] of cases)
  test(`'${list}' allows ${allowed.join(' ') || 'nothing'}`, () => {
    const allows = compileHeaderFilter(list)
    for (const name of allowed) assert.equal(allows(name), true, name)
    for (const name of refused) assert.equal(allows(name), false, name)
  })

test('commas separate entries where the caller says so', () => {
  const allows = compileHeaderFilter('a, b|c', { commas: true })
  assert.deepEqual(['a', 'B', 'c', 'a, b'].map(allows), [true, true, true, false])
})

for (const [list, entry] of [
  ['ok|(unclosed', '(unclosed'],
  ['*a', '*a'],
  ['x|?b', '?b'],
  ['x|a\\', 'a\\'],
  ['**', '**'],
  ['[z-a]', '[z-a]'],
  ['(?=look)ahead', '(?=look)ahead'],
  ['a{2000}', 'a{2000}'],
] as const)
  test(`'${list}' is refused and the entry named`, () => {
    assert.throws(
      () => compileHeaderFilter(list),
      (thrown: { code: string; details: { entry: string } }) => {
        assert.equal(thrown.code, 'languages.headerPatternMalformed')
        assert.equal(thrown.details.entry, entry)
        return true
      },
    )
  })

test('a pattern that would keep a backtracking engine busy for ever is answered at once', () => {
  const allows = compileHeaderFilter('(a+)+b|(x|x)*y|(.*)*z')
  const start = performance.now()
  assert.equal(allows(`${'a'.repeat(50_000)}!`), false)
  assert.equal(allows(`${'x'.repeat(50_000)}!`), false)
  assert.ok(performance.now() - start < 2000)
})
