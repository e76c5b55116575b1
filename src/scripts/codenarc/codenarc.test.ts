import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import { silentLog } from '../../base/index.ts'
import { findJava } from '../java.ts'
import { createCodeNarc } from './codenarc.ts'

const java = await findJava(process.env).catch(() => undefined)

describe('CodeNarc', { skip: java === undefined && 'no Java here' }, () => {
  const cacheFolder = temporaryFolder('codenarc')
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  let connections = 0
  let port = 0
  before(
    () =>
      new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          port = (server.address() as AddressInfo).port
          resolve()
        })
      }),
  )
  after(() => {
    server.close()
  })

  const create = (given: Partial<Parameters<typeof createCodeNarc>[0]> = {}) =>
    createCodeNarc({ cacheFolder, log: silentLog, ...given })
  const shared = create()
  const review = (sources: readonly string[], rules = ['DeadCode', 'EmptyCatchBlock'], by = shared) =>
    by.review(
      sources.map((source) => Buffer.from(source)),
      rules,
    )

  it('says which rules each script breaks, and where', async () => {
    const dead = 'def f() {\n  return 1\n  f()\n}\n'
    const caught = 'try {\n  f()\n} catch (IllegalStateException e) {\n}\n'
    assert.deepEqual(await review([dead, 'message', caught]), [
      { found: [['DeadCode', 3]] },
      { found: [] },
      { found: [['EmptyCatchBlock', 3]] },
    ])
    assert.deepEqual(await review([]), [])
  })

  it('tells why it did not look at a script, and goes on', async () => {
    const [broken, empty, good] = await review(
      ['def a = 1\ndef b = (', '', 'try { f() } finally { return 1 }'],
      ['ReturnFromFinallyBlock'],
    )
    assert.ok(broken !== undefined && 'problem' in broken, JSON.stringify(broken))
    assert.equal(broken.line, 2)
    assert.notEqual(broken.problem, '')
    assert.deepEqual(empty, { found: [] })
    assert.deepEqual(good, { found: [['ReturnFromFinallyBlock', 1]] })
  })

  it('lets no author take himself out of the rules', async () => {
    const method = 'def f() {\n  return 1\n  f()\n}\n'
    const found = { found: [['DeadCode', 4]] }
    assert.deepEqual(await review([`@SuppressWarnings('DeadCode')\n${method}`, `/* codenarc-disable */\n${method}`]), [
      found,
      found,
    ])
    assert.deepEqual(await review([`@SuppressWarnings('all')\n${method}`, `// codenarc-disable DeadCode\n${method}`]), [
      found,
      found,
    ])
  })

  it('runs nothing of what it reads', async () => {
    const canary = join(cacheFolder, 'canary')
    const act = `new File('${canary}').text = 'x'; new Socket('127.0.0.1', ${port}).close()`
    const hostile = [
      `@groovy.transform.ASTTest(value = { ${act} })\nclass A { }`,
      `@groovy.transform.ASTTest(phase = org.codehaus.groovy.control.CompilePhase.CONVERSION, value = { ${act} })\ndef a = 1`,
      `@GrabResolver(name = 'r', root = 'http://127.0.0.1:${port}/')\n@Grab('a:b:1')\nimport a.B\nnew B()`,
      `@Grapes(@Grab(group = 'a', module = 'b', version = '1'))\nclass C { }`,
      `@groovy.transform.AnnotationCollector(processor = 'X')\n@interface Y { }\nclass X { static { ${act} } }\n@Y class Z { }`,
      `@groovy.transform.TypeChecked(extensions = 'x.groovy')\nclass D { static { ${act} } }`,
      `class E { static { ${act} } }\nclass F { static f = { ${act} }() }\n${act}`,
      `@groovy.transform.ConditionalInterrupt({ ${act} })\nimport groovy.transform.ConditionalInterrupt\n${act}`,
      `import org.codehaus.groovy.transform.*\n@GroovyASTTransformation class G implements ASTTransformation { G() { ${act} } void visit(ASTNode[] n, SourceUnit s) { ${act} } }\n@GroovyASTTransformationClass('G') @interface H { }\n@H class I { }`,
    ]
    const reviewed = await review(hostile, ['DeadCode', 'DuplicateMapKey', 'UnusedVariable', 'EmptyClass'])
    assert.equal(reviewed.length, hostile.length)
    assert.deepEqual([existsSync(canary), connections], [false, 0])
    // That these would be seen.
    await new Promise<void>((resolve) => {
      void fetch(`http://127.0.0.1:${port}/`).catch(() => resolve())
    })
    assert.equal(connections, 1)
  })

  it('gives up a script that takes too long, and reads the others', async () => {
    const slow = `def a = ${'('.repeat(60)}1${')'.repeat(60)}\n`.repeat(4000)
    const hasty = create({ scriptLimitMs: 1500 })
    const [first, second] = await review([slow, 'return 1'], undefined, hasty)
    assert.match(JSON.stringify(first), /took longer than 1500 ms/)
    assert.deepEqual(second, { found: [] })
  })

  it('does not begin again and again', async () => {
    const slow = `def a = ${'('.repeat(60)}1${')'.repeat(60)}\n`.repeat(4000)
    const reviewed = await review([slow, slow, slow, slow, 'return 1'], undefined, create({ scriptLimitMs: 300 }))
    const words = reviewed.map((each) => ('problem' in each ? each.problem : 'read'))
    assert.deepEqual(words.slice(0, 4), Array(4).fill('it took longer than 300 ms'))
    assert.equal(words[4], 'CodeNarc died in scripts before it')
  })

  it('reads a thousand scripts in one go', async () => {
    const reviewed = await review(Array.from({ length: 1000 }, (_, index) => `return ${index}\nf()`))
    assert.equal(reviewed.length, 1000)
    assert.ok(reviewed.every((each) => 'found' in each && each.found.length === 1))
  })

  it('says of scripts that there was no time left', async () => {
    const hasty = create({ limitMs: 1 })
    assert.match(JSON.stringify(await review(['return 1', 'return 2'], undefined, hasty)), /no time left.*no time left/)
  })

  it('stands what nests deeply', async () => {
    const nested = ['(', 'a ? b : '].map((part) => part.repeat(10_000))
    const lists = `def x = ${'['.repeat(10_000)}${']'.repeat(10_000)}`
    const reviewed = await review([...nested, lists, 'return 1'], undefined, create({ scriptLimitMs: 3000 }))
    assert.equal(reviewed.length, nested.length + 2)
    for (const each of reviewed.slice(0, -2)) assert.ok('problem' in each, JSON.stringify(each))
    assert.deepEqual(reviewed.at(-1), { found: [] })
  })

  it('is refused where its sandbox is required and not whole', async () => {
    const bare = create({ sandbox: { required: true, without: ['bwrap', 'unshare'] } })
    await assert.rejects(review(['return 1'], undefined, bare), { code: 'scripts.sandboxMissing' })
  })

  it('cannot run without Java, and says so', async () => {
    const none = create({ environment: { PATH: '/nowhere' } })
    await assert.rejects(review(['return 1'], undefined, none), { code: 'scripts.javaMissing' })
  })
})
