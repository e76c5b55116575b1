import { readFileSync } from 'node:fs'

import release from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'

import { type ReadScript, readScript } from './read-script.ts'
import { problemOf, type ScriptProblem } from './script-problems.ts'

/** What a script in the engine may ask of the process around it. */
export type HostOperations = Readonly<
  Record<string, (...given: readonly (string | number | Uint8Array)[]) => string | number | ArrayBuffer | undefined>
>

export interface EngineJob {
  readonly type: 'compile' | 'run'
  readonly file: string
  readonly functionName: string
  readonly message: string
  readonly operations: HostOperations
  readonly stop: () => boolean
}

export type EngineResult =
  | { readonly answer: string }
  | { readonly problem: ScriptProblem }
  /** The engine itself failed; nothing in it can be trusted any more. */
  | { readonly broken: string }

/** One engine with a memory of its own, for the scripts of one bundle. */
export interface Engine {
  readonly run: (job: EngineJob) => EngineResult
}

// The package declares its default export as that of its other form.
const variant = release as unknown as QuickJSSyncVariant

const page = 65_536
const mebibyte = 1_048_576
/** Bytes of stack of a script, some 1,000 calls deep: less than what makes the process run out of its own. */
const stack = 196_608
/** Memory of the engine itself, beside that of the script, in MiB. */
const engineMb = 16

const api = (name: string): string => readFileSync(new URL(`./api/${name}.js`, import.meta.url), 'utf8')
const parts: Readonly<Record<ReadScript['form'], readonly string[]>> = {
  module: ['values', 'message', 'globals'],
  script: ['values', 'message', 'globals', 'java'],
}

/** The API that scripts of a form find, as the source of one function. */
const preludeOf = (form: ReadScript['form']): string =>
  `(function(host){'use strict';${parts[form].map(api).join('\n')}\n})`

/** The engine for the scripts of a folder that have this form; `memoryMb` is what one call may use. */
export async function createEngine(
  files: ReadonlyMap<string, Uint8Array>,
  form: ReadScript['form'],
  memoryMb: number,
): Promise<Engine> {
  // QuickJS cannot count what it has taken in WebAssembly (its own limit lets 2 GB pass for 10 MB): this memory ends.
  const maximum = (memoryMb + engineMb) * mebibyte
  const memory = new WebAssembly.Memory({ initial: 256, maximum: maximum / page })
  const quickJs = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory: memory }))
  let job: EngineJob | undefined
  const runtime = quickJs.newRuntime()
  runtime.setMaxStackSize(stack)
  runtime.setInterruptHandler(() => job?.stop() ?? false)
  runtime.setModuleLoader((name) => sourceOf(name, files), resolveModule)
  const context = runtime.newContext()
  const host = hostFunction(context, () => job?.operations ?? {})
  context.unwrapResult(
    context.callFunction(context.unwrapResult(context.evalCode(preludeOf(form), 'sluice')), context.undefined, host),
  )
  const own = context.getProp(context.global, '__sluice')
  context.setProp(context.global, '__sluice', context.undefined)
  const scripts: Loaded = { runtime, context, own, files, exhausted: () => memory.buffer.byteLength > 0.75 * maximum }
  const fresh = copyOfUsed(memory)

  return {
    run(given) {
      job = given
      try {
        return runScript(scripts, given)
      } catch (error) {
        return { broken: error instanceof Error ? error.message : String(error) }
      } finally {
        job = undefined
        // All that the engine knows stands in its memory: every call finds it as it was before the first.
        new Uint8Array(memory.buffer).set(fresh)
      }
    },
  }
}

/** The memory up to the last byte that is in use. */
function copyOfUsed(memory: WebAssembly.Memory): Uint8Array {
  const words = new BigUint64Array(memory.buffer)
  let last = words.length
  while (last > 0 && words[last - 1] === 0n) last -= 1
  // What is in use may end with zeros, but not with so many.
  return new Uint8Array(memory.buffer).slice(0, Math.min(memory.buffer.byteLength, last * 8 + page))
}

/** An engine with its API, ready for a script. */
interface Loaded {
  readonly runtime: QuickJSRuntime
  readonly context: QuickJSContext
  /** What the API shows to this file only. */
  readonly own: QuickJSHandle
  readonly files: ReadonlyMap<string, Uint8Array>
  /** True where most of the memory is in use. */
  readonly exhausted: () => boolean
}

