import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { GroupRule } from '../identity/index.ts'
import { attributesBy, groupsBy, isUserName } from './who-asserted.ts'

const values = new Map([
  ['dep', ['sales', 'export-eu']],
  ['__proto__', ['x']],
])

it('a rule gives its group when one value fits', () => {
  const cases: [GroupRule['operator'], string, boolean][] = [
    ['equals', 'sales', true],
    ['equals', 'Sales', false],
    ['contains', 'port', true],
    ['contains', '', false],
    ['startsWith', 'export', true],
    ['startsWith', 'port', false],
    ['startsWith', '', false],
    ['endsWith', '-eu', true],
    ['endsWith', 'sale', false],
    ['endsWith', '', false],
    ['matches', 'export-(eu|us)', true],
    ['matches', 'export', false],
    ['matches', '(', false],
    ['matches', '(?=a)', false],
  ]
  for (const [operator, value, expected] of cases) {
    const groups = groupsBy(
      { defaultGroups: [], groupRules: [{ group: 'g', attribute: 'dep', operator, value }] },
      values,
    )
    assert.deepEqual(groups, expected ? ['g'] : [], `${operator} ${value}`)
  }
})

it('a pattern takes no time that grows faster than the text', () => {
  const rule: GroupRule = { group: 'g', attribute: 'a', operator: 'matches', value: '(a+)+b' }
  const started = performance.now()
  assert.deepEqual(groupsBy({ defaultGroups: [], groupRules: [rule] }, new Map([['a', ['a'.repeat(20_000)]]])), [])
  assert.ok(performance.now() - started < 2000)
})

it('an attribute may have any name', () => {
  const attributes = attributesBy({ defaultAttributes: {}, attributes: [{ from: '*', to: '*' }] }, values)
  assert.deepEqual(Object.keys(attributes), ['dep', '__proto__'])
  assert.equal(Object.getPrototypeOf(attributes), Object.prototype)
})

it('a user name is what people see of it', () => {
  for (const name of ['a', 'J\u00e9r\u00f4me M\u00fcller', 'DOMAIN\\user', '\u5f20\u4f1f', 'x'.repeat(255)])
    assert.ok(isUserName(name), name)
  for (const name of ['', ' a', 'a ', 'a\tb', 'a\u0000', 'a\u200b', 'a\u2028b', '\ufeffa', 'x'.repeat(256)])
    assert.ok(!isUserName(name), name)
})
