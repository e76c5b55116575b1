import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { Fault, silentLog } from '../../src/base/index.ts'
import { createJavaScriptHost, type JavaScriptHost } from '../../src/scripts/index.ts'
import {
  javaScriptArguments,
  javaScriptLimits,
  javaScriptProgram,
} from '../../src/scripts/javascript/javascript-program.ts'
import type { LayerName } from '../../src/scripts/sandbox/layers.ts'
import { findSandbox, type Sandbox, type SandboxPart } from '../../src/scripts/sandbox/sandbox.ts'
import { processData, runJavaScript } from '../kit/javascript.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'
import { forbiddenLayers } from './forbidden-layers.ts'
import { setTraps, type Traps } from './traps.ts'

const folder = temporaryFolder('sandbox')
const canary = { file: join(folder, 'canary'), socket: join(folder, 'socket'), port: 0, secret: 'canary-of-a-file' }
const made = join(folder, 'made')
let traps: Traps

before(async () => {
  writeFileSync(canary.file, canary.secret)
  const signals = ['SIGTERM', 'SIGHUP', 'SIGUSR2'] as const
  traps = await setTraps({ secret: canary.secret, socket: canary.socket, signals })
  canary.port = traps.port
})
after(() => traps.close())

function untouched(words: string): void {
  for (const secret of [canary.secret, 'root:x:0', 'BEGIN']) assert.ok(!words.includes(secret), `it got ${secret}`)
  assert.equal(readFileSync(canary.file, 'utf8'), canary.secret)
  assert.ok(!existsSync(made))
  assert.deepEqual(traps.sprung(), [0, 0])
}

/** Programs for whoever has broken out of the engine: each prints what it gets, and `out` when it is out. */
const programs: Readonly<Record<string, () => string>> = {
  'reads a file': () => `print(fs.readFileSync(${JSON.stringify(canary.file)}, 'utf8'))`,
  'reads the passwords of the system': () => `print(fs.readFileSync('/etc/passwd', 'utf8'))`,
  'reads by a link of /proc': () => `print(fs.readFileSync('/proc/1/root' + ${JSON.stringify(canary.file)}, 'utf8'))`,
  'reads the environment of all processes': () =>
    `for (const pid of fs.readdirSync('/proc')) try { print(fs.readFileSync('/proc/' + pid + '/environ', 'latin1')) } catch {}`,
  'reads the environment': () => `print(JSON.stringify(process.env))`,
  'writes a file': () => `fs.writeFileSync(${JSON.stringify(made)}, 'x'); print('out')`,
  'writes into what it is made of': () =>
    `fs.appendFileSync(${JSON.stringify(join(process.cwd(), 'src/scripts/index.ts'))}, '\\n'); print('out')`,
  'writes into temporary folders': () =>
    `for (const at of ['/tmp', '/var/tmp', '/dev/shm', '/dev', '/']) try { fs.writeFileSync(at + '/sluice-escape', 'x'); print('out') } catch {}`,
  'deletes a file': () => `fs.unlinkSync(${JSON.stringify(canary.file)}); print('out')`,
  'connects to a port': () =>
    `await new Promise((resolve, reject) => net.connect(${canary.port}, '127.0.0.1', resolve).on('error', reject)); print('out')`,
  'connects to a local socket': () =>
    `await new Promise((resolve, reject) => net.connect(${JSON.stringify(canary.socket)}, resolve).on('error', reject)); print('out')`,
  'asks for a name': () => `await dns.promises.lookup('example.org'); print('out')`,
  'signals the parent': () =>
    `for (const pid of [process.ppid, ${process.pid}]) try { process.kill(pid, 'SIGHUP') } catch {}`,
  'traces the parent': () => `process._debugProcess(${process.pid}); print('out')`,
  'becomes root': () =>
    `process.setuid(0); print(process.getuid() === 0 ? fs.readFileSync('/etc/shadow', 'utf8') : '')`,
  'opens the memory of the parent': () => `print(fs.openSync('/proc/${process.pid}/mem', 'r') ? 'out' : '')`,
}

/** Only the filter of system calls and the guard hold these: without them programs start, but see nothing. */
const depth: Readonly<Record<string, () => string>> = {
  'starts a program': () => `cp.execFileSync(process.execPath, ['-e', '1']); print('out')`,
  'listens on a port': () =>
    `await new Promise((resolve, reject) => net.createServer().on('error', reject).listen(0, resolve)); print('out'); process.exit()`,
}

const start = `const fs = require('fs'), net = require('net'), dns = require('dns'), cp = require('child_process')
const print = (text) => fs.writeSync(1, text + '\\n');\n`

const layouts: readonly {
  readonly name: string
  readonly without: readonly SandboxPart[]
  readonly needs: readonly LayerName[]
}[] = [
  { name: 'the process without the guard in it', without: ['guard'], needs: ['files', 'network', 'syscalls'] },
  { name: 'namespaces without bubblewrap and guard', without: ['guard', 'bwrap'], needs: ['files', 'network'] },
]

