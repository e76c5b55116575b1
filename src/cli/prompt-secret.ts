import type { Readable } from 'node:stream'

import { faults } from './faults.ts'
import type { Sink } from './output.ts'

type Input = Readable & { readonly isTTY?: boolean; readonly setRawMode?: (raw: boolean) => unknown }

const longest = 65_536

/**
 * Reads a secret: at a terminal after a prompt and without showing it, else the first line of standard input.
 * @throws cli.credentialsAbsent where nothing is given or Ctrl-C is pressed
 */
export async function promptSecret(what: string, input: Input, err: Sink): Promise<string> {
  const [secret = ''] = await promptSecrets([what], input, err)
  return secret
}

/**
 * Reads several secrets in their order: each after its prompt, or a line each of standard input.
 * @throws cli.credentialsAbsent naming the first that is not given
 */
export async function promptSecrets(whats: readonly string[], input: Input, err: Sink): Promise<readonly string[]> {
  const atTerminal = input.isTTY === true && input.setRawMode !== undefined
  const letters = lettersOf(input)
  const secrets: string[] = []
  if (atTerminal) input.setRawMode?.(true)
  try {
    for (const what of whats) {
      if (atTerminal) err.write(`${what}: `)
      const secret = await readLine(letters, atTerminal)
      if (atTerminal) err.write('\n')
      if (secret === '') throw faults.credentialsAbsent({ what: what.toLowerCase() })
      secrets.push(secret)
    }
    return secrets
  } finally {
    if (atTerminal) input.setRawMode?.(false)
    await letters.return(undefined)
    input.pause()
  }
}

async function* lettersOf(input: Input): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder()
  for await (const chunk of input as AsyncIterable<Uint8Array | string>)
    yield* typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  return undefined
}

async function readLine(letters: AsyncGenerator<string, undefined>, raw: boolean): Promise<string> {
  let line = ''
  for (let next = await letters.next(); next.value !== undefined; next = await letters.next()) {
    const letter = next.value
    if (letter === '\n' || (raw && letter === '\r')) return line.replace(/\r$/, '')
    if (raw && (letter === '\u0003' || letter === '\u0004')) return ''
    if (raw && (letter === '\u007f' || letter === '\b')) line = Array.from(line).slice(0, -1).join('')
    else line += letter
    if (line.length > longest) return ''
  }
  return line
}
