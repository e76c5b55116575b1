import { randomUUID } from 'node:crypto'

import type { HostOperations } from './engine.ts'

/** An answer to a call, as JSON, with its parts. */
export interface Reply {
  readonly header: object
  readonly parts: readonly Buffer[]
}

/** What a call leaves behind beside its answer. */
export interface Output {
  readonly parts: Buffer[]
  readonly log: unknown[]
}

/** Bytes of contents that one call may hand out. */
const mostOutput = 67_108_864
/** Characters that one call may write into the log, attachments aside, and print. */
const mostWords = 2_097_152

interface MessageBody {
  readonly text: boolean
  readonly charset: string
  readonly part?: number
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const contentOf = (value: unknown): Buffer =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(textOf(value))
const arrayBufferOf = (content: Uint8Array): ArrayBuffer => new Uint8Array(content).buffer

/** Undefined where the bytes are no text in that character set. */
function decode(content: Uint8Array, charset: string, strict: boolean): string | undefined {
  try {
    return new TextDecoder(charset === '' ? 'utf-8' : charset, { fatal: strict, ignoreBOM: true }).decode(content)
  } catch {
    return undefined
  }
}

/** What the API of scripts does outside of the engine, for one call. */
export function createOperations(given: {
  readonly body: MessageBody | undefined
  readonly parts: readonly Buffer[]
  readonly out: Output
  /** Asks the tenant process, and waits. */
  readonly ask: (name: string, args: unknown, parts: readonly Buffer[]) => Reply
  readonly print: (text: string) => void
}): HostOperations {
  const { body, out } = given
  const parts = [...given.parts]
  let handedOut = 0
  let said = 0
  let content: Buffer | undefined

  function put(value: Buffer): number {
    handedOut += value.length
    if (handedOut > mostOutput) throw new Error(`a script may hand out ${mostOutput} bytes at most`)
    return out.parts.push(value) - 1
  }
  function call(name: string, args: string): string {
    const answer = given.ask(name, JSON.parse(args), /\["[sb]",/.test(args) ? out.parts : [])
    const base = parts.push(...answer.parts) - answer.parts.length
    return JSON.stringify({ ...answer.header, base })
  }
  function bodyContent(): Buffer {
    if (content !== undefined || body === undefined) return content ?? Buffer.alloc(0)
    if (body.part !== undefined) return (content = parts[body.part] ?? Buffer.alloc(0))
    const answer = given.ask('message.body', [], [])
    const { error } = answer.header as { readonly error?: { readonly message: string } }
    if (error !== undefined) throw new Error(error.message)
    return (content = answer.parts[0] ?? Buffer.alloc(0))
  }

  return {
    text: (part) => contentOf(parts[Number(part)]).toString('utf8'),
    bytes: (part) => arrayBufferOf(parts[Number(part)] ?? Buffer.alloc(0)),
    body: () => arrayBufferOf(bodyContent()),
    bodyText: (charset) =>
      decode(bodyContent(), body?.text === true ? 'utf-8' : textOf(charset) || (body?.charset ?? ''), true),
    put: (value) => put(contentOf(value)),
    call: (name, args) => call(textOf(name), textOf(args)),
    log(entry) {
      said += textOf(entry).length
      if (said > mostWords) throw new Error(`a script may log ${mostWords} characters at most`)
      out.log.push(JSON.parse(textOf(entry)))
      return undefined
    },
    print(text) {
      if (said <= mostWords) given.print(textOf(text))
      said += textOf(text).length + 1
      return undefined
    },
    utf8: (text) => arrayBufferOf(Buffer.from(textOf(text), 'utf8')),
    latin1: (text) => arrayBufferOf(Buffer.from(textOf(text), 'latin1')),
    decode: (value, charset) => decode(contentOf(value), textOf(charset), false) ?? '',
    base64: (value) => contentOf(value).toString('base64'),
    unbase64: (text) => Buffer.from(textOf(text), 'base64').toString('latin1'),
    uuid: () => randomUUID(),
    random: () => Math.random(),
  }
}
