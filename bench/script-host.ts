import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

import { silentLog } from '../src/base/index.ts'
import { Body, Exchange } from '../src/message/index.ts'
import { createGroovyHost, createScripts, type SandboxPart, serviceCalls } from '../src/scripts/index.ts'
import { bundleOf } from '../test/kit/bundle.ts'
import { testRun } from '../test/kit/step.ts'
import { temporaryFolder } from '../test/kit/temporary-folder.ts'

// Times of the Groovy host alone: `node bench/script-host.ts [part of the sandbox to leave out]…`
const cacheFolder = temporaryFolder('bench')
const sandbox = { required: false, without: process.argv.slice(2) as SandboxPart[] }
const host = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls, callTimeoutMs: 1_000, sandbox })
const scripts = createScripts({ host, collections: () => undefined })

async function compiled(code: string): ReturnType<typeof scripts.compile> {
  const source = `def processData(message) {\n${code}\nreturn message\n}`
  const bundle = await bundleOf({ id: 'Bench', processes: [], files: { 'script.groovy': source } })
  return scripts.compile({ language: 'groovy', bundle, file: 'script.groovy', functionName: '', collection: '' })
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  await work()
  show(what, `${Math.round(performance.now() - start)} ms`)
}

const show = (what: string, value: string): void => void process.stdout.write(`${what.padEnd(44)} ${value}\n`)
const body = Body.ofText('x'.repeat(10_000))
const call = async (): Promise<void> => script.run(new Exchange({ body }), testRun({ messageId: 'bench' }))

/** KB of all processes of the host: the first one and its descendants. */
function residentOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
  const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  return children.reduce((sum, child) => sum + residentOf(child), own)
}

await timed('first deployment (host compiled, sandbox tried)', () => compiled(`message.setHeader('first', 1)`))
const kept = await bundleOf({
  id: 'Kept',
  processes: [],
  files: { 'script.groovy': 'def processData(message) { message }' },
})
let script = await compiled(`message.setBody(message.getBody(String) + '!')`)
await timed(
  'second deployment',
  async () => (script = await compiled(`message.setBody(message.getBody(String) + '?')`)),
)
show('idle memory after two deployments', `${Math.round(residentOf(host.processes()[0]?.pid ?? 0) / 1024)} MB`)
for (let n = 0; n < 5_000; n += 1) await call()
const times: number[] = []
for (let n = 0; n < 5_000; n += 1) {
  const start = performance.now()
  await call()
  times.push(performance.now() - start)
}
times.sort((a, b) => a - b)
show('warm call with 10 kB, median and 99 %', `${times[2_500]?.toFixed(3)} ms, ${times[4_950]?.toFixed(3)} ms`)
const start = performance.now()
await Promise.all(
  Array.from({ length: 32 }, async () => {
    for (let n = 0; n < 500; n += 1) await call()
  }),
)
show('calls per second, 32 at a time', String(Math.round(16_000_000 / (performance.now() - start))))
await timed('a killed host is replaced', async () => {
  process.kill(host.processes()[0]?.pid ?? 0, 'SIGKILL')
  while (host.processes().length > 0) await setImmediate()
  await call()
})
const endless = await compiled('while (true) { }')
await endless.run(new Exchange(), testRun({ messageId: 'endless' })).catch(() => {})
await timed('a host with an endless loop is replaced', call)
await host.close()
for (const what of ['without', 'with'] as const) {
  // What a process does that has run before.
  const next = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls, sandbox })
  const again = createScripts({ host: next, collections: () => undefined })
  const given = { language: 'groovy', bundle: kept, file: 'script.groovy', functionName: '', collection: '' } as const
  await timed(`deployment in a new process, ${what} the archive`, () => again.compile(given))
  if (what === 'without') await timed('archive made', () => next.prepareStarts(new AbortController().signal))
  await next.close()
}
