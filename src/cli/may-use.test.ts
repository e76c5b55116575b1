import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { mayUseWords } from './may-use.ts'

const grant = (line: string) => {
  const [kind = '', alias = '', basis = '', no] = line.split(' ')
  return { kind, alias, basis, allowed: no !== 'no' }
}

describe('what a flow may use, in words', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], ''],
    [['credential ERP model', 'key * script'], 'may use: credential ERP (model), key * (script: any)'],
    [['credential ERP model', 'credential ERP script'], 'may use: credential ERP (model, script)'],
    [
      ['credential * script', 'credential ERP model no', 'credential ERP administrator no'],
      'may use: credential * (script: any); may not use: credential ERP (administrator)',
    ],
    [['key k administrator no'], 'may not use: key k (administrator)'],
  ]
  for (const [lines, expected] of cases)
    it(lines.join(', ') || 'nothing', () => assert.equal(mayUseWords(lines.map(grant)), expected))
})
