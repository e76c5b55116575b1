import { createHash, randomBytes } from 'node:crypto'

import type { Target } from './contracts.ts'
import { faults } from './faults.ts'
import type { LineClient } from './line-client.ts'
import type { Run } from './run.ts'
import { serverName } from './connect.ts'

export interface ByteStream {
  readonly send: (content: Uint8Array) => void
  readonly readBytes: (count: number) => Promise<Buffer>
}

/** Fixed by RFC 6455, 1.3. */
const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const longestFrame = 1024 * 1024

/** Opens a WebSocket (RFC 6455) over a connection and gives its binary content as one stream of bytes. */
export async function openWebSocket(
  run: Run,
  lines: LineClient,
  { path, protocol, ...target }: Target & { readonly path: string; readonly protocol: string },
): Promise<ByteStream> {
  const key = randomBytes(16).toString('base64')
  const request = [
    `GET ${path} HTTP/1.1`,
    `Host: ${serverName(target)}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Protocol: ${protocol}`,
  ]
  lines.send(`${request.join('\r\n')}\r\n\r\n`)
  const first = await lines.readLine()
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? Number.NaN)
  if (Number.isNaN(status))
    throw faults.protocolUnexpected({ server: run.server, protocol: 'HTTP', words: run.quote(first) })
  if (status !== 101) throw faults.httpStatus({ url: `${run.server}${path}`, status })
  const headers = new Map<string, string>()
  for (let line = await lines.readLine(); line !== '' && headers.size < 100; line = await lines.readLine()) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
    headers.set(name.toLowerCase(), value)
  }
  const accept = createHash('sha1')
    .update(key + magic)
    .digest('base64')
  if (headers.get('sec-websocket-accept') !== accept)
    throw faults.protocolUnexpected({ server: run.server, protocol: 'WebSocket', words: '' })
  run.facts['subprotocol'] = run.quote(headers.get('sec-websocket-protocol') ?? 'none')

  let content = Buffer.alloc(0)
  return {
    send: (bytes) => lines.send(frame(bytes)),
    async readBytes(count) {
      while (content.length < count) content = Buffer.concat([content, await readFrame(run, lines)])
      const piece = content.subarray(0, count)
      content = content.subarray(count)
      return piece
    },
  }
}

/** One binary frame, masked as clients must. @throws RangeError beyond 125 bytes, which no caller sends */
function frame(bytes: Uint8Array): Buffer {
  if (bytes.length > 125) throw new RangeError('a frame of a test is short')
  const mask = randomBytes(4)
  const masked = Buffer.from(bytes).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([Buffer.from([0x82, 0x80 | bytes.length]), mask, masked])
}

/** The content of the next data frame; control frames are passed over, except the one that closes. */
async function readFrame(run: Run, lines: LineClient): Promise<Buffer> {
  const [first = 0, second = 0] = await lines.readBytes(2)
  let length = second & 0x7f
  if (length === 126) length = (await lines.readBytes(2)).readUInt16BE(0)
  else if (length === 127) length = Number((await lines.readBytes(8)).readBigUInt64BE(0))
  if (length > longestFrame) throw faults.answerTooLarge({ server: run.server })
  const content = await lines.readBytes(length)
  const kind = first & 0x0f
  if (kind === 8) throw faults.connectionBroken({ server: run.server, step: 'read' })
  return kind > 8 ? Buffer.alloc(0) : content
}
