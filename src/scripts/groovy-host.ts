import type { Fault, Log } from '../base/index.ts'
import type { Run } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'
import { createCallQueue } from './call-queue.ts'
import { applyAnswer, applyLog, encodeExchange } from './exchange-frames.ts'
import { faults } from './faults.ts'
import type { Frame } from './frames.ts'
import { answerCall, type HostCall } from './host-calls.ts'
import { hostClassPath } from './host-jar.ts'
import { type HostProcess, startHostProcess } from './host-process.ts'
import { findJava } from './java.ts'
import { faultOfProblem } from './problems.ts'
import type { ScriptFolder, ScriptFunction } from './script-folder.ts'
import { Stale } from './values.ts'

export interface GroovyHost extends AsyncDisposable {
  /** @throws scripts.javaMissing, scripts.hostFailed, scripts.fileMissing, scripts.compileFailed, scripts.functionMissing */
  readonly compile: (script: ScriptFunction) => Promise<void>
  /**
   * Runs the function on the message, which is changed in place when the function has ended well.
   * @throws scripts.failed, scripts.timeout, scripts.hostDied, what `compile` throws, or the reason of the run's signal
   */
  readonly run: (script: ScriptFunction, exchange: Exchange, run: Run) => Promise<void>
  /** The process at work; undefined while there is none. */
  readonly process: () => { readonly pid: number; readonly contained: boolean } | undefined
  readonly close: () => Promise<void>
}

interface Call {
  readonly id: number
  readonly type: 'compile' | 'run'
  readonly script: ScriptFunction
  readonly message: { readonly exchange: Exchange; readonly run: Run } | undefined
  deaths: number
  /** What the script asked for and may not have. */
  denied: Fault | undefined
  /** What the script printed so far. */
  readonly printed: { readonly lines: string[]; size: number }
  timer: NodeJS.Timeout | undefined
  readonly finish: (frame: Frame, epoch: number) => void
  readonly reject: (error: unknown) => void
}

/** Characters that one call may print; what comes after them is not shown. */
const mostPrinted = 1_048_576

/** How many scripts run at a time; the others wait here, so that their time limit starts when they do. */
const atWork = 32

/**
 * The Groovy host of a tenant: a JVM that is started by the first call, and replaced when it dies or must be killed.
 * `cacheFolder` keeps the compiled host; `maxHeapMb` is in MiB; `callTimeoutMs` is the time one call may take.
 */
