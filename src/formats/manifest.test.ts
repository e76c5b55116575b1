import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { changeManifest, headersOf, newManifest, parseManifest, writeManifest } from './manifest.ts'

const read = (text: string | Buffer) => Object.fromEntries(headersOf(parseManifest(Buffer.from(text))))

test('folded lines are joined, whatever ends the lines', () => {
  for (const end of ['\r\n', '\n', '\r']) {
    const text = ['Manifest-Version: 1.0', 'Name-A: one t', ' wo', '  three', 'B:no blank', 'Empty: ', ''].join(end)
    assert.deepEqual(read(text), { 'Manifest-Version': '1.0', 'Name-A': 'one two three', B: 'no blank', Empty: '' })
  }
})

test('a fold may stand within a character', () => {
  const [first, second] = [...Buffer.from('ä')]
  assert.deepEqual(read(Buffer.from([...Buffer.from('A: x'), first ?? 0, 13, 10, 32, second ?? 0, 13, 10])), {
    A: 'xä',
  })
})

test('only the main section counts', () => {
  assert.deepEqual(read('A: 1\n\nName: a.class\nB: 2\n'), { A: '1' })
})

const bad: readonly (readonly [text: string, line: number, words: RegExp])[] = [
  ['A: 1\nno header\n', 2, /no header/],
  [' folded\n', 1, /continuation/],
  ['A: 1\nB: 2\na: 3\n', 3, /twice/],
  ['Ä: 1\n', 1, /no header/],
]
for (const [text, line, words] of bad) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => read(text),
      (fault: Error & { place?: object }) => {
        assert.deepEqual(fault.place, { line })
        assert.match(fault.message, words)
        return true
      },
    )
  })
}

test('written and read, headers are the same, and no line is longer than 72 bytes', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/)
  const value = fc
    .string({ unit: 'grapheme', maxLength: 300 })
    .filter((text) => !/[\r\n\0]/.test(text) && text.isWellFormed())
  const headers = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key.toLowerCase() })
  fc.assert(
    fc.property(headers, (given) => {
      const bytes = writeManifest(newManifest(given))
      assert.deepEqual([...headersOf(parseManifest(bytes))], given)
      for (const line of bytes.toString('latin1').split(/(?<=\n)/)) assert.ok(line.length <= 72, line)
    }),
    { numRuns: 300 },
  )
})

test('a header cannot smuggle in another', () => {
  assert.deepEqual(read(writeManifest(newManifest([['Bundle-Name', 'x\r\nBundle-SymbolicName: y']]))), {
    'Bundle-Name': 'x Bundle-SymbolicName: y',
  })
})

test('a change touches nothing else', () => {
  const text = 'A: 1\nLong: a\n b\nB: 2\n\nName: x\n'
  const changed = changeManifest(
    parseManifest(Buffer.from(text)),
    new Map([
      ['b', '3'],
      ['C', '4'],
      ['A', '1'],
    ]),
  )
  assert.equal(writeManifest(changed).toString(), 'A: 1\nLong: a\n b\nB: 3\r\nC: 4\r\n\nName: x\n')
  const open = parseManifest(Buffer.from('A: 1'))
  assert.equal(writeManifest(changeManifest(open, new Map([['B', '2']]))).toString(), 'A: 1\r\nB: 2\r\n')
})
