import { environmentRows, flagRows, helpOf, usageLine } from './command-help.ts'
import { allCommands } from './commands/index.ts'

/** The reference page of all commands, in Markdown. */
export function commandReference(): string {
  const parts = allCommands.map((command) => {
    const rows = [
      ...Object.values(command.positionals).map((field) => [`<${field.words.label}>`, helpOf(field)]),
      ...flagRows(command),
    ]
    return [
      `## sluice ${command.name}`,
      command.summary,
      `\`\`\`\n${usageLine(command)}\n\`\`\``,
      markdownTable(['Argument or flag', 'Meaning'], rows),
      ...command.examples.map(({ line, words }) => `${words}\n\n\`\`\`\nsluice ${line}\n\`\`\``),
    ].join('\n\n')
  })
  const exit =
    'Exit code 0: done. 1: the operation failed. 2: wrong usage. What failed and what to do goes to standard error.'
  const environment = markdownTable(['Variable', 'Meaning'], environmentRows)
  return `${['# Command line', exit, environment, ...parts].join('\n\n')}\n`
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const code = rows.map(([name = '', ...rest]) =>
    line([`\`${name}\``, ...rest.map((text) => text.replaceAll('<', '&lt;'))]),
  )
  return [line(header), line(header.map(() => '---')), ...code].join('\n')
}
