/** Runs the command line in the test's own process and keeps what it wrote. */
import { Readable } from 'node:stream'

import { systemClock } from '../../src/base/index.ts'
import { runCommand } from '../../src/cli/index.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export async function sluice(
  argv: readonly string[],
  given: {
    readonly folder?: string
    readonly environment?: Readonly<Record<string, string>>
    readonly input?: string
    readonly terminal?: boolean
    readonly signal?: AbortSignal
    /** Called with everything written so far. */
    readonly watch?: (out: string) => void
  } = {},
): Promise<Ran> {
  const written = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => ({
    isTTY: given.terminal ?? false,
    columns: 100,
    write(text: string | Uint8Array) {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString('latin1')
      if (name === 'out') given.watch?.(written.out)
    },
  })
  const code = await runCommand(argv, {
    environment: given.environment ?? {},
    folder: given.folder ?? process.cwd(),
    input: Readable.from(given.input === undefined ? [] : [Buffer.from(given.input)]),
    out: sink('out'),
    err: sink('err'),
    clock: systemClock,
    signal: given.signal ?? new AbortController().signal,
  })
  return { code, ...written }
}
