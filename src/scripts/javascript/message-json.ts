import type { Run } from '../../flow/index.ts'
import type { Exchange } from '../../message/index.ts'
import { encodeValue, JavaList, JavaMap, ScriptObject } from '../values.ts'

/** Bodies above this many bytes are handed over only when the script asks for them. */
const lazyLimit = 65_536

/** The message as JSON for a script process; its contents become parts. */
export function messageJson(exchange: Exchange, run: Run, parts: Buffer[]): string {
  const encode = ([name, value]: readonly [string, unknown]): unknown => [name, encodeValue(plain(value), parts, 0)]
  const { body } = exchange
  return JSON.stringify({
    exchange: run.messageId,
    flow: run.flow.id,
    log: run.log.active,
    headers: Array.from(exchange.headers, encode),
    properties: Array.from(exchange.properties, encode),
    attachments: Array.from(exchange.attachments.values(), ({ name, contentType, headers }) => ({
      name,
      contentType,
      headers: Object.fromEntries(headers),
    })),
    body: {
      text: body.isText,
      charset: body.charset,
      ...(body.length <= lazyLimit && { part: parts.push(body.bytes()) - 1 }),
    },
  })
}

/** Objects that only Groovy understands are their text here. */
function plain(value: unknown): unknown {
  if (value instanceof ScriptObject) return value.text
  if (value instanceof JavaList) return value.map(plain)
  if (value instanceof JavaMap) return new Map([...value].map(([key, item]) => [key, plain(item)]))
  return value
}
