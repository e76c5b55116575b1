/** The process of one tenant. Started by the control process, which tells it all it needs over IPC. */
import { setFlagsFromString } from 'node:v8'

import { Fault, type Log, wordsOf } from '../base/index.ts'
import type { ToControl, ToTenant } from './ipc.ts'
import { createLog } from './log.ts'
import { startTenant, type TenantProcess } from './tenant-process.ts'

process.umask(0o077)

let tenant: TenantProcess | undefined
/** Told before or after the tenant is ready. */
let controlUrl: string | undefined
let log: Log | undefined
let stopping = false

const say = (message: ToControl): void => {
  if (process.connected) process.send?.(message)
}

async function start({ tenant: id, keys, settings }: Extract<ToTenant, { kind: 'start' }>): Promise<void> {
  log = createLog(settings.logLevel, { tenant: id })
  try {
    tenant = await startTenant({
      tenant: id,
      keys: keys.map((key) => Buffer.from(key, 'base64')),
      settings,
      log,
      controlUrl: () => controlUrl,
    })
    // V8 must not guess from what happens to be in flight at a collection that such objects grow old. It then makes them
    // old at birth, each keeps a whole message alive until the next full collection, and a fifth of the time goes into
    // collecting. Set from the first launch on, it costs 20 MB.
    setFlagsFromString('--no-allocation-site-pretenuring')
    say({ kind: 'ready', port: tenant.port })
  } catch (error) {
    const fault = error instanceof Fault ? error : undefined
    log.error('the tenant could not start', {
      code: fault?.code,
      why: wordsOf(error),
      stack: fault ? undefined : (error as Error).stack,
    })
    say({
      kind: 'failed',
      code: fault?.code ?? 'app.defect',
      message: wordsOf(error),
      remedy: fault?.remedy ?? 'Report this with the log.',
    })
    setImmediate(() => process.exit(1))
  }
}

// An orphan keeps the next process of its tenant from starting: it may not take as long as an orderly end.
const orphanPatience = 5_000

async function stop(patience?: number): Promise<void> {
  if (stopping) return
  stopping = true
  try {
    await tenant?.stop(patience)
  } catch (error) {
    log?.error('the tenant did not stop cleanly', { why: wordsOf(error) })
  }
  process.exit(0)
}

async function answer({ id, question }: Extract<ToTenant, { kind: 'ask' }>): Promise<void> {
  try {
    say({ kind: 'answer', id, value: await tenant?.answer(question) })
  } catch (error) {
    log?.error('a question of the control process was not answered', { what: question.what, why: wordsOf(error) })
    say({ kind: 'answer', id, value: undefined })
  }
}

process.on('message', (message: ToTenant) => {
  if (message.kind === 'start') void start(message)
  else if (message.kind === 'hint') tenant?.hint(message.topic)
  else if (message.kind === 'control') controlUrl = message.url
  else if (message.kind === 'stop') void stop()
  else void answer(message)
})
// Without the control process nobody would start this one again or tell it what changed: it ends its messages and goes.
process.on('disconnect', () => void stop(orphanPatience))
// The terminal sends the signal to the whole group; the control process says when to stop.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
// A promise that nobody waited for broke one message at most; the others need not end with it.
process.on('unhandledRejection', (reason) => {
  log?.error('a defect: a rejection was not handled', {
    why: wordsOf(reason),
    stack: (reason as Error | undefined)?.stack,
  })
})
process.on('uncaughtException', (error) => {
  log?.error('a defect ended the tenant process', { why: error.message, stack: error.stack })
  process.exit(70)
})