function runScript({ runtime, context, own, files, exhausted }: Loaded, job: EngineJob): EngineResult {
  const { file, functionName } = job
  const failed = (error: QuickJSHandle, loading: boolean): EngineResult =>
    withDisposed(error, (kept) => ({
      problem: problemOf(context, kept, { files, file, loading, exhausted: exhausted() }),
    }))
  const content = files.get(file)
  if (content === undefined) return { problem: { kind: 'fileMissing' } }
  let script: ReadScript
  try {
    script = readScript(file, content)
  } catch (error) {
    return { problem: notRead(error) }
  }
  const loaded = context.evalCode(script.source, file, { type: script.form === 'module' ? 'module' : 'global' })
  if (loaded.error) return failed(loaded.error, true)
  const settled = settle(runtime, context, loaded.value)
  if ('error' in settled) return failed(settled.error, true)
  if ('problem' in settled) return settled
  using exported = settled.value
  using main = functionOf(context, script.form === 'module' ? exported : context.global, functionName, script.form)
  if (context.typeof(main) !== 'function') return { problem: { kind: 'functionMissing' } }
  if (job.type === 'compile') return { answer: '{}' }

  using given = context.newString(job.message)
  using message = context.unwrapResult(context.callMethod(own, 'message', [given]))
  const called = context.callFunction(main, context.undefined, message)
  if (called.error) return failed(called.error, false)
  const ended = settle(runtime, context, called.value)
  if ('error' in ended) return failed(ended.error, false)
  if ('problem' in ended) return ended
  using result = ended.value
  const answered = context.callMethod(own, 'answer', [result, message])
  if (answered.error) return failed(answered.error, false)
  using answer = answered.value
  return { answer: context.getString(answer) }
}

const withDisposed = (handle: QuickJSHandle, use: (handle: QuickJSHandle) => EngineResult): EngineResult => {
  using kept = handle
  return use(kept)
}

const notRead = (error: unknown): ScriptProblem => {
  const message = error instanceof Error ? error.message : String(error)
  // Its stack begins with the place.
  const line = /^[^\n]*:(\d+)\n/.exec(error instanceof Error ? (error.stack ?? '') : '')?.[1]
  return { kind: 'compileFailed', errors: [{ message, ...(line !== undefined && { line: Number(line) }) }] }
}

/** Does what a promise waits for; nothing outside of the script can settle one. */
function settle(
  runtime: QuickJSRuntime,
  context: QuickJSContext,
  given: QuickJSHandle,
): { readonly value: QuickJSHandle } | { readonly error: QuickJSHandle } | { readonly problem: ScriptProblem } {
  const jobs = runtime.executePendingJobs()
  if (jobs.error) {
    given.dispose()
    return { error: jobs.error }
  }
  const state = context.getPromiseState(given)
  if (state.type === 'fulfilled') {
    if (state.notAPromise !== true) given.dispose()
    return { value: state.value }
  }
  given.dispose()
  if (state.type === 'rejected') return { error: state.error }
  return { problem: { kind: 'neverEnds' } }
}

function functionOf(
  context: QuickJSContext,
  from: QuickJSHandle,
  name: string,
  form: ReadScript['form'],
): QuickJSHandle {
  const found = context.getProp(from, name)
  if (context.typeof(found) === 'function' || form === 'script' || name !== 'processData') return found
  found.dispose()
  return context.getProp(from, 'default')
}

function hostFunction(context: QuickJSContext, operations: () => HostOperations): QuickJSHandle {
  return context.newFunction('host', (name, ...handles) => {
    const operation = operations()[context.getString(name)]
    if (operation === undefined) throw new Error('unknown operation')
    const result = operation(...handles.map((handle) => argumentOf(context, handle)))
    if (typeof result === 'string') return context.newString(result)
    if (typeof result === 'number') return context.newNumber(result)
    return result === undefined ? context.undefined : context.newArrayBuffer(result)
  })
}

function argumentOf(context: QuickJSContext, handle: QuickJSHandle): string | number | Uint8Array {
  const type = context.typeof(handle)
  if (type === 'string') return context.getString(handle)
  if (type === 'number') return context.getNumber(handle)
  using content = context.getArrayBuffer(handle)
  // The memory of the engine goes on changing.
  return new Uint8Array(content.value)
}

function sourceOf(name: string, files: ReadonlyMap<string, Uint8Array>): string | { readonly error: Error } {
  const content = files.get(name)
  if (content === undefined) return { error: new Error(`there is no script '${name}' to be imported`) }
  try {
    return readScript(name, content).source
  } catch (error) {
    return { error: error as Error }
  }
}

/** Scripts import each other by paths relative to themselves; there is nothing else. */
function resolveModule(from: string, wanted: string): string | { readonly error: Error } {
  if (!/^\.\.?\//.test(wanted))
    return { error: new Error(`'${wanted}' cannot be imported: only scripts of the same bundle can`) }
  const at = new URL(wanted, `file:///${from}`)
  return decodeURIComponent(at.pathname.slice(1))
}
