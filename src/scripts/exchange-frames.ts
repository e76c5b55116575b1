import type { Run } from '../flow/index.ts'
import { type Attachment, Body, type Exchange } from '../message/index.ts'
import { flagExposedSecrets } from './exposed-secrets.ts'
import { decodeValue, encodeValue, ScriptObject, Stale } from './values.ts'
import type { Frame } from './frames.ts'

/** Bodies above this many bytes are sent only when the script asks for them. */
const lazyLimit = 262_144

/** Objects that scripts set as bodies, by the body that stands for their text. */
const objects = new WeakMap<Body, ScriptObject>()

/**
 * The message as fields of a `run` frame.
 * @throws Stale when it holds an object of a host that is gone
 */
export function encodeExchange(exchange: Exchange, run: Run, parts: Buffer[], epoch: number): Record<string, unknown> {
  const encode = ([name, value]: readonly [string, unknown]): unknown => [name, encodeValue(value, parts, epoch)]
  return {
    exchange: run.messageId,
    flow: run.flow.id,
    log: run.log.active,
    headers: Array.from(exchange.headers, encode),
    properties: Array.from(exchange.properties, encode),
    attachments: Array.from(exchange.attachments.values(), ({ name, contentType, body, headers }) => ({
      name,
      contentType,
      size: body.length,
      headers: Object.fromEntries(headers),
    })),
    body: encodeBody(exchange.body, parts, epoch),
  }
}

function encodeBody(body: Body, parts: Buffer[], epoch: number): object {
  const object = objects.get(body)
  if (object !== undefined && object.epoch !== epoch) throw new Stale()
  const form = { text: body.isText, charset: body.charset, ...(object && { object: object.handle }) }
  if (body.length > lazyLimit) return { ...form, size: body.length }
  return { ...form, part: parts.push(body.bytes()) - 1 }
}

interface Answer {
  readonly headers?: readonly (readonly [string, unknown])[]
  readonly headersRemoved?: readonly string[]
  readonly properties?: readonly (readonly [string, unknown])[]
  readonly propertiesRemoved?: readonly string[]
  readonly attachments?: readonly AnswerAttachment[]
  readonly attachmentsRemoved?: readonly string[]
  readonly body?: { readonly empty?: true; readonly part: number; readonly text?: true; readonly object?: number }
}

interface AnswerAttachment {
  readonly name: string
  readonly contentType: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly part: number
}

/** Puts what the script changed into the message, and flags secrets in it. */
export function applyAnswer(exchange: Exchange, { header, parts }: Frame, epoch: number, run: Run): void {
  const answer = header as Answer
  const decode = (value: unknown): unknown => decodeValue(value, parts, epoch, run.principal)
  for (const name of answer.headersRemoved ?? []) exchange.headers.delete(name)
  for (const [name, value] of answer.headers ?? []) exchange.headers.set(name, decode(value))
  for (const name of answer.propertiesRemoved ?? []) exchange.properties.delete(name)
  for (const [name, value] of answer.properties ?? []) exchange.properties.set(name, decode(value))
  for (const name of answer.attachmentsRemoved ?? []) exchange.attachments.delete(name)
  for (const given of answer.attachments ?? []) exchange.attachments.set(given.name, attachmentOf(given, parts))
  if (answer.body !== undefined) exchange.body = bodyOf(answer.body, parts, epoch)
  const headers = (answer.headers ?? []).map(([name]) => name)
  flagExposedSecrets(exchange, { body: answer.body !== undefined, headers }, run)
}

function bodyOf(
  { empty, part, text, object }: NonNullable<Answer['body']>,
  parts: readonly Buffer[],
  epoch: number,
): Body {
  const bytes = parts[part]
  if (empty === true || bytes === undefined) return Body.empty
  if (text !== true) return Body.ofBytes(bytes)
  const body = Body.ofText(bytes.toString('utf8'))
  // The one empty body stands for nothing but itself.
  if (object !== undefined && body !== Body.empty) objects.set(body, new ScriptObject(object, '', '', epoch))
  return body
}

const attachmentOf = (given: AnswerAttachment, parts: readonly Buffer[]): Attachment => ({
  name: given.name,
  contentType: given.contentType ?? 'application/octet-stream',
  headers: new Map(Object.entries(given.headers)),
  body: Body.ofBytes(parts[given.part] ?? Buffer.alloc(0)),
})

interface LogEntry {
  readonly kind: 'property' | 'customHeader' | 'attachment'
  readonly name: string
  readonly value: string
  readonly mediaType: string | null
  readonly part: number
}

/** Writes into the message log what the script wrote, whether it failed later or not. */
export function applyLog({ header, parts }: Frame, { log }: Run): void {
  for (const { kind, name, value, mediaType, part } of (header.log ?? []) as readonly LogEntry[]) {
    if (kind === 'property') log.property(name, value)
    else if (kind === 'customHeader') log.customHeader(name, value)
    else {
      const body = Body.ofBytes(parts[part] ?? Buffer.alloc(0))
      log.attach({ name, contentType: mediaType ?? 'text/plain', body, headers: new Map() })
    }
  }
}
