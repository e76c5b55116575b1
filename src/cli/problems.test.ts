import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readProblems } from './problems.ts'

describe('error information', () => {
  const full = { message: 'Bad.', remedy: 'Mend it.', place: 'a.iflw:3', code: 'flow.x' }
  const words = (message: string) => ({ message, remedy: '', place: '', code: '' })
  const cases: [string, string, object[]][] = [
    ['nothing', '', []],
    ['problems', JSON.stringify({ message: { messageText: 'x' }, parameter: ['y'], problems: [full] }), [full]],
    [
      'parameters',
      JSON.stringify({ message: { messageText: 'x' }, parameter: ['one', 'two'] }),
      [words('one'), words('two')],
    ],
    ['a message alone', JSON.stringify({ message: { messageText: 'x' }, parameter: [] }), [words('x')]],
    ['a message as text', JSON.stringify({ message: 'x' }), [words('x')]],
    ['plain text', 'it broke', [words('it broke')]],
  ]
  for (const [what, text, expected] of cases) {
    it(`is read from ${what}`, () => assert.deepEqual(readProblems(Buffer.from(text)), expected))
  }
})
