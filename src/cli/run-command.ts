import { setTimeout as delay } from 'node:timers/promises'

import { Fault, placeWords, wordsOf } from '../base/index.ts'
import { allCommands } from './commands/index.ts'
import { type ApiClient, createApiClient } from './api/api-client.ts'
import { readConnection } from './api/connection.ts'
import type { Command } from './command.ts'
import { commandHelp, overview } from './command-help.ts'
import { faults } from './faults.ts'
import { suggestion } from './nearest.ts'
import { createOutput, harmless, type Output } from './output.ts'
import { parseArguments } from './parse-arguments.ts'
import type { Session, Surroundings } from './session.ts'

/** Runs one command line (without `node` and the program) and returns its exit code: 0, 1 failed, 2 wrong usage. */
export async function runCommand(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const wantsJson = argv.includes('--json')
  try {
    return await dispatch(argv, surroundings)
  } catch (thrown) {
    const fault = thrown instanceof Fault ? thrown : faults.defect({ words: wordsOf(thrown) }, { cause: thrown })
    surroundings.err.write(wantsJson ? `${JSON.stringify(faultRecord(fault))}\n` : `${faultWords(fault)}\n`)
    return fault.code === 'cli.usage' ? 2 : 1
  }
}

async function dispatch(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const plain = createOutput({ ...surroundings, json: false })
  const { command, rest } = findCommand(argv)
  if (command === undefined) {
    plain.result(undefined, overview(allCommands, plain.width))
    return 0
  }
  const { values, json, help } = parseArguments(command, rest)
  if (help) {
    plain.result(undefined, commandHelp(command, plain.width))
    return 0
  }
  const session = createSession(surroundings, createOutput({ ...surroundings, json }))
  try {
    return (await command.run(values, session)) ?? 0
  } finally {
    await session.close()
  }
}

/** @throws cli.usage where the first words name no command */
function findCommand(argv: readonly string[]): {
  readonly command: Command | undefined
  readonly rest: readonly string[]
} {
  const [first, second = ''] = argv
  if (first === undefined || first === '--help' || first === '-h') return { command: undefined, rest: [] }
  if (first === '--version') return findCommand(['version', ...argv.slice(1)])
  for (const [name, taken] of [
    [`${first} ${second}`, 2],
    [first, 1],
  ] as const) {
    const command = allCommands.find((each) => each.name === name)
    if (command !== undefined) return { command, rest: argv.slice(taken) }
  }
  const names = allCommands.map(({ name }) => name)
  const family = names.filter((name) => name.startsWith(`${first} `))
  const problem =
    family.length > 0
      ? `${first} needs one of ${family.map((name) => name.slice(first.length + 1)).join(', ')}`
      : `${first} is no command${suggestion(first, names)}`
  throw faults.usage({ problems: [problem], command: '' })
}

function createSession(surroundings: Surroundings, output: Output): Session & { readonly close: () => Promise<void> } {
  let client: ApiClient | undefined
  return {
    ...surroundings,
    commands: allCommands,
    output,
    api: () => (client ??= createApiClient(readConnection(surroundings.environment, surroundings.folder))),
    pause: (milliseconds) => delay(milliseconds, undefined, { signal: surroundings.signal }).catch(() => {}),
    close: async () => client?.close(),
  }
}

const faultRecord = ({ code, message, remedy, place, details }: Fault) => ({
  code,
  message,
  remedy,
  ...(place && { place }),
  ...(Array.isArray(details.problems) && { problems: details.problems as unknown[] }),
})

function faultWords(fault: Fault): string {
  const place = placeWords(fault.place)
  return harmless(`sluice: ${fault.message}${place === '' ? '' : ` (${place})`}\n${fault.remedy}`)
}
