import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { sluice } from '../../test/kit/command-line.ts'
import { commandHelp } from './command-help.ts'
import { allCommands } from './commands/index.ts'
import { parseArguments } from './parse-arguments.ts'
import { commandReference } from './reference.ts'

/** The words of an example as a shell would hand them over, up to a redirection. */
const shellWords = (line: string): string[] =>
  [...(line.split(/ [<>] /)[0] ?? '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')

describe('help', () => {
  for (const command of allCommands) {
    it(`for ${command.name} names every argument and flag and stays narrow`, () => {
      const words = commandHelp(command, 80)
      for (const name of Object.keys(command.flags)) assert.match(words, new RegExp(`--(no-)?${name}\\b`))
      for (const field of Object.values(command.positionals)) assert.ok(words.includes(`<${field.words.label}>`))
      const section = words.slice(words.indexOf('Flags'), words.indexOf('Examples'))
      assert.deepEqual(
        section.split('\n').filter((line) => line.length > 80),
        [],
      )
    })

    it(`for ${command.name} has examples that are right`, () => {
      assert.ok(command.examples.length > 0)
      for (const { line } of command.examples) {
        assert.ok(line.startsWith(command.name))
        parseArguments(command, shellWords(line.slice(command.name.length)))
      }
    })

    it(`for ${command.name} has words for every field`, () => {
      for (const field of Object.values({ ...command.flags, ...command.positionals })) {
        assert.match(field.words.help, /\.$/)
        assert.ok(field.words.label)
      }
    })

    it(`for ${command.name} is in the reference page`, () => {
      assert.ok(commandReference().includes(`\n## sluice ${command.name}\n`))
    })
  }

  it('names are unique, and no letter of a command stands for two flags', () => {
    const names = allCommands.map(({ name }) => name)
    assert.deepEqual(names, [...new Set(names)])
    for (const { letters = {}, flags } of allCommands) {
      assert.deepEqual(
        Object.values(letters).filter((name) => !(name in flags)),
        [],
      )
      assert.ok(!('h' in letters))
    }
  })
})

describe('the command line', () => {
  const cases: [string, string[], number, RegExp, RegExp][] = [
    ['nothing', [], 0, /^sluice runs[\s\S]*\n {2}deploy {2,}Uploads/, /^$/],
    ['--help', ['--help'], 0, /Commands/, /^$/],
    ['--version', ['--version'], 0, /^sluice \d+\.\d+\.\d+ \(node 24/, /^$/],
    ['a version as JSON', ['version', '--json'], 0, /"version": "\d/, /^$/],
    ['help for two words', ['help', 'credentials', 'set'], 0, /sluice credentials set <name>/, /^$/],
    ['help for a family', ['help', 'credentials'], 0, /credentials list[\s\S]*credentials remove/, /^$/],
    ['help as JSON', ['help', '--json'], 0, /"usage": "sluice deploy <zip or folder>... \[flags\]"/, /^$/],
    ['help for what is not there', ['help', 'dploy'], 2, /^$/, /dploy is no command, did you mean deploy\?/],
    [
      'an unknown command',
      ['statsu'],
      2,
      /^$/,
      /^sluice: statsu is no command, did you mean status\?\nSee sluice help\.\n$/,
    ],
    ['half a command', ['credentials'], 2, /^$/, /needs one of list, set, remove/],
    ['wrong usage', ['log-level', 'Orders'], 2, /^$/, /^sluice: <level> is required\nSee sluice help log-level\.\n$/],
    [
      'wrong usage as JSON',
      ['log-level', '--json'],
      2,
      /^$/,
      /^\{"code":"cli\.usage",.*"remedy":".*","problems":\["<flow> is required","<level> is required"\]\}\n$/,
    ],
  ]
  for (const [what, argv, code, out, err] of cases) {
    it(`answers ${what}`, async () => {
      const ran = await sluice(argv)
      assert.match(ran.out, out)
      assert.match(ran.err, err)
      assert.equal(ran.code, code)
    })
  }
})
