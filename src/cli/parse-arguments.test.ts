import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { choice, flag, integer, text } from '../fields/index.ts'
import { declareCommand } from './command.ts'
import { parseArguments } from './parse-arguments.ts'
import { list, pairs } from './several.ts'

const command = declareCommand({
  name: 'try',
  summary: 'Tries.',
  examples: [],
  positionals: {
    level: choice({ label: 'level', help: '', options: { LOW: 'Low', HIGH: 'High' } }),
    rest: list({ label: 'rest', help: '' }),
  },
  flags: {
    limit: integer({ label: 'n', help: '', min: 1, max: 10, default: 5 }),
    param: pairs({ label: 'name=value', help: '' }),
    wait: flag({ label: 'Wait', help: '', default: true }),
    package: text({ label: 'id', help: '', default: '' }),
  },
  letters: { n: 'limit' },
  run: async () => {},
})

describe('arguments', () => {
  const good: [string, string[], object][] = [
    ['defaults', ['LOW'], { level: 'LOW', rest: [], limit: 5, wait: true, package: '', param: new Map() }],
    ['a list of what is left', ['HIGH', 'a', 'b'], { rest: ['a', 'b'] }],
    ['a flag between arguments', ['--limit', '3', 'LOW', 'a'], { limit: 3, level: 'LOW', rest: ['a'] }],
    ['a flag with an equals sign', ['LOW', '--limit=3'], { limit: 3 }],
    ['a letter', ['LOW', '-n', '2'], { limit: 2 }],
    ['a letter with its value', ['LOW', '-n2'], { limit: 2 }],
    ['a switch turned off', ['LOW', '--no-wait'], { wait: false }],
    ['a switch with a value', ['LOW', '--wait=false'], { wait: false }],
    [
      'pairs',
      ['LOW', '--param', 'a=1', '--param', 'b=x=y'],
      {
        param: new Map([
          ['a', '1'],
          ['b', 'x=y'],
        ]),
      },
    ],
    ['an empty value', ['LOW', '--param', 'a='], { param: new Map([['a', '']]) }],
    ['what follows --', ['LOW', '--', '--limit'], { rest: ['--limit'], limit: 5 }],
  ]
  for (const [what, argv, expected] of good) {
    it(`read ${what}`, () => {
      const { values } = parseArguments(command, argv)
      assert.deepEqual({ ...values, ...expected }, values)
    })
  }

  const bad: [string, string[], string[]][] = [
    ['a missing argument', [], ['<level> is required']],
    ['a value out of its list', ['MID'], ["<level> must be one of LOW, HIGH, not 'MID'"]],
    ['an unknown flag', ['LOW', '--limt', '3'], ['--limt is no flag, did you mean --limit?']],
    ['an unknown letter', ['LOW', '-z'], ['-z is no flag']],
    ['a flag of the prototype', ['LOW', '--constructor', 'x'], ['--constructor is no flag']],
    ['a flag without its value', ['LOW', '--package'], ['--package needs a value']],
    ['a flag given twice', ['LOW', '--limit', '1', '--limit', '2'], ['--limit is given more than once']],
    ['a pair without a separator', ['LOW', '--param', 'x'], ["--param must be name=value, not 'x'"]],
    ['a pair without a name', ['LOW', '--param', '=x'], ["--param must be name=value, not '=x'"]],
    ['no for something that is no switch', ['LOW', '--no-limit'], ['--no-limit is no flag']],
    [
      'everything at once',
      ['MID', '--limit', 'x', '--jsn'],
      [
        '--jsn is no flag, did you mean --json?',
        "<level> must be one of LOW, HIGH, not 'MID'",
        "--limit must be a whole number from 1 to 10, not 'x'",
      ],
    ],
  ]
  for (const [what, argv, problems] of bad) {
    it(`refuse ${what}`, () => {
      assert.throws(
        () => parseArguments(command, argv),
        (error: { code: string; details: { problems: string[] } }) => {
          assert.equal(error.code, 'cli.usage')
          assert.deepEqual(error.details.problems.toSorted(), problems.toSorted())
          return true
        },
      )
    })
  }

  it('are one too many where no list takes them', () => {
    const narrow = { ...command, positionals: { level: command.positionals.level! } }
    assert.throws(() => parseArguments(narrow, ['LOW', 'x', 'y']), { message: "'x y' is one argument too many" })
  })

  it('may be wrong where help is asked for', () => {
    assert.equal(parseArguments(command, ['--help']).help, true)
    assert.equal(parseArguments(command, ['-h', '--bogus']).help, true)
  })
})
