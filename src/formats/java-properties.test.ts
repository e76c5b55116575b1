import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { changeProperties, parseProperties, propertiesOf, writeProperties } from './java-properties.ts'

const read = (text: string) => [...propertiesOf(parseProperties(text))]

// Each as java.util.Properties.load reads it.
const cases: readonly (readonly [what: string, text: string, entries: readonly (readonly [string, string])[]])[] = [
  [
    'separators',
    'a=1\nb:2\nc 3\nd\t4\ne = 5\nf : = 6',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
      ['e', '5'],
      ['f', '= 6'],
    ],
  ],
  [
    'a key alone',
    'a\nb=\nc:',
    [
      ['a', ''],
      ['b', ''],
      ['c', ''],
    ],
  ],
  ['an empty key', '=v', [['', 'v']]],
  ['escaped separators', 'a\\ b\\=c\\:d=x\\=y\\:z', [['a b=c:d', 'x=y:z']]],
  ['letters that need no escape', '\\a\\q=\\z\\"', [['aq', 'z"']]],
  ['control characters', 'k=\\t\\n\\r\\f\\\\', [['k', '\t\n\r\f\\']]],
  ['code units', '\\u00e4=\\u20AC\\ud83d\\ude00', [['ä', '€😀']]],
  ['Latin-1 bytes', 'ä=ö', [['ä', 'ö']]],
  ['comments and blank lines', '# a=1\n  ! b=2\n\n \t \nc=3', [['c', '3']]],
  ['a comment is not continued', '# a \\\nb=1', [['b', '1']]],
  [
    'continuation',
    'a=1,\\\n   2,\\\r\n\t3\nb=4',
    [
      ['a', '1,2,3'],
      ['b', '4'],
    ],
  ],
  [
    'an even number of backslashes ends the line',
    'a=1\\\\\nb=2',
    [
      ['a', '1\\'],
      ['b', '2'],
    ],
  ],
  ['a continued line may look like a comment', 'a=1\\\n#2', [['a', '1#2']]],
  ['a continued key', 'ab\\\n  cd=1', [['abcd', '1']]],
  [
    'a blank line ends a continuation',
    'a=1\\\n\nb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ['a backslash at the very end', 'a=1\\', [['a', '1']]],
  ['trailing blanks belong to the value', 'a=1  ', [['a', '1  ']]],
  [
    'old line ends',
    'a=1\rb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ['a key twice', 'a=1\na=2', [['a', '2']]],
  ['nothing', '', []],
]
for (const [what, text, entries] of cases) {
  test(`read: ${what}`, () => {
    assert.deepEqual(read(text), entries)
    assert.deepEqual([...propertiesOf(parseProperties(Buffer.from(text, 'latin1')))], entries)
  })
}

test('refused: an escape without four hex digits, with its line', () => {
  for (const text of ['a=1\nb=\\u12', 'a=1\n\\uxyz1=2']) {
    assert.throws(() => parseProperties(text), { code: 'formats.propertiesMalformed', place: { line: 2 } })
  }
  assert.deepEqual(read('a=\\\\user'), [['a', '\\user']])
})

test('written and read, every text is the same', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...' \t\n\r\f\\=:#!uäa\u2028'.split('')) }),
  )
  fc.assert(
    fc.property(fc.dictionary(text, text), (given) => {
      const written = writeProperties(changeProperties([], new Map(Object.entries(given))))
      assert.match(written, /^[\x20-\x7e\n]*$/)
      assert.deepEqual(read(written), Object.entries(given))
    }),
    { numRuns: 500 },
  )
})

test('any text is read or refused, and kept when it is written', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab \t\n\r\\=:#!u0'.split('')) }), (text) => {
      let parts
      try {
        parts = parseProperties(text)
      } catch {
        return
      }
      assert.equal(parts.map((part) => part.text).join(''), text)
      assert.deepEqual(read(writeProperties(parts)), [...propertiesOf(parts)])
    }),
    { numRuns: 1000 },
  )
})

test('a change touches nothing else', () => {
  const parts = parseProperties('#head\r\n\r\nfirst : one\r\n! why\r\nsecond=two\r\nthird=three')
  const changes = new Map([
    ['second', 'a b=c\n'],
    ['third', undefined],
    ['fourth key', ' 4'],
    ['first', 'one'],
  ])
  assert.equal(
    writeProperties(changeProperties(parts, changes)),
    '#head\r\n\r\nfirst : one\r\n! why\r\nsecond=a b\\=c\\n\nfourth\\ key=\\ 4\n',
  )
  assert.equal(writeProperties(changeProperties(parseProperties('a=1'), new Map([['b', '2']]))), 'a=1\nb=2\n')
})
