import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { silentLog } from '../base/index.ts'
import { createGroovyHost, findJava, type GroovyHost, serviceCalls } from './index.ts'
import { scriptFolderOf } from './script-folder.ts'

const java = await findJava(process.env).catch(() => undefined)
const isLinux = process.platform === 'linux'

/** The processes that a host consists of. */
const treeOf = (pid: number): readonly number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number).flatMap(treeOf),
]

describe(`the archive of the host${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  if (java === undefined) return
  const cacheFolder = temporaryFolder('archive')
  const never = new AbortController().signal

  async function withHost<Value>(use: (host: GroovyHost) => Promise<Value> | Value): Promise<Value> {
    await using host = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls })
    const source = 'def processData(message) { message }'
    const bundle = await bundleOf({ id: 'A', processes: [], files: { 'a.groovy': source } })
    await host.compile({ folder: scriptFolderOf(bundle), file: 'a.groovy', functionName: 'processData' })
    return await use(host)
  }
  const usesArchive = (host: GroovyHost): boolean =>
    host
      .processes()
      .flatMap(({ pid }) => treeOf(pid))
      .some((pid) => /host-\w+\.jsa/.test(readFileSync(`/proc/${pid}/maps`, 'utf8')))
  const archives = (): string[] =>
    readdirSync(cacheFolder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.jsa/.test(name))
      .map((name) => join(cacheFolder, name))

  before(() => withHost(async (host) => assert.equal(await host.prepareStarts(never), true)))

  it('is a file that nobody can write, and its digest', () => {
    const files = archives().sort()
    assert.deepEqual(
      files.map((file) => [file.endsWith('.jsa'), statSync(file).mode & 0o777]),
      [
        [true, 0o444],
        [false, 0o600],
      ],
    )
  })

  it('is what the next host starts with', { skip: isLinux ? false : 'only Linux shows it' }, async () => {
    assert.equal(await withHost(usesArchive), true)
  })

  it('is not believed when it was changed, and is made anew', {
    skip: isLinux ? false : 'only Linux shows it',
  }, async () => {
    const [file = ''] = archives().sort()
    const whole = readFileSync(file)
    rmSync(file)
    writeFileSync(file, Buffer.concat([whole, Buffer.from('x')]), { mode: 0o444 })
    await withHost(async (host) => {
      assert.equal(usesArchive(host), false)
      assert.equal(await host.prepareStarts(never), true)
    })
    assert.equal(await withHost(usesArchive), true)
  })

  it('is given up when the tenant closes', async () => {
    for (const file of archives()) rmSync(file)
    const made = await withHost((host) => {
      const closing = new AbortController()
      const making = host.prepareStarts(closing.signal)
      setTimeout(() => closing.abort(), 100)
      return making
    })
    assert.equal(made, false)
    assert.deepEqual(archives(), [])
  })
})
