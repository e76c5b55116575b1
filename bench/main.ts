/**
 * Measures Sluice against bare `node:https` in the same run: same machine, same certificates, same load. Prints rates,
 * latencies and the ratio, which is what counts; the rest depends on the machine.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createBuiltInCa, openBuiltInCa } from '../src/keystore/index.ts'
import { systemClock as clock } from '../src/base/index.ts'
import { type RunningSluice, startSluice } from '../test/kit/sluice.ts'
import { temporaryFolder } from '../test/kit/temporary-folder.ts'
import { startBaseline, type Tls } from './baseline.ts'
import { echoFlow, forwardFlow } from './flows.ts'
import { register, setChecks } from './front-door.ts'
import { handshakeRate } from './handshakes.ts'
import type { Load, Result } from './load.ts'
import { loadFrom } from './load-process.ts'
import { best, line, ratio } from './report.ts'
import { compareScripts, scriptFlows } from './scripts.ts'
import { compareTokens } from './tokens.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 8)
const rounds = Number(process.env.BENCH_ROUNDS ?? 2)
const registrations = Number(process.env.BENCH_REGISTRATIONS ?? 2_000)
const body = 'x'.repeat(100)

type Target = Pick<Load, 'port' | 'path' | 'ca' | 'cert' | 'key'>
const measure = (target: Target): Promise<Result> =>
  loadFrom({ ...target, body, connections: 32, warmUp: 3_000, duration: seconds * 1000 })

/** The same address with all checks that a policy can ask for, in turns with none; then beside many registrations. */
async function measureChecks(target: Target): Promise<void> {
  const few: Result[] = []
  const checked: Result[] = []
  for (let round = 0; round < rounds; round++) {
    few.push(await measure(target))
    await setChecks(sluice, target.path, true)
    checked.push(await measure(target))
    await setChecks(sluice, target.path, false)
  }
  console.log('\n(c) echo: what the front door checks')
  console.log(line('  client certificate, role', best(few)))
  console.log(line('  and all policies', best(checked)))
  console.log(ratio(best(checked).rate, best(few).rate))
  const each = await register(sluice, registrations)
  const many: Result[] = []
  for (let round = 0; round < rounds; round++) many.push(await measure(target))
  console.log(line(`  ${registrations} keys and mappings more`, best(many)))
  console.log(ratio(best(many).rate, best(few).rate))
  console.log(`  one registration            ${each.toFixed(1).padStart(8)} ms`)
}

async function compare(name: string, baseline: Target, product: Target): Promise<void> {
  const bare: Result[] = []
  const ours: Result[] = []
  // In turns, so that a machine that slows down slows both.
  for (let round = 0; round < rounds; round++) {
    bare.push(await measure(baseline))
    ours.push(await measure(product))
  }
  console.log(`\n${name}`)
  console.log(line('  bare node:https', best(bare)))
  console.log(line('  Sluice', best(ours)))
  console.log(ratio(best(ours).rate, best(bare).rate))
}

async function baselineTls(): Promise<Tls & { readonly client: { readonly cert: string; readonly key: string } }> {
  const made = await createBuiltInCa({ clock, name: 'Bench' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock })
  const server = await ca.issueServer({ hostNames: ['localhost'] })
  const client = await ca.issueClient({ commonName: 'bench', days: 1, keySize: 2048 })
  return { ca: made.chain, cert: server.chain, key: server.key, client: { cert: client.chain, key: client.key } }
}

async function deploy(sluice: RunningSluice, zips: readonly Buffer[]): Promise<number> {
  const folder = temporaryFolder('bench')
  const files = zips.map((zip, index) => {
    const file = join(folder, `${index}.zip`)
    writeFileSync(file, zip)
    return file
  })
  const start = performance.now()
  await sluice.cli('deploy', '--package', 'Bench', ...files)
  return (performance.now() - start) / files.length
}

/** Resident memory of the process and its children, in MB. Linux only. */
function memory(sluice: RunningSluice): number {
  const rss = (pid: number): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  return rss(sluice.pid) + rss(sluice.tenantPid())
}

const coldStart = performance.now()
const sluice = await startSluice()
console.log(`cold start                  ${((performance.now() - coldStart) / 1000).toFixed(2)} s`)
await new Promise((resolve) => setTimeout(resolve, 3_000))
console.log(`idle memory, all processes  ${memory(sluice).toFixed(0)} MB`)

const backend = await startBaseline({ what: 'backend' })
const tls = await baselineTls()
const echo = await startBaseline({ what: 'echo', tls, backend: backend.port })
const forward = await startBaseline({ what: 'forward', tls, backend: backend.port })
console.log(
  `deploy, command to started  ${(await deploy(sluice, [await echoFlow(), await forwardFlow(backend.port)])).toFixed(0)} ms a flow`,
)

const read = (name: string): string => readFileSync(sluice.file(name), 'utf8')
const ours = {
  port: Number(new URL(sluice.runtimeUrl).port),
  ca: read('ca.pem'),
  cert: read('client.pem'),
  key: read('client.key'),
}
const bare = { ca: tls.ca, cert: tls.client.cert, key: tls.client.key }
try {
  await compare(
    '(a) echo: HTTPS, content modifier',
    { ...bare, port: echo.port, path: '/' },
    { ...ours, path: '/http/bench/echo' },
  )
  await compare(
    '(b) request-reply to an HTTP backend',
    { ...bare, port: forward.port, path: '/' },
    { ...ours, path: '/http/bench/forward' },
  )
  const handshakes = { bare: await handshakeRate({ ...bare, port: echo.port }), ours: await handshakeRate(ours) }
  console.log(
    `\nfull mTLS handshakes        bare ${handshakes.bare.toFixed(0)}/s, Sluice ${handshakes.ours.toFixed(0)}/s, ratio ${(handshakes.ours / handshakes.bare).toFixed(2)}`,
  )
  await measureChecks({ ...ours, path: '/http/bench/echo' })
  await compareTokens({ seconds, rounds })
  await deploy(sluice, await scriptFlows())
  await compareScripts({ target: ours, seconds, rounds })
  console.log(`memory after the load       ${memory(sluice).toFixed(0)} MB`)
} finally {
  for (const started of [backend, echo, forward]) started.stop()
  await sluice.dispose()
}
