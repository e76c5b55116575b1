import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { temporaryFolder } from '../../test/kit/temporary-folder.ts'

const program = fileURLToPath(new URL('../../bin/sluice.js', import.meta.url))
/** Makes the process take itself for an older Node, so that it hands over to the one of the package. */
const older =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})'

function start(argv: readonly string[], file = program) {
  const child = spawn(
    process.execPath,
    argv.includes('--old') ? ['--import', older, file, ...argv.filter((each) => each !== '--old')] : [file, ...argv],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: temporaryFolder('cwd'),
    },
  )
  let out = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
    out,
  }))
  return { child, ended }
}

describe('the program', () => {
  for (const node of ['', '--old']) {
    const with_ = node === '' ? 'directly' : 'through the Node of the package'
    it(`runs ${with_} and gives its exit code`, async () => {
      const good = await start(['version', ...(node ? [node] : [])]).ended
      assert.deepEqual([good.code, good.signal], [0, null])
      assert.match(good.out, /^sluice \d+\.\d+\.\d+ \(node 24\./)
      assert.equal((await start(['nonsense', ...(node ? [node] : [])]).ended).code, 2)
    })
  }

  it('runs through a link, as a package manager makes one', async () => {
    const folder = temporaryFolder('bin')
    symlinkSync(program, join(folder, 'sluice'))
    assert.equal((await start(['version', '--old'], join(folder, 'sluice')).ended).code, 0)
  })

  it('hands a signal on and ends by it', { skip: process.platform === 'win32' }, async () => {
    // It waits for its standard input, which never ends.
    const { child, ended } = start(['send', '/x', '--basic', 'a:b', '--file', '-', '--old'])
    setTimeout(() => child.kill('SIGTERM'), 1_000)
    assert.equal((await ended).signal, 'SIGTERM')
  })
})
