import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import { parseXml } from '../../formats/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { compileXPath } from './xpath.ts'

const xml = `<root xmlns:v="urn:v"><data><id>7</id><status>200</status><name> Ann  Lee </name></data>
<item n="1">a<sub>x</sub>b</item><item n="2">c</item><v:item>d</v:item><price>12.50</price></root>`

const namespaces = new Map([['p', 'urn:v']])
const exchange = () =>
  new Exchange({
    body: Body.ofText(xml),
    headers: [
      ['wanted', '2'],
      ['Both', 'header'],
      ['limit', 100],
    ],
    properties: [
      ['Both', 'property'],
      ['wanted2', '1'],
      ['set', [...parseXml('<s><x>1</x><x>2</x></s>').documentElement!.childNodes]],
    ],
  })

const strings: readonly (readonly [expression: string, text: string])[] = [
  ['/root/data/id', '7'],
  ['root/data/id', '7'],
  ['//id', '7'],
  ['/root/item', 'axb'],
  ['/root/item/text()', 'a'],
  ['/root/item[2]', 'c'],
  ['/root/item/@n', '1'],
  ['/root/missing', ''],
  ['count(/root/item)', '2'],
  ['/root/count(item)', '2'],
  ['//p:item', 'd'],
  ['//*:item[last()]', 'd'],
  ["//*[local-name()='item' and namespace-uri()='urn:v']", 'd'],
  ['//item[@n = $wanted]', 'c'],
  ['//item[@n = $wanted2]/@n', '1'],
  ['$both', 'header'],
  ['$none', ''],
  ['$set[2]', '2'],
  ['string-length($none)', '0'],
  ["if (/root/data/status = 200) then 'ok' else 'bad'", 'ok'],
  ["if (//data/status > $limit) then 'over' else 'under'", 'over'],
  ["replace(/root/data/name, '^ (\\w+)\\s+(\\w+) $', '$2, $1')", 'Lee, Ann'],
  ['normalize-space(//name)', 'Ann Lee'],
  ["concat(//id, '-', //status)", '7-200'],
  ["translate('abc', 'b', 'B')", 'aBc'],
  ['/root/price * 2', '25'],
  ['/root/data/status eq "200"', 'true'],
  ['for $i in //item return string($i/@n)', '1'],
  ['//item[1 = last()]', ''],
  ['/root[*]/data/self::data/id', '7'],
  ['//id (: the id :)', '7'],
  ["'a', 'b'", 'a'],
  ['xs:date("2025-11-21")', '2025-11-21'],
]

for (const [expression, text] of strings)
  test(`the text of ${expression} is '${text}'`, () => {
    assert.equal(compileXPath(expression, namespaces).string(exchange()), text)
  })

const booleans: readonly (readonly [expression: string, value: boolean])[] = [
  ['/root/item', true],
  ['/root/missing', false],
  ['count(//item) != 2', false],
  ['//status = 200', true],
  ["//status = '201'", false],
  ["$wanted='2'", true],
  ["''", false],
  ["'false'", true],
  ['0', false],
  ['not(//missing)', true],
  ['boolean(//id)', true],
]

for (const [expression, value] of booleans)
  test(`${expression} counts as ${value}`, () => {
    assert.equal(compileXPath(expression, namespaces).boolean(exchange()), value)
  })

test('numbers are those of the first item', () => {
  const number = (expression: string) => compileXPath(expression, namespaces).number(exchange())
  assert.deepEqual(['//price', 'count(//item)', '//item', '//missing'].map(number), [12.5, 2, Number.NaN, Number.NaN])
})

test('nodes come in the order of the document, and only nodes', () => {
  const nodes = compileXPath('//item | //id', namespaces).nodes(exchange())
  assert.deepEqual(
    nodes.map((node) => node.nodeName),
    ['id', 'item', 'item'],
  )
  assert.deepEqual(compileXPath('//missing', namespaces).nodes(exchange()), [])
  assert.throws(() => compileXPath('count(//item)', namespaces).nodes(exchange()), { code: 'languages.xpathFailed' })
})

test('the first item keeps its kind', () => {
  const first = (expression: string) => compileXPath(expression, namespaces).first(exchange())
  assert.equal(first('count(//item)'), 2)
  assert.equal(first('//id = 7'), true)
  assert.equal(first('//missing'), undefined)
  assert.equal((first('//item/@n') as { value: string }).value, '1')
})

