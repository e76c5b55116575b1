import { declareCommand } from '../command.ts'
import { commandHelp, overview, usageLine } from '../command-help.ts'
import { faults } from '../faults.ts'
import { suggestion } from '../nearest.ts'
import { list } from '../several.ts'

export const help = declareCommand({
  name: 'help',
  summary: 'Says what the commands do, or how one is used.',
  examples: [{ line: 'help credentials set', words: 'Says how a credential is set.' }],
  positionals: { command: list({ label: 'command', help: 'Name of a command, of one word or two.' }) },
  flags: {},
  async run({ command: words }, { commands, output }) {
    const name = words.join(' ')
    const found = commands.filter((each) => each.name === name || each.name.startsWith(`${name} `))
    if (name === '') return output.result(commands.map(describe), overview(commands, output.width))
    if (found.length === 0) {
      const names = commands.map((each) => each.name)
      throw faults.usage({ problems: [`${name} is no command${suggestion(name, names)}`], command: '' })
    }
    output.result(found.map(describe), found.map((each) => commandHelp(each, output.width)).join('\n\n\n'))
  },
})

const describe = (command: Parameters<typeof usageLine>[0]) => ({
  name: command.name,
  summary: command.summary,
  usage: usageLine(command),
})
