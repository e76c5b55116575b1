import { randomInt } from 'node:crypto'

import { Fault, type Log, wordsOf } from '../base/index.ts'
import type { Run } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'
import { createCallQueue } from './call-queue.ts'
import { type ClassCache, compilesOnly } from './class-cache.ts'
import { applyAnswer, applyLog, encodeExchange } from './exchange-frames.ts'
import { faults } from './faults.ts'
import { BrokenFrame, type Frame } from './frames.ts'
import type { GroovyChoice } from './groovy.ts'
import { answerCall, type HostCall } from './host-calls.ts'
import { type HostProcess, startHostProcess } from './host-process.ts'
import { type Machinery, createMachinery } from './machinery.ts'
import { createPrinted, type Printed } from './printed.ts'
import { faultOfProblem } from './problems.ts'
import type { SandboxReport } from './sandbox/layers.ts'
import type { SandboxChoice } from './sandbox/try-sandbox.ts'
import { compiledClasses, folderFrame } from './folder-frames.ts'
import type { ScriptFolder, ScriptFunction } from './script-folder.ts'
import { Stale } from './values.ts'

export interface GroovyHost extends AsyncDisposable {
  /** @throws scripts.javaMissing, scripts.hostFailed, scripts.sandboxMissing, scripts.fileMissing, scripts.compileFailed, scripts.functionMissing */
  readonly compile: (script: ScriptFunction) => Promise<void>
  /**
   * Runs the function on the message, which is changed in place when the function has ended well.
   * @throws scripts.failed, scripts.timeout, scripts.hostDied, what `compile` throws, or the reason of the run's signal
   */
  readonly run: (script: ScriptFunction, exchange: Exchange, run: Run) => Promise<void>
  /** The processes at work. */
  readonly processes: () => readonly { readonly pid: number; readonly guarded: boolean }[]
  /** What holds scripts here; found out when first asked for. @throws scripts.javaMissing, scripts.hostFailed */
  readonly sandbox: () => Promise<SandboxReport>
  /** Makes what lets hosts of later processes start faster, unless it is there; resolves to whether it is. */
  readonly prepareStarts: (signal: AbortSignal) => Promise<boolean>
  /** Version of Groovy that scripts run in. @throws scripts.javaMissing, scripts.groovyMissing, scripts.hostFailed */
  readonly groovy: () => Promise<string>
  readonly close: () => Promise<void>
}

interface Call {
  readonly id: number
  readonly type: 'compile' | 'run'
  readonly script: ScriptFunction
  readonly message: { readonly exchange: Exchange; readonly run: Run } | undefined
  deaths: number
  hasEffects: boolean
  /** What the script asked for and may not have. */
  denied: Fault | undefined
  readonly printed: Printed
  timer: NodeJS.Timeout | undefined
  readonly finish: (frame: Frame, epoch: number) => void
  readonly reject: (error: unknown) => void
}

/** A host with the calls that are at work in it. */
interface Working {
  readonly process: HostProcess
  readonly calls: Map<number, Call>
  readonly classCache: ClassCache
  /** True while it has run no code of a script: what it says of classes is then what the compiler says. */
  believed: boolean
  /** Service calls that were not answered yet. */
  asking: number
  /** It gets no more calls, and is ended when it has none. */
  retiring: boolean
  /** It was ended on purpose: its calls are not to blame. */
  ended: boolean
}

/** How many scripts run at a time; the others wait here, so that their time limit starts when they do. */
const atWork = 32
/** Service calls of one host at a time. Each thread of a script asks for one; more were written by hand. */
const mostAsking = 1024
/** Milliseconds that the calls beside one that ran too long are given to end. */
const retireTime = 1_000
/** Calls that only read: a script that made no others can run again. */
const reads = /^(?:message|valueMapping|secureStore|keystore)\./

/** Objects of one start mean nothing to any other, also of another tenant's host in this process. */
let epochs = 0

/** An id that a script cannot guess which did not get it: a wrong guess ends its host. */
const drawId = (): number => randomInt(1, 2_147_483_647)

