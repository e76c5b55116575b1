import { Fault, type Log, wordsOf } from '../base/index.ts'
import type { Run } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'
import type { Frame } from './frames.ts'
import { decodeValue, encodeValue } from './values.ts'

/** Answers a call that a script makes through its API; decides what the script may have. */
export type HostCall = (args: readonly unknown[], run: Run) => unknown

/** The script that calls. */
export interface Caller {
  readonly exchange: Exchange
  readonly run: Run
}

/** What every script may ask of its own message: large contents that were not sent along. */
function contentOf(name: string, args: readonly unknown[], { exchange }: Caller): Buffer | undefined {
  if (name === 'message.body') return exchange.body.bytes()
  if (name === 'message.attachment') return exchange.attachments.get(String(args[0]))?.body.bytes()
  return undefined
}

export interface HostAnswer {
  readonly header: Record<string, unknown>
  readonly parts: readonly Buffer[]
  /** The script asked for what it may not have: whatever it does about that, its message fails. */
  readonly denied?: Fault
}

/** Answers one `call` frame. What goes wrong becomes an exception in the script, never an error here. */
export async function answerCall(
  { header, parts }: Frame,
  caller: Caller | undefined,
  calls: Readonly<Record<string, HostCall>>,
  epoch: number,
  log: Log,
): Promise<HostAnswer> {
  const { call, name } = header as { call: number; name: string }
  const reply = { type: 'reply', call }
  const given: Buffer[] = []
  try {
    const handler = Object.hasOwn(calls, name) ? calls[name] : undefined
    const args = (header.arguments as readonly unknown[]).map((value) => decodeValue(value, parts, epoch))
    const content = caller && contentOf(name, args, caller)
    if (content === undefined && (handler === undefined || caller === undefined)) {
      const message = `The service call '${name}' is not available to scripts.`
      return { header: { ...reply, error: { code: 'scripts.callUnknown', message } }, parts: [] }
    }
    const result = content ?? (caller && (await handler?.(args, caller.run)))
    return { header: { ...reply, result: encodeValue(result, given, epoch) }, parts: given }
  } catch (thrown) {
    const fault = thrown instanceof Fault ? thrown : undefined
    if (fault === undefined) log.error('a service call of a script failed', { name, why: wordsOf(thrown) })
    const message = fault?.message ?? `The service call '${name}' failed.`
    const error = { code: fault?.code ?? 'scripts.callFailed', message }
    return { header: { ...reply, error }, parts: [], ...(fault?.kind === 'denied' && { denied: fault }) }
  }
}
