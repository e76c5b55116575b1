/**
 * The process that runs scripts: it takes one frame after the other from its input, and waits for nothing else. While a
 * script runs, the replies to what it asks are read in between.
 */
import { readSync, writeSync } from 'node:fs'

import { createFrameReader, encodeFrame, type Frame } from '../frames.ts'
import { createEngine, type Engine } from './engine.ts'
import { createOperations, type Output, type Reply } from './engine-operations.ts'
import { formOf } from './read-script.ts'

/** Bytes of contents in one frame: more than a message that fits into the memory of scripts. */
const mostInput = 1_073_741_824
/** Engines are kept for the bundles used last. */
const mostEngines = 3
const memoryMb = Number(process.argv[2])

const folders = new Map<string, ReadonlyMap<string, Buffer>>()
const engines = new Map<string, Engine>()
const arrived: Frame[] = []
const read = createFrameReader((frame) => void arrived.push(frame), mostInput)
const chunk = Buffer.allocUnsafe(65_536)
const pause = new Int32Array(new SharedArrayBuffer(4))

/** The next frame; the process ends with its input. */
function nextFrame(): Frame {
  for (;;) {
    const frame = arrived.shift()
    if (frame !== undefined) return frame
    const length = again(() => readSync(0, chunk))
    if (length === 0) process.exit(0)
    read(Buffer.from(chunk.subarray(0, length)))
  }
}

function say(header: Readonly<Record<string, unknown>>, parts: readonly Buffer[]): void {
  for (const buffer of encodeFrame(header, parts))
    for (let at = 0; at < buffer.length; ) at += again(() => writeSync(1, buffer, at))
}

/** A pipe that is not ready says so where it does not block. */
function again(work: () => number): number {
  for (;;) {
    try {
      return work()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}

function ask(name: string, args: unknown, parts: readonly Buffer[]): Reply {
  say({ type: 'call', name, arguments: args }, parts)
  return nextFrame()
}

async function engineOf(folder: string, file: string): Promise<Engine> {
  const files = folders.get(folder) ?? new Map<string, Buffer>()
  const form = formOf(file, files.get(file))
  const key = `${form} ${folder}`
  const engine = engines.get(key) ?? (await createEngine(files, form, memoryMb))
  engines.delete(key)
  engines.set(key, engine)
  for (const oldest of engines.keys()) {
    if (engines.size <= mostEngines) break
    engines.delete(oldest)
  }
  return engine
}

function forget(engine: Engine): void {
  for (const [key, known] of engines) if (known === engine) engines.delete(key)
}

interface Job {
  readonly type: 'compile' | 'run'
  readonly id: number
  readonly folder: string
  readonly file: string
  readonly function: string
  readonly limitMs: number
}

async function work({ header, parts }: Frame): Promise<void> {
  const { type, id, folder, file, function: functionName, limitMs } = header as unknown as Job
  const engine = await engineOf(folder, file)
  const [message = Buffer.alloc(0), ...contents] = parts
  const json = message.toString('utf8')
  say({ type: 'begun', id }, [])
  const out: Output = { parts: [], log: [] }
  const endsAt = Date.now() + limitMs
  const stop = (): boolean => Date.now() >= endsAt
  const operations = createOperations({
    body: json === '' ? undefined : (JSON.parse(json) as { readonly body: never }).body,
    parts: contents,
    out,
    ask,
    print: (text) => say({ type: 'print', text }, []),
  })
  const result = engine.run({ type, file, functionName, message: json, operations, stop })
  const end = (given: object, contents: readonly Buffer[]): void =>
    say({ type: 'end', id, log: out.log, ...given }, contents)
  if (stop()) return end({ problem: { kind: 'timeout' } }, out.parts)
  if ('answer' in result) return end({ answer: JSON.parse(result.answer) as unknown }, out.parts)
  // The memory of an engine never becomes smaller.
  if ('problem' in result && result.problem.kind === 'outOfMemory') forget(engine)
  if ('problem' in result) return end({ problem: result.problem }, out.parts)
  forget(engine)
  end({ problem: { kind: 'broken', why: result.broken } }, [])
}

for (;;) {
  const frame = nextFrame()
  const { type, key, names } = frame.header as {
    readonly type: string
    readonly key: string
    readonly names: readonly string[]
  }
  if (type === 'folder')
    folders.set(key, new Map(names.map((name, index) => [name, frame.parts[index] ?? Buffer.alloc(0)])))
  else await work(frame)
}
