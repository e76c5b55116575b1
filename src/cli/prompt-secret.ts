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
  const atTerminal = input.isTTY === true && input.setRawMode !== undefined
  if (atTerminal) {
    err.write(`${what}: `)
    input.setRawMode?.(true)
  }
  try {
    const secret = await readLine(input, atTerminal)
    if (secret === '') throw faults.credentialsAbsent({ what: what.toLowerCase() })
    return secret
  } finally {
    if (atTerminal) {
      input.setRawMode?.(false)
      err.write('\n')
    }
    input.pause()
  }
}

async function readLine(input: Input, raw: boolean): Promise<string> {
  let line = ''
  const decoder = new TextDecoder()
  for await (const chunk of input as AsyncIterable<Uint8Array | string>) {
    for (const letter of typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })) {
      if (letter === '\n' || (raw && letter === '\r')) return line.replace(/\r$/, '')
      if (raw && (letter === '\u0003' || letter === '\u0004')) return ''
      if (raw && (letter === '\u007f' || letter === '\b')) line = Array.from(line).slice(0, -1).join('')
      else line += letter
    }
    if (line.length > longest) return ''
  }
  return line
}
