import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { processData, runJavaScript, type ScriptGiven } from '../../../test/kit/javascript.ts'
import { testRun } from '../../../test/kit/step.ts'
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import { type Fault, silentLog } from '../../base/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { createJavaScriptHost, type JavaScriptHost } from './javascript-host.ts'

/** The process itself, below those that hold its sandbox. */
function innermost(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return child === undefined ? pid : innermost(Number(child))
}

describe('the limits of scripts in JavaScript', () => {
  let host: JavaScriptHost
  const cacheFolder = temporaryFolder('javascript')
  const callTimeoutMs = 1_500

  before(() => {
    host = createJavaScriptHost({ cacheFolder, log: silentLog, calls: {}, callTimeoutMs, memoryMb: 32, processes: 2 })
  })
  after(async () => {
    await host.close()
  })

  const run = (source: string, exchange?: Exchange, given?: ScriptGiven): Promise<Exchange> =>
    runJavaScript(host, source, exchange, given)

  it('share nothing between messages', async () => {
    const source = processData(
      `message.setBody(String(globalThis.count = (globalThis.count || 0) + 1)); Array.prototype.x = 1`,
    )
    assert.deepEqual([(await run(source)).body.text(), (await run(source)).body.text()], ['1', '1'])
  })

  it('find fresh memory, and chance of their own', async () => {
    const dirty = `const a = []; for (let i = 0; i < 20; i++) a.push(new Uint8Array(1e6).fill(170)); message.setBody(String(Math.random()))`
    const clean = `let seen = 0; for (let i = 0; i < 20; i++) { const a = new Uint8Array(1e6); for (let at = 0; at < a.length; at += 997) seen += a[at] }
      message.setBody(seen + ':' + Math.random())`
    const [first, second] = [await run(processData(dirty)), await run(processData(clean))]
    assert.match(second.body.text(), /^0:0\./)
    assert.notEqual(second.body.text(), `0:${first.body.text()}`)
  })

  it('find nothing of the computer that they run on', async () => {
    const names = [
      'process',
      'require',
      'fetch',
      'Buffer',
      'setTimeout',
      'WebAssembly',
      'Worker',
      'std',
      'os',
      '__sluice',
      'host',
    ]
    const exchange = await run(
      processData(
        `message.setBody(${JSON.stringify(names)}.filter((name) => name in globalThis && globalThis[name] !== undefined).join())`,
      ),
    )
    assert.equal(exchange.body.text(), '')
    await assert.rejects(run(processData('java.lang.System.exit(1)')), /SecurityException/)
  })

  it('are redacted where a message fails', async () => {
    const run1 = testRun()
    run1.lent.add({ alias: 'box', user: '', values: ['very-secret-word'] })
    await assert.rejects(
      run(processData(`throw new Error('it is very-secret-word')`), new Exchange(), { lent: run1.lent }),
      (error) => {
        assert.doesNotMatch(JSON.stringify([(error as Fault).message, (error as Fault).details]), /very-secret/)
        return true
      },
    )
  })

  describe('that go too far', () => {
    for (const [what, code, expected] of [
      ['an endless loop', 'for (;;);', 'timeout'],
      ['a caught endless loop', 'for (;;) try { for (;;); } catch (e) {} finally { for (;;); }', 'timeout'],
      ['an array without end', 'const a = []; for (;;) a.push(new Array(1000).fill(a.length))', 'outOfMemory'],
      ['a huge buffer', 'const a = []; for (;;) a.push(new ArrayBuffer(10000000))', 'outOfMemory'],
      ['a 4 GB array', 'new Uint8Array(4294967296)', 'failed'],
      ['deep recursion', '(function f() { f() })()', 'failed'],
      ['recursion of accessors', 'const o = { toString() { return "" + this } }; "" + o', 'failed'],
      ['a deep document', 'JSON.parse("[".repeat(1e6))', 'failed'],
      ['a regular expression bomb', '/^(a+)+$/.test("a".repeat(50) + "!")', 'timeout'],
      [
        'work that heeds no interrupt',
        'let b = 3n; for (let i = 0; i < 19; i++) b = b * b; String(b) + String(b)',
        'timeout',
      ],
      ['an endless getter in its error', 'throw { get message() { for (;;); } }', 'timeout'],
      ['output without end', 'for (;;) message.setHeader("h" + Math.random(), "x".repeat(5000))', 'outOfMemory'],
      ['a log without end', 'const log = message.log; for (;;) log.property("a", "x".repeat(100000))', 'failed'],
      ['a proxy of itself', 'const p = new Proxy(function () {}, { apply() { return p() } }); p()', 'failed'],
    ] as const) {
      it(`${what}: that message fails, and no other`, async () => {
        const other = run(processData(`message.setBody('fine')`))
        await assert.rejects(run(processData(code)), { code: `scripts.${expected}` })
        assert.equal((await other).body.text(), 'fine')
        assert.equal((await run(processData(`message.setBody('alive')`))).body.text(), 'alive')
      })
    }
  })

  it('run where there is no environment and no file but their own', async () => {
    await run(processData(''))
    const [pid = 0] = host.processes()
    const inside = innermost(pid)
    assert.equal(readFileSync(`/proc/${inside}/environ`, 'utf8'), '')
    const command = readFileSync(`/proc/${inside}/cmdline`, 'utf8').split('\0')
    assert.match(command[0] ?? '', /\/node$/)
    assert.ok(command.includes('--permission'))
    assert.deepEqual(
      command.filter(
        (word) =>
          word.startsWith('--allow') && !/allow-fs-read=.*(scripts|@jitl|emscripten-core|package\.json)$/.test(word),
      ),
      [],
    )
  })

  it('are replaced when their process is killed, and only the message at work fails', async () => {
    const running = run(processData('for (;;);'))
    const other = run(processData(`for (let i = 0; i < 1e6; i++); message.setBody('fine')`))
    await new Promise((resolve) => setTimeout(resolve, 300))
    for (const pid of host.processes()) process.kill(pid, 'SIGKILL')
    await assert.rejects(running, { code: 'scripts.hostDied', message: /SIGKILL/ })
    assert.equal((await other).body.text(), 'fine')
    assert.equal((await run(processData(`message.setBody('alive')`))).body.text(), 'alive')
  })

  it('change nothing after their message has been cancelled', async () => {
    const controller = new AbortController()
    const exchange = new Exchange({ body: Body.ofText('before') })
    const source = processData(`message.setBody('after'); const end = Date.now() + 300; while (Date.now() < end);`)
    const running = run(source, exchange, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('cancelled')), 150)
    await assert.rejects(running, /cancelled/)
    await run(processData(`message.setBody('alive')`))
    await new Promise((resolve) => setTimeout(resolve, 400))
    assert.equal(exchange.body.text(), 'before')
  })

  it('stop when the message is cancelled', async () => {
    const controller = new AbortController()
    const running = run(processData('for (;;);'), new Exchange(), { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('cancelled')), 100)
    await assert.rejects(running, /cancelled/)
    assert.equal((await run(processData(`message.setBody('alive')`))).body.text(), 'alive')
  })

  it('may take no longer than their message', async () => {
    const begun = Date.now()
    await assert.rejects(run(processData('for (;;);'), new Exchange(), { deadline: begun + 300 }), {
      code: 'scripts.timeout',
    })
    assert.ok(Date.now() - begun < 1_200)
  })

  it('run several at a time, and the others wait', async () => {
    const bodies = await Promise.all(Array.from({ length: 30 }, (_, n) => run(processData(`message.setBody('${n}')`))))
    assert.deepEqual(
      bodies.map(({ body }) => body.text()),
      Array.from({ length: 30 }, (_, n) => String(n)),
    )
  })
})
