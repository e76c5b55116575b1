import { availableParallelism } from 'node:os'

import { type Fault, type Log, wordsOf } from '../../base/index.ts'
import type { Run } from '../../flow/index.ts'
import type { Exchange } from '../../message/index.ts'
import { applyAnswer, applyLog } from '../exchange-frames.ts'
import { faults } from '../faults.ts'
import type { Frame } from '../frames.ts'
import { answerCall, type HostCall } from '../host-calls.ts'
import { faultOfProblem } from '../problems.ts'
import type { SandboxReport } from '../sandbox/layers.ts'
import type { SandboxChoice } from '../sandbox/try-sandbox.ts'
import type { ScriptFunction } from '../script-folder.ts'
import { createJavaScriptMachinery } from './javascript-machinery.ts'
import { messageJson } from './message-json.ts'
import { type ScriptProcess, startScriptProcess } from './script-process.ts'

export interface JavaScriptHost extends AsyncDisposable {
  /** @throws scripts.sandboxMissing, scripts.fileMissing, scripts.compileFailed, scripts.functionMissing, scripts.timeout */
  readonly compile: (script: ScriptFunction) => Promise<void>
  /**
   * Runs the function on the message, which is changed in place when the function has ended well.
   * @throws scripts.failed, scripts.timeout, scripts.outOfMemory, scripts.neverEnds, scripts.hostDied, what `compile`
   * throws, or the reason of the run's signal
   */
  readonly run: (script: ScriptFunction, exchange: Exchange, run: Run) => Promise<void>
  /** Ids of the processes at work or at rest. */
  readonly processes: () => readonly number[]
  /** What holds scripts here; found out when first asked for. @throws scripts.sandboxMissing */
  readonly sandbox: () => Promise<SandboxReport>
  readonly close: () => Promise<void>
}

