import assert from 'node:assert/strict'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'

import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { openMasterKey } from './master-key.ts'

const inFolder = (work: (folder: string) => Promise<void>) => work(temporaryFolder('key'))

it('the first start creates the key, 0600, and every later start reads the same', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'keys', 'master.key')
    const first = await openMasterKey({ file, tenantsExist: false })
    assert.equal(first.length, 32)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(join(folder, 'keys')), ['master.key'])
    assert.deepEqual(await openMasterKey({ file, tenantsExist: true }), first)
  }))

it('what a start that was cut off left of the key is removed, and nothing else', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'master.key')
    const key = await openMasterKey({ file, tenantsExist: false })
    await writeFile(`${file}.0123456789ab`, await readFile(file))
    await writeFile(`${file}.backup`, 'mine')
    assert.deepEqual(await openMasterKey({ file, tenantsExist: true }), key)
    assert.deepEqual((await readdir(folder)).sort(), ['master.key', 'master.key.backup'])
  }))

it('processes that start together agree on one key', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'master.key')
    const keys = await Promise.all(Array.from({ length: 8 }, () => openMasterKey({ file, tenantsExist: false })))
    assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, 1)
  }))

it('a missing key is refused when there are tenants, and nothing is created', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'master.key')
    await assert.rejects(openMasterKey({ file, tenantsExist: true }), { code: 'keystore.masterKeyMissing' })
    assert.deepEqual(await readdir(folder), [])
  }))

const whole = Buffer.alloc(32, 7).toString('base64')
for (const [name, content] of [
  ['empty', ''],
  ['truncated', whole.slice(0, 40)],
  ['too long', Buffer.alloc(33).toString('base64')],
  ['not base64', '!'.repeat(44)],
  ['base64 with rubbish in between', `${whole.slice(0, 10)}\u0000${whole.slice(10)}`],
] as const) {
  it(`a key file that is ${name} is refused and left as it is`, () =>
    inFolder(async (folder) => {
      const file = join(folder, 'master.key')
      await writeFile(file, content, { mode: 0o600 })
      for (const tenantsExist of [true, false])
        await assert.rejects(openMasterKey({ file, tenantsExist }), { code: 'keystore.masterKeyUnreadable' })
      assert.equal(await readFile(file, 'utf8'), content)
    }))
}

it('a key that other accounts can read is refused', { skip: process.platform === 'win32' }, () =>
  inFolder(async (folder) => {
    const file = join(folder, 'master.key')
    await writeFile(file, whole, { mode: 0o600 })
    await chmod(file, 0o644)
    await assert.rejects(openMasterKey({ file, tenantsExist: true }), /other accounts/)
  }),
)
