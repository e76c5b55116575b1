import type { Field } from '../fields/index.ts'
import { type Command, isSwitch, takesMany } from './command.ts'
import { commonFlags, commonLetters } from './parse-arguments.ts'
import { table } from './table.ts'
import { wrap } from './wrap.ts'

/** How a command is called: `sluice send [flags] <flow or path>`. */
export function usageLine({ name, positionals }: Command): string {
  const names = Object.values(positionals).map((field) => {
    const shown = `<${field.words.label}>${takesMany(field) ? '...' : ''}`
    return field.fallback === undefined ? shown : `[${shown}]`
  })
  return ['sluice', name, ...names, '[flags]'].join(' ')
}

/** The help text of a command, at most `width` columns wide. */
export function commandHelp(command: Command, width: number): string {
  const positionals = Object.values(command.positionals).map((field) => [`<${field.words.label}>`, helpOf(field)])
  const flags = flagRows(command)
  const examples = command.examples.map(({ line, words }) => `  sluice ${line}\n      ${words}`)
  return [
    wrap(command.summary, width),
    usageLine(command),
    section('Arguments', positionals, width),
    section('Flags', flags, width),
    examples.length === 0 ? '' : ['Examples', ...examples].join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n')
}

/** The overview of all commands, at most `width` columns wide. */
export function overview(commands: readonly Command[], width: number): string {
  return [
    'sluice runs integration flows of the SAP Cloud Integration format and manages what runs.',
    'sluice <command> [flags]',
    section(
      'Commands',
      commands.map(({ name, summary }) => [name, summary.replace(/\. .*$/, '.')]),
      width,
    ),
    section('Environment', environmentRows, width),
    'sluice help <command> says more about one command.',
  ].join('\n\n')
}

/** What the command reads from its environment. */
export const environmentRows: readonly (readonly string[])[] = [
  ['SLUICE_URL', 'Control address; default: the url of the service key, else https://localhost:9443.'],
  ['SLUICE_KEY', 'File of a service key of plan api; default: <data>/quickstart/api-key.json.'],
  [
    'SLUICE_CA',
    'PEM file of the authority that issued the server certificate; default: <data>/quickstart/ca.pem, else what the system trusts.',
  ],
  ['SLUICE_DATA', 'Data folder of a local server; default: data.'],
]

/** Flags with their meaning, as help lists them. */
export function flagRows(command: Command): string[][] {
  const letters: Readonly<Record<string, string>> = { ...command.letters, ...commonLetters }
  return Object.entries({ ...command.flags, ...commonFlags }).map(([name, field]) => {
    const letter = Object.keys(letters).find((each) => letters[each] === name)
    const shown = isSwitch(field) && field.fallback === 'true' ? `--no-${name}` : `--${name}${placeholder(field)}`
    return [`${letter === undefined ? '' : `-${letter}, `}${shown}`, helpOf(field)]
  })
}

function placeholder(field: Field<unknown>): string {
  if (isSwitch(field)) return ''
  const options = (field.schema as { readonly enum?: readonly string[] }).enum
  const label = options === undefined || options.length > 6 ? field.words.label : options.join('|')
  return ` <${label}>${takesMany(field) ? '...' : ''}`
}

/** What a flag or argument is for, with its default. */
export function helpOf(field: Field<unknown>): string {
  const fallback = isSwitch(field) || takesMany(field) ? '' : (field.fallback ?? '')
  return fallback === '' ? field.words.help : `${field.words.help} Default: ${fallback}.`
}

function section(title: string, rows: readonly (readonly string[])[], width: number): string {
  if (rows.length === 0) return ''
  const first = Math.max(...rows.map(([name = '']) => name.length))
  const wrapped = rows.flatMap(([name = '', help = '']) =>
    wrap(help, Math.max(30, width - first - 6))
      .split('\n')
      .map((line, index) => [`  ${index === 0 ? name : ''}`, line]),
  )
  return `${title}\n${table(undefined, wrapped)}`
}