interface Call {
  readonly id: number
  readonly type: 'compile' | 'run'
  readonly script: ScriptFunction
  readonly message: { readonly exchange: Exchange; readonly run: Run } | undefined
  denied: Fault | undefined
  readonly printed: { readonly lines: string[]; size: number }
  readonly limitMs: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface Place {
  readonly child: ScriptProcess
  call: Call | undefined
  timer: NodeJS.Timeout | undefined
  idleTimer: NodeJS.Timeout | undefined
}

/** Milliseconds in which a script must have stopped after its time, or after its caller has gone, before its process is ended. */
const grace = 500
/** Milliseconds for the start of a process and the loading of its engine. */
const startLimit = 30_000
/** Milliseconds after which a process without work is ended. */
const idleLimit = 60_000
/** Characters that one call may print; what comes after them is not shown. */
const mostPrinted = 1_048_576

/**
 * The JavaScript host of a tenant: processes that run scripts in QuickJS, one call each at a time, started when they are
 * needed. `memoryMb` is in MiB, for one call; `callTimeoutMs` is the time one call may take.
 */
export function createJavaScriptHost(given: {
  readonly cacheFolder: string
  readonly log: Log
  readonly calls: Readonly<Record<string, HostCall>>
  readonly memoryMb?: number
  readonly callTimeoutMs?: number
  readonly processes?: number
  readonly sandbox?: SandboxChoice
}): JavaScriptHost {
  const { log, calls, memoryMb = 128, callTimeoutMs = 60_000 } = given
  const most = given.processes ?? Math.max(2, Math.min(4, availableParallelism()))
  const { cacheFolder, sandbox = { required: false } } = given
  const machinery = createJavaScriptMachinery({ cacheFolder, memoryMb, sandbox, log })
  const places = new Set<Place>()
  const waiting: Call[] = []
  let closed = false
  let nextId = 0

  function pump(): void {
    while (waiting.length > 0) {
      const place = freePlace(waiting[0]?.script.folder.key ?? '')
      const call = place && waiting.shift()
      if (place === undefined || call === undefined) return
      begin(place, call)
    }
  }

  /** One that knows the scripts, else a new one, else any. */
  function freePlace(folder: string): Place | undefined {
    const free = [...places].filter(({ call }) => call === undefined)
    const known = free.find(({ child }) => child.folders.has(folder))
    return known ?? (places.size < most ? startPlace() : free[0])
  }

  function startPlace(): Place {
    const child = startScriptProcess({
      prepare: machinery.prepare,
      onFrame: (frame) => onFrame(place, frame),
      onEnd: (why, words) => {
        places.delete(place)
        const { call } = place
        log.error('a script process died', { script: call?.script.file, why, words })
        if (call) end(place, call, () => call.reject(faults.hostDied({ script: call.script.file, why })))
        clearTimeout(place.idleTimer)
        pump()
      },
    })
    const place: Place = { child, call: undefined, timer: undefined, idleTimer: undefined }
    places.add(place)
    return place
  }

  function begin(place: Place, call: Call): void {
    const { child } = place
    const { folder, file, functionName } = call.script
    clearTimeout(place.idleTimer)
    place.call = call
    child.hold(true)
    try {
      if (!child.folders.has(folder.key)) {
        child.send({ type: 'folder', key: folder.key, names: [...folder.files.keys()] }, [...folder.files.values()])
        child.folders.add(folder.key)
      }
      const parts: Buffer[] = []
      const message = call.message ? messageJson(call.message.exchange, call.message.run, parts) : ''
      const { id, type, limitMs } = call
      const header = { type, id, folder: folder.key, file, function: functionName, limitMs }
      child.send(header, [Buffer.from(message), ...parts])
    } catch (error) {
      return end(place, call, () => call.reject(error))
    }
    place.timer = setTimeout(() => kill(place, timeoutOf(call)), startLimit)
  }

  const timeoutOf = ({ script, limitMs }: Call): Fault => faults.timeout({ script: script.file, milliseconds: limitMs })

  function kill(place: Place, reason: unknown): void {
    const { call } = place
    places.delete(place)
    if (call) log.warn('a script did not stop; its process is replaced', { script: call.script.file })
    if (call) end(place, call, () => call.reject(reason))
    void place.child.kill()
    pump()
  }

  function end(place: Place, call: Call, settle: () => void): void {
    clearTimeout(place.timer)
    place.call = undefined
    showPrinted(call)
    settle()
    place.child.hold(false)
    place.idleTimer = setTimeout(() => kill(place, undefined), idleLimit)
    place.idleTimer.unref()
  }

  function onFrame(place: Place, frame: Frame): void {
    const { call } = place
    const { type, id, text } = frame.header
    if (call === undefined) return
    if (type === 'begun') return begun(place, call)
    if (type === 'print') return print(call, String(text))
    if (type === 'call') return void answer(place, call, frame)
    if (id !== call.id) return
    end(place, call, () => conclude(call, frame))
    pump()
  }

  /** Some of what the engine does heeds no limit: its process is ended then. */
  function begun(place: Place, call: Call): void {
    clearTimeout(place.timer)
    const gone = call.message?.run.signal.aborted === true
    place.timer = setTimeout(() => kill(place, timeoutOf(call)), gone ? grace : call.limitMs + grace)
  }

  async function answer(place: Place, call: Call, frame: Frame): Promise<void> {
    const made = await answerCall(frame, call.message, calls, 0, log)
    call.denied ??= made.denied
    if (place.call === call) place.child.send(made.header, made.parts)
  }

  function print({ printed }: Call, text: string): void {
    printed.size += text.length + 1
    if (printed.size <= mostPrinted) printed.lines.push(text)
  }

  /** Without the secrets of its message: one may stand on several lines, so the lines are looked at together. */
  function showPrinted({ message, printed: { lines, size } }: Call): void {
    if (message === undefined || size === 0) return
    const { lent, messageId } = message.run
    for (const text of lent.redactText(lines.join('\n')).split('\n')) log.info('a script prints', { messageId, text })
    if (size > mostPrinted)
      log.info('a script prints', { messageId, text: `(not shown: more than ${mostPrinted} characters)` })
  }

  function conclude(call: Call, frame: Frame): void {
    const { message, script, denied, resolve, reject } = call
    // The message has gone on without it.
    if (message?.run.signal.aborted === true) return
    try {
      const { answer, problem } = frame.header as { readonly answer?: Frame['header']; readonly problem?: unknown }
      if (message !== undefined) applyLog(frame, message.run)
      if (denied !== undefined) return reject(denied)
      if (answer === undefined) return reject(faultOf(call, problem))
      if (message !== undefined) applyAnswer(message.exchange, { header: answer, parts: frame.parts }, 0, message.run)
      resolve()
    } catch (error) {
      log.error('the answer of a script cannot be read', { script: script.file, why: wordsOf(error) })
      reject(faults.hostDied({ script: script.file, why: 'its answer cannot be read' }))
    }
  }

  function faultOf(call: Call, problem: unknown): Fault {
    const { script, message } = call
    const { kind, why } = problem as { readonly kind: string; readonly why?: string }
    const place = { place: { file: script.file } }
    switch (kind) {
      case 'timeout':
        return timeoutOf(call)
      case 'outOfMemory':
        return faults.outOfMemory({ script: script.file, mebibytes: memoryMb }, place)
      case 'neverEnds':
        return faults.neverEnds({ script: script.file }, place)
      case 'broken':
        return faults.hostDied({ script: script.file, why: why ?? '' }, place)
      default:
        return faultOfProblem(problem, script, message?.run.lent)
    }
  }

  function enqueue(type: Call['type'], script: ScriptFunction, message?: Call['message']): Promise<void> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(faults.hostClosed())
      const signal = message?.run.signal
      if (signal?.aborted) return reject(signal.reason)
      const left = message ? message.run.deadline - message.run.clock.now() : callTimeoutMs
      const settle = (): void => signal?.removeEventListener('abort', abort)
      const call: Call = {
        id: (nextId += 1),
        type,
        script,
        message,
        denied: undefined,
        printed: { lines: [], size: 0 },
        limitMs: Math.max(1, Math.min(callTimeoutMs, left)),
        resolve: () => (settle(), resolve()),
        reject: (error) => (settle(), reject(error)),
      }
      // The caller goes on at once; what the script does then goes nowhere.
      const abort = (): void => {
        const place = [...places].find((one) => one.call === call)
        if (place === undefined) waiting.splice(waiting.indexOf(call), 1)
        else {
          clearTimeout(place.timer)
          place.timer = setTimeout(() => kill(place, signal?.reason), grace)
        }
        call.reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort)
      waiting.push(call)
      pump()
    })
  }

  async function close(): Promise<void> {
    closed = true
    for (const call of waiting.splice(0)) call.reject(faults.hostClosed())
    for (const place of places) {
      clearTimeout(place.timer)
      clearTimeout(place.idleTimer)
      place.call?.reject(faults.hostClosed())
    }
    await Promise.all([...places].map(({ child }) => child.kill()))
    places.clear()
  }

  return {
    async compile(script) {
      await machinery.ready()
      await enqueue('compile', script)
    },
    async run(script, exchange, run) {
      await machinery.ready()
      await enqueue('run', script, { exchange, run })
    },
    processes: () => [...places].map(({ child }) => child.pid()).filter((pid) => pid !== 0),
    sandbox: machinery.ready,
    close,
    [Symbol.asyncDispose]: close,
  }
}
