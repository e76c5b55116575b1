import { parseArgs } from 'node:util'

import { type FieldSet, flag, readFields } from '../fields/index.ts'
import { type Command, isSwitch, takesMany } from './command.ts'
import { faults } from './faults.ts'
import { suggestion } from './nearest.ts'

/** Flags that every command has. */
export const commonFlags = {
  json: flag({
    label: 'JSON',
    help: 'Print what a program can read; errors become {code, message, remedy}.',
    default: false,
  }),
  help: flag({ label: 'Help', help: 'Say how the command is used.', default: false }),
}

/** Letters of the flags that every command has. */
export const commonLetters: Readonly<Record<string, string>> = { h: 'help' }

export interface Parsed {
  readonly values: Readonly<Record<string, unknown>>
  readonly json: boolean
  readonly help: boolean
}

/**
 * Reads the arguments of a command by its declaration.
 * @throws cli.usage naming every problem at once
 */
export function parseArguments(command: Command, argv: readonly string[]): Parsed {
  const flags: FieldSet = { ...command.flags, ...commonFlags }
  const problems: string[] = []
  const given = gather(flags, { ...command.letters, ...commonLetters }, argv, problems)
  const raw = { ...given.flags, ...seat(command.positionals, given.positionals, problems) }
  const read = readFields({ ...command.positionals, ...flags }, raw)
  const { json, help, ...values } = read.values as Record<string, unknown>
  if (help === true) return { values, json: json === true, help: true }
  for (const { field, problem } of read.problems) {
    if (!given.broken.has(field))
      problems.push(`${field in flags ? `--${field}` : `<${labelOf(command, field)}>`} ${problem}`)
  }
  if (problems.length > 0) throw faults.usage({ problems, command: command.name })
  return { values, json: json === true, help: false }
}

interface Gathered {
  readonly flags: Record<string, string>
  readonly positionals: string[]
  /** Flags about which something was said already. */
  readonly broken: ReadonlySet<string>
}

function gather(
  flags: FieldSet,
  letters: Readonly<Record<string, string>>,
  argv: readonly string[],
  problems: string[],
): Gathered {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, field]) => {
      const letter = Object.keys(letters).find((each) => letters[each] === name)
      const type = isSwitch(field) ? ('boolean' as const) : ('string' as const)
      return [name, { type, multiple: true, ...(letter && { short: letter }) }]
    }),
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const texts = new Map<string, string[]>()
  const positionals: string[] = []
  const broken = new Set<string>()
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const negated = token.name.startsWith('no-') && isNegatable(flags[token.name.slice(3)])
    const name = negated ? token.name.slice(3) : token.name
    const field = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (field === undefined) {
      problems.push(`${token.rawName} is no flag${suggestion(token.name, Object.keys(flags), '--')}`)
      continue
    }
    const before = texts.get(name) ?? []
    const value = token.value ?? (isSwitch(field) ? String(!negated) : undefined)
    if (value === undefined) problems.push(`--${name} needs a value`)
    else if (before.length > 0 && !takesMany(field)) problems.push(`--${name} is given more than once`)
    if (value === undefined) broken.add(name)
    else texts.set(name, [...before, value])
  }
  const joined = [...texts].map(([name, values]) => [
    name,
    takesMany(flags[name]!) ? JSON.stringify(values) : values[0],
  ])
  return { flags: Object.fromEntries(joined) as Record<string, string>, positionals, broken }
}

const isNegatable = (field: FieldSet[string] | undefined): boolean => field !== undefined && isSwitch(field)

/** Gives each positional argument its name; a list takes all that is left. */
function seat(fields: FieldSet, texts: readonly string[], problems: string[]): Record<string, string> {
  const raw: Record<string, string> = {}
  let next = 0
  for (const [name, field] of Object.entries(fields)) {
    if (next >= texts.length) break
    if (takesMany(field)) {
      raw[name] = JSON.stringify(texts.slice(next))
      next = texts.length
    } else raw[name] = texts[next++] as string
  }
  if (next < texts.length) problems.push(`'${texts.slice(next).join(' ')}' is one argument too many`)
  return raw
}

const labelOf = (command: Command, name: string): string => command.positionals[name]?.words.label ?? name
