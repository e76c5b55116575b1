import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import { findJava } from '../java.ts'
import { javaProgram } from '../java-program.ts'
import { layerNames, type SandboxLayer } from './layers.ts'
import { findSandbox, type SandboxPart } from './sandbox.ts'

const java = await findJava(process.env).catch(() => undefined)
const folder = temporaryFolder('sandbox')

const trial = ['-Xmx32m', '-XX:-UsePerfData', '-version']

describe('what this system lets us put around a host', { skip: java === undefined && 'no Java here' }, () => {
  const programWith = (...classPath: string[]) => javaProgram(java ?? { path: '', version: 0 }, classPath, true)
  const find = async (...without: SandboxPart[]) =>
    findSandbox({ program: await programWith(), trial, folder, without })

  it('is said layer by layer, with how or why not', async () => {
    const { layers } = await find()
    assert.deepEqual(
      layers.map(({ name }) => name),
      layerNames,
    )
    for (const { name, why } of layers) assert.notEqual(why, '', name)
    assert.deepEqual(readdirSync(folder), [], 'nothing is left of the trials')
  })

  it('misses all that matters without its tools', async () => {
    const program = await javaProgram(java ?? { path: '', version: 0 }, [], false)
    const without = ['bwrap', 'unshare', 'setpriv', 'prlimit', 'cgroup', 'guard'] as const
    const { layers, missing } = await findSandbox({ program, trial, folder, without })
    assert.deepEqual(
      layers.filter(({ on }) => on),
      [],
    )
    assert.deepEqual(
      missing.map(({ name }) => name),
      ['user', 'privileges', 'files', 'network', 'processes', 'limits'],
    )
  })

  it('does not count what does not work', async () => {
    const filesOf = ({ layers }: { readonly layers: readonly SandboxLayer[] }) =>
      layers.find(({ name }) => name === 'files')
    const { on } = filesOf(await find()) ?? assert.fail()
    const files = filesOf(await findSandbox({ program: await programWith('/nowhere/at/all'), trial, folder }))
    assert.equal(files?.on, false)
    // Where the system forbids namespaces, that is the first reason.
    if (on) assert.match(files.why, /\/nowhere\/at\/all/)
  })
})
