import assert from 'node:assert/strict'
import { test } from 'node:test'

import { compileRegex } from './regex.ts'

const matching: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['a', 'ab', false],
  ['a.*', 'ab', true],
  ['a.*', 'a\nb', false],
  ['(?s)a.*', 'a\nb', true],
  ['(?i)(yes|x)', 'YES', true],
  ['\\d{4}-\\d\\d', '2025-11', true],
  ['[^*]*\\*', 'ab*', true],
  ['', '', true],
  ['\\p{L}+', 'Köln', true],
]

for (const [pattern, text, matches] of matching)
  test(`${pattern} ${matches ? 'matches' : 'does not match'} all of ${JSON.stringify(text)}`, () => {
    assert.equal(compileRegex(pattern).matches(text), matches)
  })

for (const pattern of ['(', '[', 'a**', '(?=a)', '(?<!a)b', '(a)\\1', '((a{1000}){1000})', 'x'.repeat(2001)])
  test(`the pattern ${pattern.slice(0, 20)} is refused`, () => {
    assert.throws(() => compileRegex(pattern), { code: 'languages.regexMalformed' })
  })

for (const pattern of ['(a+)+$', '(a|aa)*b', '(.*)(.*)(.*)(.*)(.*)z', '(a?){500}a{500}b'])
  test(`${pattern} takes no longer than its text is long`, () => {
    const regex = compileRegex(pattern)
    const start = performance.now()
    assert.equal(regex.matches(`${'a'.repeat(20_000)}!`), false)
    assert.ok(performance.now() - start < 2000)
  })