export function createGroovyHost(given: {
  readonly cacheFolder: string
  readonly log: Log
  readonly calls: Readonly<Record<string, HostCall>>
  readonly maxHeapMb?: number
  readonly callTimeoutMs?: number
  /** Where Java is looked for. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}): GroovyHost {
  const { log, maxHeapMb = 256, callTimeoutMs = 60_000, environment = process.env } = given
  const queue = createCallQueue<Call>(atWork)
  const inFlight = new Map<number, Call>()
  const releasing = new WeakSet<Run>()
  let host: HostProcess | undefined
  let starting: Promise<void> | undefined
  let closed = false
  let epoch = 0
  let nextId = 0

  function pump(): void {
    if (closed || queue.idle()) return
    if (host === undefined) {
      starting ??= start().finally(() => {
        starting = undefined
        pump()
      })
      return
    }
    for (let call = queue.take(); call !== undefined; call = queue.take()) send(call, host)
  }

  async function start(): Promise<void> {
    try {
      const java = await findJava(environment)
      const classPath = await hostClassPath(java, given.cacheFolder)
      const own = (epoch += 1)
      const started = await startHostProcess({
        java,
        classPath,
        maxHeapMb,
        threads: atWork,
        epoch: own,
        log,
        onFrame: (frame) => onFrame(own, frame),
        onEnd: (why) => onEnd(own, why),
      })
      host = started
      if (!started.contained)
        log.warn('this Java cannot keep scripts from files and network; use Java 11 to 23', { java: java.version })
    } catch (error) {
      for (const call of queue.all()) end(call, () => call.reject(error))
    }
  }

  function send(call: Call, to: HostProcess): void {
    const { folder, file, functionName } = call.script
    const parts: Buffer[] = []
    let message: Record<string, unknown> = {}
    try {
      if (call.message) message = encodeExchange(call.message.exchange, call.message.run, parts, to.epoch)
    } catch (error) {
      const why = 'the objects that its message held were lost with an earlier host'
      return end(call, () => call.reject(error instanceof Stale ? faults.hostDied({ script: file, why }) : error))
    }
    if (!to.folders.has(folder.key)) sendFolder(folder, to)
    inFlight.set(call.id, call)
    call.timer = setTimeout(() => timeOut(call), callTimeoutMs)
    to.send({ ...message, type: call.type, id: call.id, folder: folder.key, file, function: functionName }, parts)
  }

  function sendFolder(folder: ScriptFolder, to: HostProcess): void {
    to.folders.add(folder.key)
    const files = [...folder.files.keys()].map((name, number) => [name, number])
    to.send({ type: 'folder', key: folder.key, files }, [...folder.files.values()])
  }

  /** Takes the call out of everything, then settles it. */
  function end(call: Call, settle: () => void): void {
    clearTimeout(call.timer)
    inFlight.delete(call.id)
    queue.done(call)
    showPrinted(call)
    settle()
  }

  function timeOut(call: Call): void {
    end(call, () => call.reject(faults.timeout({ script: call.script.file, milliseconds: callTimeoutMs })))
    log.warn('a script ran too long; its host is replaced', {
      script: call.script.file,
      messageId: call.message?.run.messageId,
    })
    const dying = host
    loseHost()
    dying?.kill()
    queue.sendAgain()
    pump()
  }

  function loseHost(): void {
    host = undefined
    for (const call of inFlight.values()) clearTimeout(call.timer)
    inFlight.clear()
  }

  function onEnd(own: number, why: string): void {
    if (host?.epoch !== own) return
    loseHost()
    if (closed) return
    log.error('the script host died', { why })
    for (const call of queue.hostDied()) {
      end(call, () => call.reject(faults.hostDied({ script: call.script.file, why })))
    }
    pump()
  }

  function onFrame(own: number, frame: Frame): void {
    // A host that was given up may still say something.
    if (host?.epoch !== own) return
    const { type, id, run } = frame.header as { type: string; id: number; run: number }
    if (type === 'log') return print(frame)
    if (type === 'call') return void reply(frame, inFlight.get(run))
    const call = inFlight.get(id)
    if (call === undefined) return
    const now = host
    if ((frame.header.problem as { kind?: string } | undefined)?.kind === 'folderUnknown') {
      now.folders.delete(call.script.folder.key)
      clearTimeout(call.timer)
      send(call, now)
      return
    }
    end(call, () => call.finish(frame, now.epoch))
    pump()
  }

  /** Keeps what is printed until the call ends: a secret may stand on several lines, and is found only as a whole. */
  function print({ header: { exchange, text } }: Frame): void {
    const call = [...inFlight.values()].find(({ message }) => message?.run.messageId === exchange)
    // Without the call nobody knows which secrets to look for.
    if (call === undefined) return shown(exchange, '(not shown: its call has ended)')
    const { printed } = call
    const line = String(text)
    printed.size += line.length + 1
    if (printed.size <= mostPrinted) printed.lines.push(line)
  }

  const shown = (messageId: unknown, text: string): void => log.info('a script prints', { messageId, text })

  /** Without the secrets of its message. */
  function showPrinted({ message, printed: { lines, size } }: Call): void {
    if (message === undefined || size === 0) return
    const { lent, messageId } = message.run
    for (const line of lent.redactText(lines.join('\n')).split('\n')) shown(messageId, line)
    if (size > mostPrinted) shown(messageId, `(not shown: more than ${mostPrinted} characters)`)
  }

  async function reply(frame: Frame, call: Call | undefined): Promise<void> {
    const asked = host
    if (asked === undefined) return
    const answer = await answerCall(frame, call?.message, given.calls, asked.epoch, log)
    if (call !== undefined) call.denied ??= answer.denied
    if (host === asked) asked.send(answer.header, answer.parts)
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
        id: (nextId += 1),
        type,
        script,
        message,
        deaths: 0,
        denied: undefined,
        printed: { lines: [], size: 0 },
        timer: undefined,
        finish: (frame, from) => settle(() => conclude(call, frame, from, resolve, reject)),
        reject: (error) => settle(() => reject(error)),
      }
      // The caller goes on at once. The script is asked to stop, and killed with its host if it does not in time:
      // callers that hang up must not be able to kill hosts.
      const abort = (): void => {
        if (inFlight.has(call.id)) host?.send({ type: 'cancel', id: call.id }, [])
        else queue.done(call)
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
      if (frame.header.type === 'done') resolve()
      else reject(faultOfProblem(frame.header.problem, script, message?.run.lent))
    } catch (error) {
      reject(error)
    }
  }

  function releaseAtEnd(frame: Frame, from: number, run: Run): void {
    if (frame.header.kept !== true || releasing.has(run)) return
    releasing.add(run)
    run.defer(() => {
      if (host?.epoch === from) host.send({ type: 'release', exchange: run.messageId }, [])
    })
  }

  async function close(): Promise<void> {
    closed = true
    for (const call of queue.all()) end(call, () => call.reject(faults.hostClosed()))
    await starting
    await host?.end()
  }

  return {
    compile: (script) => enqueue('compile', script),
    run: (script, exchange, run) => enqueue('run', script, { exchange, run }),
    process: () => host && { pid: host.pid, contained: host.contained },
    close,
    [Symbol.asyncDispose]: close,
  }
}
