import { createHash } from 'node:crypto'

import type { Sealer } from '../keystore/index.ts'
import type { MessageLogStore, MessageSummary, RecordedStep } from '../monitor/index.ts'
import { faults } from './faults.ts'

/** A traced step, found again by its id. */
export interface FoundTrace {
  readonly messageId: string
  readonly step: RecordedStep
  readonly position: number
}

/** What a message was before a step. */
export interface TraceContent {
  readonly headers: Readonly<Record<string, string>>
  readonly properties: Readonly<Record<string, string>>
  readonly payload: Buffer
}

/*
 * The original numbers its traces; clients ask for one by its 64-bit number alone. Ours is made of what leads back to
 * the message, so that nothing needs to be kept: 31 bits of seconds since 2020 at which the message started, 16 bits
 * of a hash of its id, 16 bits of the position of the step.
 */
const epoch = Date.UTC(2020, 0, 1) / 1000

const hashOf = (messageId: string): bigint => BigInt(createHash('sha256').update(messageId).digest().readUInt16BE(0))

/** The id of the trace of the step at `position`. */
export const traceId = ({ id, start }: Pick<MessageSummary, 'id' | 'start'>, position: number): bigint =>
  (BigInt(Math.floor(start / 1000) - epoch) << 32n) | (hashOf(id) << 16n) | BigInt(position)

/** Finds a trace by its id. @throws api.traceAmbiguous when several messages answer to it */
export async function findTrace(messages: MessageLogStore, id: bigint): Promise<FoundTrace | undefined> {
  const start = (Number(id >> 32n) + epoch) * 1000
  const compare = (field: 'start' | 'level', operator: '>=' | '<' | '=', value: string | number) =>
    ({ kind: 'compare', field, operator, value }) as const
  const found = await messages.list(
    {
      kind: 'and',
      of: [compare('level', '=', 'TRACE'), compare('start', '>=', start), compare('start', '<', start + 1000)],
    },
    { skip: 0, top: 10_000, orderBy: [] },
  )
  const candidates = found.filter((message) => hashOf(message.id) === ((id >> 16n) & 0xffffn))
  const [only] = candidates
  if (!only) return undefined
  if (candidates.length > 1) throw faults.traceAmbiguous({ id: String(id) })
  const position = Number(id & 0xffffn)
  const step = (await messages.find(only.id))?.steps[position]
  return step?.trace ? { messageId: only.id, step, position } : undefined
}

/** Opens a trace. Undefined where its content is gone. @throws keystore.sealBroken */
export function openTrace(sealer: Pick<Sealer, 'open'>, { messageId, step }: FoundTrace): TraceContent | undefined {
  if (!step.trace?.sealed) return undefined
  const { headers, properties, payload } = JSON.parse(
    sealer.open(step.trace.sealed, `trace:${messageId}`).toString('utf8'),
  ) as {
    headers: Record<string, string>
    properties: Record<string, string>
    payload: string
  }
  return { headers, properties, payload: Buffer.from(payload, 'base64') }
}
