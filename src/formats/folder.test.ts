import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { readFolder } from './folder.ts'
import { createReadBudget } from './read-budget.ts'

const root = temporaryFolder('folder')

async function folder(name: string): Promise<string> {
  const path = join(root, name)
  await mkdir(join(path, 'a', 'b'), { recursive: true })
  await mkdir(join(path, '.git'))
  await writeFile(join(path, '.git', 'config'), 'not content')
  await writeFile(join(path, 'a', 'b', 'one.txt'), 'one')
  await writeFile(join(path, '.project'), '')
  return path
}

test('files are read by path, without what version control leaves', async () => {
  const files = await readFolder(await folder('plain'))
  assert.deepEqual(
    [...files].map(([path, content]) => [path, content.toString()]),
    [
      ['.project', ''],
      ['a/b/one.txt', 'one'],
    ],
  )
})

test('refused: links to files and to folders', async () => {
  for (const target of ['/etc/hostname', '/etc']) {
    const path = await folder(`links-${target.length}`)
    await symlink(target, join(path, 'a', 'link'))
    await assert.rejects(readFolder(path), { code: 'formats.pathUnsafe', message: /'a\/link'.*symbolic link/ })
  }
})

test('refused: too much', async () => {
  const path = await folder('large')
  await assert.rejects(readFolder(path, createReadBudget({ bytes: 2 })), { code: 'formats.tooLarge' })
  await assert.rejects(readFolder(path, createReadBudget({ entries: 2 })), { code: 'formats.tooManyEntries' })
})

test('refused: no such folder', async () => {
  await assert.rejects(readFolder(join(root, 'none')), { code: 'formats.folderUnreadable', message: /none/ })
})
