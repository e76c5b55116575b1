import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseXml } from '../../formats/index.ts'
import { compileXPath } from './xpath.ts'
import { withDescendantAxis } from './descendants.ts'

const rewritten: readonly (readonly [expression: string, written: string])[] = [
  ['//b', '/descendant::b'],
  ['/a//b/c//d', '/a/descendant::b/c/descendant::d'],
  ['count(//p:b) + count(//*)', 'count(/descendant::p:b) + count(/descendant::*)'],
  ['//*:b/text()', '/descendant::*:b/text()'],
  ['//text()', '/descendant::text()'],
  ['//b[@id="1"]/c', '/descendant::b[@id="1"]/c'],
  ['//b[x/@y != $z]', '/descendant::b[x/@y != $z]'],
  ['//b[c]', '/descendant::b[c]'],
  ['string-length(//b-1.x)', 'string-length(/descendant::b-1.x)'],
]

for (const [expression, written] of rewritten)
  test(`${expression} is walked as ${written}`, () => {
    assert.equal(withDescendantAxis(expression), written)
  })

for (const expression of [
  '//b[1]',
  '//b [1]',
  '//b[last()]',
  '//b[c][1]',
  '//b[$n]',
  '//b[@n * 1]',
  '//b[count(c)]',
  '//b[position() = 1]',
  '//@id',
  '//count(b)',
  '//child::b',
  '//self::b',
  '//.',
  "'//b'",
  '"it\'s //b"',
  '(: //b :) 1',
])
  test(`${expression} stays as it is`, () => {
    assert.equal(withDescendantAxis(expression), expression)
  })

test('both ways of writing yield the same nodes in the same order', () => {
  const document = parseXml(
    '<a><b id="1"><b id="2"><c>x</c></b></b>t<c><b id="3"><c/><c/></b></c><d><b id="1"/></d></a>',
  )
  for (const expression of [
    '//b',
    '//b//c',
    '//b[@id="1"]',
    '//b[c]',
    '//b[1]',
    '//c[1]',
    '//*',
    '//text()',
    '//b/..//b',
  ])
    assert.deepEqual(
      compileXPath(expression, new Map()).nodesOn(document),
      // Written in full, so that nothing is left to be rewritten.
      compileXPath(expression.replaceAll('//', '/descendant-or-self::node()/'), new Map()).nodesOn(document),
      expression,
    )
})
