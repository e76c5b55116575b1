import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'

import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { compilesOnly, createClassCache } from './class-cache.ts'
import type { ScriptFolder } from './script-folder.ts'

const folderWith = (source: string, jars = new Map<string, Buffer>()): ScriptFolder => ({
  bundleId: 'B',
  key: 'key',
  files: new Map([['a.groovy', Buffer.from(source)]]),
  jars,
})

describe('the cache of compiled scripts', () => {
  let root: string
  before(() => {
    root = temporaryFolder('classes')
  })
  const folder = folderWith('def processData(m) { m }')
  const classes = [
    ['SluiceScript0', Buffer.from('main')],
    ['SluiceScript0$_closure1', Buffer.from('closure')],
  ] as const
  const onlyFile = (): string => {
    const [place = ''] = readdirSync(root)
    const [file = ''] = readdirSync(join(root, place))
    return join(root, place, file)
  }

  it('gives back what was written, to the same host only', () => {
    const cache = createClassCache(root, 'host')
    assert.equal(cache.read(folder).size, 0)
    cache.write(folder, 'a.groovy', classes)
    assert.deepEqual(cache.read(folder), new Map([['a.groovy', classes]]))
    assert.equal(createClassCache(root, 'other host').read(folder).size, 0)
    assert.equal(statSync(onlyFile()).mode & 0o777, 0o600)
  })

  it('leaves out what was changed', () => {
    const file = onlyFile()
    const whole = readFileSync(file)
    const changed = Buffer.from(whole)
    changed[changed.length - 1] = 0x21
    writeFileSync(file, changed)
    assert.equal(createClassCache(root, 'host').read(folder).size, 0)
    writeFileSync(file, whole.subarray(0, 10))
    assert.equal(createClassCache(root, 'host').read(folder).size, 0)
    writeFileSync(file, whole)
    assert.equal(createClassCache(root, 'host').read(folder).size, 1)
  })

  for (const [source, jars, expected] of [
    ['def processData(m) { m }', 0, true],
    ['@groovy.transform.ASTTest(value = { 1 }) class A {}', 0, false],
    ["@Grab('x:y:1') import x.Y", 0, false],
    ["@groovy.transform.CompileStatic(extensions = 'X') class A {}", 0, false],
    ['@groovy.transform.AST\\u0054est class A {}', 0, false],
    ['def processData(m) { m }', 1, false],
  ] as const)
    it(`${expected ? 'believes' : 'does not believe'} a host that compiled ${source} with ${jars} jars`, () => {
      const given = new Map(jars === 0 ? [] : [['a.jar', Buffer.alloc(0)]])
      assert.equal(compilesOnly(folderWith(source, given)), expected)
    })
})