test('any node can be the start, with variables of the caller', () => {
  const document = parseXml('<a><b k="1">x</b><b k="2">y</b></a>')
  const element = document.documentElement
  assert.ok(element)
  const expression = compileXPath('b[@k = $k]', namespaces)
  const two = (name: string) => (name === 'k' ? 2 : undefined)
  assert.equal(expression.stringOn(element, two), 'y')
  assert.equal(expression.booleanOn(element), false)
  assert.equal(expression.nodesOn(element, two).length, 1)
  assert.equal(expression.evaluateOn(element, two).length, 1)
  assert.equal(compileXPath('count(b)', namespaces).numberOn(element), 2)
})

const refused: readonly (readonly [expression: string, code: string, words: RegExp])[] = [
  ['', 'languages.xpathMalformed', /empty/],
  ['/a/', 'languages.xpathMalformed', /XPST0003.*line 1, column 3/],
  ['1 +', 'languages.xpathMalformed', /XPST0003/],
  ['no-such-function(1)', 'languages.xpathMalformed', /no-such-function/],
  ['//q:item', 'languages.xpathPrefixUnknown', /'q'/],
  ['//@q:n', 'languages.xpathPrefixUnknown', /'q'/],
  ['q:call(1)', 'languages.xpathPrefixUnknown', /'q'/],
  ['declare variable $x := 1; $x', 'languages.xpathMalformed', /XQuery/],
]

for (const [expression, code, message] of refused)
  test(`'${expression}' is refused`, () => {
    assert.throws(() => compileXPath(expression, namespaces), { code, message })
  })

test('nothing outside of the message can be read', () => {
  const folder = temporaryFolder('xpath')
  const file = join(folder, 'secret.xml')
  writeFileSync(file, '<secret/>')
  const url = pathToFileURL(file).href
  for (const expression of [
    `doc('${url}')`,
    `fn:doc('${url}')`,
    `Q{http://www.w3.org/2005/xpath-functions}doc('${url}')`,
    `doc-available('${url}')`,
    `document('${url}')`,
    `collection('${url}')`,
    'collection()',
    `uri-collection('${url}')`,
    `unparsed-text('${url}')`,
    `unparsed-text-lines('${url}')`,
    `unparsed-text-available('${url}')`,
    `json-doc('${url}')`,
    "environment-variable('PATH')",
    'available-environment-variables()',
    `load-xquery-module('${url}')`,
    'transform(map{})',
    `fontoxpath:fetch('${url}')`,
    `Q{http://fontoxml.com/fontoxpath}fetch('${url}')`,
    `import module namespace x = 'x' at '${url}'; 1`,
    `put(/root, '${url}')`,
    'delete node /root',
  ])
    assert.throws(() => compileXPath(expression, namespaces), { code: 'languages.xpathMalformed' }, expression)
  const lookup = compileXPath(`function-lookup(xs:QName('fn:doc'), 1)`, namespaces)
  assert.deepEqual(lookup.evaluateOn(parseXml('<a/>')), [])
})

test('trace writes nothing of a message to the console', (t) => {
  const log = t.mock.method(console, 'log', () => {})
  assert.equal(compileXPath('trace(//id)', namespaces).string(exchange()), '7')
  assert.equal(log.mock.callCount(), 0)
})

test('an empty body and one that is no XML fail', () => {
  const expression = compileXPath('1', namespaces)
  assert.throws(() => expression.string(new Exchange()), { code: 'languages.xpathEmptyBody' })
  assert.throws(() => expression.boolean(new Exchange({ body: Body.ofText('{}') })), { code: 'message.bodyNotXml' })
})

test('what fails on a message says so', () => {
  assert.throws(() => compileXPath('xs:integer(//name)', namespaces).string(exchange()), {
    code: 'languages.xpathFailed',
  })
})

test('the same expression with other prefixes means other nodes', () => {
  const document = parseXml('<a><b xmlns="urn:1">one</b><b xmlns="urn:2">two</b></a>')
  const read = (uri: string) => compileXPath('//x:b', new Map([['x', uri]])).stringOn(document)
  assert.deepEqual(['urn:1', 'urn:2', 'urn:1'].map(read), ['one', 'two', 'one'])
})
