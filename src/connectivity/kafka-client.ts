import { wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import type { LineClient } from './line-client.ts'
import type { Run } from './run.ts'
import type { SaslClient } from './sasl.ts'

const clientId = 'sluice-connectivity-test'
const apis = { metadata: 3, saslHandshake: 17, apiVersions: 18, saslAuthenticate: 36 } as const

export interface KafkaCluster {
  readonly clusterId: string | undefined
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
}

/**
 * The four requests of a test, in versions that every broker since 1.0 understands. A library would go on to the
 * brokers that the server names, wherever these are; this one stays with the connection.
 */
export interface KafkaClient {
  /** Number of request kinds that the broker knows; shows that it is one. */
  readonly apiVersions: () => Promise<number>
  /** Gives undefined, or the mechanisms that the broker has when the wanted one is not among them. */
  readonly saslHandshake: (mechanism: string) => Promise<readonly string[] | undefined>
  /** @throws connectivity.authenticationRefused */
  readonly saslAuthenticate: (client: SaslClient) => Promise<void>
  readonly metadata: () => Promise<KafkaCluster>
}

export function kafkaClient(run: Run, lines: LineClient): KafkaClient {
  let correlation = 0

  async function ask(api: number, version: number, body: Buffer): Promise<KafkaReader> {
    const id = ++correlation
    const content = Buffer.concat([int16(api), int16(version), int32(id), text(clientId), body])
    lines.send(Buffer.concat([int32(content.length), content]))
    const size = (await lines.readBytes(4)).readInt32BE(0)
    if (size < 4 || size > 100 * 1024 * 1024) throw unexpected(run)
    const reader = kafkaReader(run, await lines.readBytes(size))
    if (reader.int32() !== id) throw unexpected(run)
    return reader
  }

  return {
    async apiVersions() {
      const reader = await ask(apis.apiVersions, 0, Buffer.alloc(0))
      const error = reader.int16()
      if (error !== 0) throw refused(run, 'the first request', error)
      return reader.list(() => [reader.int16(), reader.int16(), reader.int16()]).length
    },
    async saslHandshake(mechanism) {
      const reader = await ask(apis.saslHandshake, 1, text(mechanism))
      const error = reader.int16()
      const offered = reader.list(() => reader.text() ?? '')
      if (error === 33) return offered
      if (error !== 0) throw refused(run, 'to begin the log-on', error)
      return undefined
    },
    async saslAuthenticate(client) {
      const denied = (words: string): Error =>
        faults.authenticationRefused({ server: run.server, words: run.quote(words) })
      let next = client.initial ?? Buffer.alloc(0)
      for (let turn = 0; turn < 4; turn++) {
        const reader = await ask(apis.saslAuthenticate, 0, Buffer.concat([int32(next.length), next]))
        const error = reader.int16()
        const words = reader.text() ?? ''
        const challenge = reader.bytes()
        if (error !== 0) throw denied(words === '' ? `error ${error}` : words)
        if (challenge.length === 0) return
        try {
          next = await client.answer(challenge)
        } catch (thrown) {
          throw denied(wordsOf(thrown))
        }
        if (next.length === 0) return
      }
      throw denied('it asks again and again')
    },
    async metadata() {
      const reader = await ask(apis.metadata, 4, Buffer.concat([int32(-1), Buffer.from([0])]))
      reader.int32()
      const brokers = reader.list(() => {
        reader.int32()
        const host = reader.text() ?? ''
        const port = reader.int32()
        reader.text()
        return `${host}:${port}`
      })
      const clusterId = reader.text()
      reader.int32()
      const topics = reader.list(() => {
        reader.int16()
        const name = reader.text() ?? ''
        reader.skip(1)
        reader.list(() => {
          reader.skip(10)
          reader.list(() => reader.int32())
          reader.list(() => reader.int32())
        })
        return name
      })
      return { clusterId, brokers, topics }
    },
  }
}

const unexpected = (run: Run): Error => faults.protocolUnexpected({ server: run.server, protocol: 'Kafka', words: '' })
const refused = (run: Run, what: string, error: number): Error =>
  faults.requestRefused({ server: run.server, what, words: `error ${error}` })

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const text = (value: string): Buffer => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])

type KafkaReader = ReturnType<typeof kafkaReader>

function kafkaReader(run: Run, content: Buffer) {
  let at = 0
  const take = (count: number): Buffer => {
    if (count < 0 || at + count > content.length) throw unexpected(run)
    at += count
    return content.subarray(at - count, at)
  }
  const int32 = (): number => take(4).readInt32BE(0)
  const int16 = (): number => take(2).readInt16BE(0)
  return {
    int16,
    int32,
    skip: (count: number): void => void take(count),
    text: (): string | undefined => {
      const length = int16()
      return length < 0 ? undefined : take(length).toString()
    },
    bytes: (): Buffer => take(Math.max(int32(), 0)),
    list: <Item>(item: () => Item): readonly Item[] => {
      const found: Item[] = []
      for (let count = int32(); count > 0; count--) found.push(item())
      return found
    },
  }
}
