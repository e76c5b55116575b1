import { hexId } from '../base/index.ts'
import { textOf } from '../languages/index.ts'
import { type Attachment, type Exchange, isPrincipal } from '../message/index.ts'
import type { LentSecrets } from '../flow/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { RecordedAttachment, RecordedTrace } from '../monitor/index.ts'

/** More of a cut content is kept than is shown until secrets are found: a part of one is no longer known as such. */
export const margin = 16_384

const longestValue = 10_000

// Headers that hold credentials are never kept, whatever a flow puts into them.
const secretHeaders = /^(authorization|proxy-authorization|cookie|set-cookie|x-csrf-token|apikey|x-api-key)$/i

/** A message as it was before a step, until it is known which secrets were lent to it. */
export interface KeptMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly properties: Readonly<Record<string, string>>
  readonly payload: Buffer
  /** Bytes of the payload that are shown. */
  readonly room: number
  readonly payloadSize: number
  readonly mimeType: string
}

/** An attachment of the log, until it is known which secrets were lent to its message. */
export interface KeptAttachment {
  readonly name: string
  readonly contentType: string
  readonly content: Buffer
  /** Bytes of the content that are shown. */
  readonly room: number
}

export function keepMessage(exchange: Exchange, room: number): KeptMessage {
  const payload = exchange.body.bytes()
  return {
    headers: shown(exchange.headers),
    properties: shown(exchange.properties),
    payload: start(payload, room),
    room,
    payloadSize: payload.length,
    mimeType: exchange.headers.text('Content-Type') ?? 'text/plain',
  }
}

export const keepAttachment = ({ name, contentType, body }: Attachment, room: number): KeptAttachment => ({
  name,
  contentType,
  content: start(body.bytes(), room),
  room,
})

/** The message without the secrets, sealed; `expires` in milliseconds since 1970. */
export function sealMessage(
  { headers, properties, payload, room, payloadSize, mimeType }: KeptMessage,
  lent: LentSecrets,
  { sealer, id, expires }: { readonly sealer: Sealer; readonly id: string; readonly expires: number },
): RecordedTrace {
  const clean = (given: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [lent.redactText(name), lent.redactText(value, longestValue)]),
    )
  const content = JSON.stringify({
    headers: clean(headers),
    properties: clean(properties),
    payload: lent.redactBytes(payload, room).toString('base64'),
  })
  return {
    payloadSize,
    mimeType: lent.redactText(mimeType),
    sealed: sealer.seal(Buffer.from(content), `trace:${id}`),
    truncated: room < payloadSize,
    expires,
  }
}

/** The attachment without the secrets, sealed. */
export function sealAttachment(
  { name, contentType, content, room }: KeptAttachment,
  lent: LentSecrets,
  sealer: Sealer,
): RecordedAttachment {
  const id = hexId()
  const bytes = lent.redactBytes(content, room)
  return {
    id,
    name: lent.redactText(name),
    contentType: lent.redactText(contentType),
    size: bytes.length,
    sealed: sealer.seal(bytes, `attachment:${id}`),
  }
}

/** The first bytes and the margin; copied where it is little of much, so that the rest need not be kept. */
const start = (content: Buffer, room: number): Buffer =>
  content.length <= room + margin ? content : Buffer.from(content.subarray(0, room + margin))

const shown = (entries: Iterable<readonly [string, unknown]>): Record<string, string> =>
  Object.fromEntries(
    [...entries].map(([name, value]) => [
      name,
      secretHeaders.test(name) ? '(hidden)' : shownText(value).slice(0, longestValue + margin),
    ]),
  )

/** A principal with all its facts: which caller it was is what a trace is read for. None of them is a secret. */
function shownText(value: unknown): string {
  if (isPrincipal(value)) return JSON.stringify(value)
  return value instanceof Map ? textOf(value) : String(value ?? '')
}
