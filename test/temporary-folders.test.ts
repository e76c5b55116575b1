import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'

import { temporaryFolder } from './kit/temporary-folder.ts'

describe('temporary folders of tests', () => {
  it('are made in one place, which deletes them', () => {
    const files = globSync(['src/**/*.test.ts', '{test,tools,bench}/**/*.ts']).map((file) => file.replaceAll('\\', '/'))
    const made = files.filter((file) => /\b(?:mkdtemp|mkdtempSync|tmpdir)\(/.test(readFileSync(file, 'utf8')))
    assert.deepEqual(made, ['test/kit/temporary-folder.ts'], 'call temporaryFolder of test/kit instead')
  })

  it('are new, and of their owner alone', () => {
    const folders = [temporaryFolder('one'), temporaryFolder('one')]
    assert.equal(new Set(folders).size, 2)
    for (const folder of folders) assert.equal(statSync(folder).mode & 0o777, 0o700)
  })

  const endings = { 'ends by itself': '', fails: `throw new Error('failed')`, exits: 'process.exit(3)' }
  for (const [how, code] of Object.entries(endings))
    it(`are gone when the process ${how}`, () => {
      const script = `
        import { writeFileSync } from 'node:fs'
        import { temporaryFolder } from './test/kit/temporary-folder.ts'
        const folder = temporaryFolder('child')
        writeFileSync(folder + '/file', 'x')
        console.log(folder)
        ${code}`
      const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', script], {
        encoding: 'utf8',
      })
      assert.match(stdout, /child-1\n$/)
      assert.equal(existsSync(stdout.trim()), false)
      assert.equal(existsSync(stdout.trim().replace(/\/child-1$/, '')), false)
    })
})