export interface GroovyHostSettings {
  /** Where the compiled host is kept; tenants may share it. */
  readonly cacheFolder: string
  /** Where compiled scripts are kept; below `cacheFolder` when not said. */
  readonly classFolder?: string
  readonly log: Log
  readonly calls: Readonly<Record<string, HostCall>>
  /** MiB. */
  readonly maxHeapMb?: number
  /** MiB that one script may hand over. */
  readonly maxOutputMb?: number
  /** The time one call may take. */
  readonly callTimeoutMs?: number
  /** `auto` when not said. */
  readonly groovy?: GroovyChoice
  readonly sandbox?: SandboxChoice
  /** Where Java is looked for. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * One Groovy host: a JVM that is started by the first call, and replaced when it dies or must be killed. `machinery` is
 * what it is started with; several hosts may share it.
 */
export function createGroovyHost(given: GroovyHostSettings, machinery: Machinery = createMachinery(given)): GroovyHost {
  const { log, maxHeapMb = 256, maxOutputMb = 256, callTimeoutMs = 60_000 } = given
  const queue = createCallQueue<Call>(atWork)
  const working = new Map<number, Working>()
  const releasing = new WeakSet<Run>()
  let current: Working | undefined
  let starting: Promise<void> | undefined
  let closed = false

  /** Sends what can be sent. A host is started when there is something to send, or when one was lost. */
  function pump(lost = false): void {
    if (closed || (queue.idle() && !lost)) return
    if (current === undefined) {
      starting ??= start().finally(() => {
        starting = undefined
        pump()
      })
      return
    }
    for (let call = queue.take(); call !== undefined; call = queue.take()) send(call, current)
  }

  async function start(): Promise<void> {
    try {
      const { java, classPath, archive, classCache, sandbox, guard } = await machinery.ready()
      const epoch = (epochs += 1)
      const own = { java, classPath, archive, sandbox, guard, maxHeapMb, maxOutputMb, threads: atWork, epoch, log }
      const started = await startHostProcess({
        ...own,
        onFrame: (frame) => onFrame(epoch, frame),
        onEnd: (why) => onEnd(epoch, why),
      })
      current = {
        process: started,
        calls: new Map(),
        classCache,
        believed: true,
        asking: 0,
        retiring: false,
        ended: false,
      }
      working.set(epoch, current)
    } catch (error) {
      const fault = error instanceof Fault ? error : faults.hostFailed({ why: wordsOf(error) }, { cause: error })
      log.error('no script host can be started', { why: fault.message })
      for (const call of queue.all()) end(call, () => call.reject(fault))
    }
  }

  function send(call: Call, to: Working): void {
    const { folder, file, functionName } = call.script
    const { process } = to
    const parts: Buffer[] = []
    let message: Record<string, unknown> = {}
    try {
      if (call.message) message = encodeExchange(call.message.exchange, call.message.run, parts, process.epoch)
    } catch (error) {
      const why = 'the objects that its message held are in an earlier host, or in that of another flow'
      return end(call, () => call.reject(error instanceof Stale ? faults.hostDied({ script: file, why }) : error))
    }
    if (!process.folders.has(folder.key)) sendFolder(folder, to)
    to.believed &&= call.type === 'compile' && compilesOnly(folder)
    to.calls.set(call.id, call)
    call.timer = setTimeout(() => timeOut(call, to), callTimeoutMs)
    process.send({ ...message, type: call.type, id: call.id, folder: folder.key, file, function: functionName }, parts)
  }

  function sendFolder(folder: ScriptFolder, { process, classCache }: Working): void {
    process.folders.add(folder.key)
    const { header, parts } = folderFrame(folder, classCache.read(folder))
    process.send(header, parts)
  }

  /** Keeps the classes of a compiled script for the next start. */
  function keepClasses(frame: Frame, { folder, file }: ScriptFunction, from: Working | undefined): void {
    const classes = compiledClasses(frame)
    if (from?.believed !== true || classes.length === 0) return
    try {
      from.classCache.write(folder, file, classes)
    } catch (error) {
      log.warn('a compiled script cannot be kept; it is compiled again after a restart', { why: wordsOf(error) })
    }
  }

  /** Takes the call out of everything, then settles it. */
  function end(call: Call, settle: () => void): void {
    clearTimeout(call.timer)
    for (const { calls } of working.values()) calls.delete(call.id)
    queue.done(call)
    call.printed.show()
    settle()
  }

  function timeOut(call: Call, at: Working): void {
    end(call, () => call.reject(faults.timeout({ script: call.script.file, milliseconds: callTimeoutMs })))
    log.warn('a script ran too long; its host is replaced', {
      script: call.script.file,
      messageId: call.message?.run.messageId,
    })
    retire(at, retireTime)
    pump(true)
  }

  /** Lets the calls of the host end for so many milliseconds, while others go to the next host. */
  function retire(host: Working, milliseconds: number): void {
    if (current === host) current = undefined
    if (host.retiring) return
    host.retiring = true
    const timer = setTimeout(() => endOnPurpose(host), milliseconds)
    timer.unref()
    endIfIdle(host)
  }

  const endIfIdle = (host: Working): void => {
    if (host.retiring && host.calls.size === 0) endOnPurpose(host)
  }

  function endOnPurpose(host: Working): void {
    if (host.ended) return
    host.ended = true
    host.process.kill()
    const { calls } = lose(host)
    const why = 'it was replaced because of another script, and this one had begun to change things outside'
    giveUp(queue.sendAgain(calls), why)
    pump(true)
  }

  function lose(host: Working): { readonly calls: readonly Call[] } {
    if (current === host) current = undefined
    working.delete(host.process.epoch)
    const calls = [...host.calls.values()]
    for (const call of calls) clearTimeout(call.timer)
    host.calls.clear()
    return { calls }
  }

  function giveUp(calls: readonly Call[], why: string): void {
    for (const call of calls) end(call, () => call.reject(faults.hostDied({ script: call.script.file, why })))
  }

  function onEnd(epoch: number, why: string): void {
    const host = working.get(epoch)
    if (host === undefined) return
    const { calls } = lose(host)
    if (closed) return
    log.error('the script host died', { why })
    giveUp(queue.hostDied(calls), why)
    pump(true)
  }

  function onFrame(epoch: number, frame: Frame): void {
    // A host that was given up may still say something.
    const host = working.get(epoch)
    if (host === undefined) return
    const { type, id, run } = frame.header as { type: string; id: number; run: number }
    if (type === 'log') return printLine(host, frame)
    if (type === 'call') {
      if (host.asking >= mostAsking) throw new BrokenFrame('too many service calls at a time')
      return void reply(host, frame, host.calls.get(run))
    }
    if (type === 'strays') return retireForStrays(host, frame)
    const call = host.calls.get(id)
    if (call === undefined) throw new BrokenFrame('an answer to a call that was not made')
    if ((frame.header.problem as { kind?: string } | undefined)?.kind === 'folderUnknown') {
      host.process.folders.delete(call.script.folder.key)
      clearTimeout(call.timer)
      return send(call, host)
    }
    end(call, () => call.finish(frame, epoch))
    endIfIdle(host)
    pump()
  }

  function retireForStrays(host: Working, { header: { count } }: Frame): void {
    if (host.retiring) return
    log.warn('a script left threads behind; its host is replaced', { threads: Number(count) })
    retire(host, callTimeoutMs)
    pump(true)
  }

  function printLine(host: Working, { header: { exchange, text } }: Frame): void {
    const call = [...host.calls.values()].find(({ message }) => message?.run.messageId === exchange)
    // Without its call nobody knows which secrets to look for in it.
    call?.printed.add(String(text))
  }

  async function reply(host: Working, frame: Frame, call: Call | undefined): Promise<void> {
    host.asking += 1
    if (call !== undefined && !reads.test(String(frame.header.name))) call.hasEffects = true
    const answer = await answerCall(frame, call?.message, given.calls, host.process.epoch, log)
    host.asking -= 1
    if (call !== undefined) call.denied ??= answer.denied
    if (working.has(host.process.epoch)) host.process.send(answer.header, answer.parts)
  }

  function enqueue(type: Call['type'], script: ScriptFunction, message?: Call['message']): Promise<void> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(faults.hostClosed())
      const signal = message?.run.signal
      if (signal?.aborted) return reject(signal.reason)
      let settled = false
      const settle = (how: () => void): void => {
        signal?.removeEventListener('abort', abort)
        if (!settled) how()
        settled = true
      }
      const call: Call = {
        id: drawId(),
        type,
        script,
        message,
        deaths: 0,
        hasEffects: false,
        denied: undefined,
        printed: createPrinted(message?.run, log),
        timer: undefined,
        finish: (frame, from) => settle(() => conclude(call, frame, from, resolve, reject)),
        reject: (error) => settle(() => reject(error)),
      }
      // The caller goes on at once. The script is asked to stop, and killed with its host if it does not in time:
      // callers that hang up must not be able to kill hosts.
      const abort = (): void => {
        const at = [...working.values()].find(({ calls }) => calls.has(call.id))
        if (at === undefined) queue.done(call)
        else at.process.send({ type: 'cancel', id: call.id }, [])
        call.reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort)
      queue.add(call)
      pump()
    })
  }

  function conclude(
    { message, script, denied }: Call,
    frame: Frame,
    from: number,
    resolve: () => void,
    reject: (error: unknown) => void,
  ): void {
    try {
      if (message !== undefined) {
        releaseAtEnd(frame, from, message.run)
        applyLog(frame, message.run)
        if (denied !== undefined) return reject(denied)
        if (frame.header.type === 'done') applyAnswer(message.exchange, frame, from, message.run)
      }
      if (frame.header.type === 'done') {
        if (message === undefined) keepClasses(frame, script, working.get(from))
        resolve()
      } else reject(faultOfProblem(frame.header.problem, script, message?.run.lent))
    } catch (error) {
      // A script that writes its answer by hand harms itself.
      const why = `its answer cannot be read: ${wordsOf(error)}`
      reject(error instanceof Fault ? error : faults.hostDied({ script: script.file, why }))
    }
  }

  function releaseAtEnd(frame: Frame, from: number, run: Run): void {
    if (frame.header.kept !== true || releasing.has(run)) return
    releasing.add(run)
    run.defer(() => {
      working.get(from)?.process.send({ type: 'release', exchange: run.messageId }, [])
    })
  }

  async function close(): Promise<void> {
    closed = true
    for (const call of queue.all()) end(call, () => call.reject(faults.hostClosed()))
    await starting
    await Promise.all([...working.values()].map(({ process }) => process.end()))
  }

  return {
    compile: (script) => enqueue('compile', script),
    run: (script, exchange, run) => enqueue('run', script, { exchange, run }),
    processes: () => [...working.values()].map(({ process: { pid, guarded } }) => ({ pid, guarded })),
    sandbox: async () => (await machinery.ready()).sandbox,
    prepareStarts: machinery.prepareStarts,
    groovy: async () => (await machinery.ready()).groovy,
    close,
    [Symbol.asyncDispose]: close,
  }
}