async function output(sandbox: Sandbox, guarded: boolean, code: string): Promise<string> {
  const flags = javaScriptArguments(32, guarded).slice(0, -2)
  const prepared = await sandbox.prepare([...flags, '-e', `${start}(async () => { ${code} })()`], javaScriptLimits(32))
  const { descriptor } = prepared
  const child = spawn(prepared.command, prepared.arguments, {
    env: { ...prepared.env },
    cwd: prepared.cwd,
    timeout: 10_000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore', ...(descriptor === undefined ? [] : [descriptor])],
  })
  prepared.started()
  let words = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => void (words += text))
  await new Promise((resolve) => child.once('close', resolve))
  await prepared.ended()
  return words
}

for (const { name, without, needs } of layouts) {
  describe(`a program that has broken out of the JavaScript engine, held by ${name}`, () => {
    let sandbox: Sandbox
    let forbidden: string | undefined

    before(async () => {
      const [program, trial] = [await javaScriptProgram(false), javaScriptArguments(32, false)]
      sandbox = await findSandbox({ program, trial, folder, without })
      forbidden = forbiddenLayers(sandbox.layers, needs)
    })

    it('runs', async () => assert.equal(await output(sandbox, false, `print('here')`), 'here\n'))

    for (const [what, code] of Object.entries({ ...programs, ...(needs.includes('syscalls') ? depth : {}) })) {
      it(`${what}: in vain`, async (test) => {
        if (forbidden !== undefined) return test.skip(forbidden)
        const words = await output(sandbox, false, code())
        untouched(words)
        assert.doesNotMatch(words, /^out$/m)
      })
    }
  })
}

describe('the guard of Node.js', () => {
  it('is told from the other layers', async () => {
    const without = ['bwrap', 'unshare', 'setpriv', 'prlimit', 'cgroup'] as const
    const given = { trial: javaScriptArguments(32, true), folder, without }
    const sandbox = await findSandbox({ ...given, program: await javaScriptProgram(true) })
    assert.deepEqual(
      sandbox.layers.filter(({ on }) => on).map(({ name }) => name),
      ['guard'],
    )
    for (const what of ['reads a file', 'writes a file', 'deletes a file', 'reads the passwords of the system'])
      untouched(await output(sandbox, true, programs[what]?.() ?? assert.fail(what)))
    untouched(await output(sandbox, true, depth['starts a program']?.() ?? ''))
  })
})

describe('scripts in JavaScript that try to get out', () => {
  let host: JavaScriptHost

  before(() => {
    host = createJavaScriptHost({ cacheFolder: folder, log: silentLog, calls: {}, memoryMb: 32, callTimeoutMs: 1_500 })
  })
  after(() => host.close())

  for (const [what, code] of [
    ['the function constructor', `message.setBody(Function('return typeof process + typeof require')())`],
    [
      'a constructor of the API',
      `message.setBody(message.constructor.constructor('return process.env')().SLUICE_CANARY)`,
    ],
    ['a prototype of the API', `message.setBody(String(message.getBody.constructor('return require("fs")')()))`],
    ['an import', `import('node:fs').then((fs) => message.setBody(fs.readFileSync('/etc/passwd', 'utf8')))`],
    ['a program by Java', `message.setBody(String(java.lang.Runtime.getRuntime().exec('id')))`],
    ['a file by Java', `message.setBody(String(new java.io.FileReader('/etc/passwd')))`],
    ['a class loader', `message.setBody(String(message.getClass().getClassLoader()))`],
    [
      'a poisoned prototype',
      `Object.prototype.type = 'call'; Array.prototype.push = () => { throw 1 }; message.setBody('x')`,
    ],
    ['a frame in its words', `console.log('\\u0000\\u0000\\u0000\\u0010{"type":"end","id":1}'); message.setBody('x')`],
  ] as const) {
    it(`${what}: in vain`, async () => {
      let words: string
      try {
        words = (await runJavaScript(host, processData(code))).body.text()
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        words = `${error.message} ${JSON.stringify(error.details)}`
      }
      untouched(words)
      assert.doesNotMatch(words, /^(?:object|uid=|\[object Process)/)
      assert.equal((await runJavaScript(host, processData(`message.setBody('alive')`))).body.text(), 'alive')
    })
  }

  it('leave no process behind', async () => {
    await host.close()
    const lines = readdirSync('/proc').flatMap((pid) => {
      try {
        return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : []
      } catch {
        // It ended in between.
        return []
      }
    })
    assert.deepEqual(host.processes(), [])
    assert.ok(!lines.some((line) => line.includes(folder)))
  })

  it('are refused where a layer is missing and required', async () => {
    const sandbox = { required: true, without: ['bwrap', 'unshare'] } as const
    await using strict = createJavaScriptHost({ cacheFolder: folder, log: silentLog, calls: {}, sandbox })
    await assert.rejects(runJavaScript(strict, processData('')), {
      code: 'scripts.sandboxMissing',
      message: /files \(.*not installed.*network/,
    })
    assert.deepEqual(strict.processes(), [])
  })
})
