import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'

import { type Bundle, readAny } from '../../src/flow/index.ts'
import { type ScriptFolder, scriptFolderOf } from '../../src/scripts/script-folder.ts'
import { recipesSource } from '../acceptance/bundle-source.ts'

/** A script in the first bundle that has it. */
export interface PublishedScript {
  readonly folder: ScriptFolder
  readonly file: string
  readonly source: Buffer
  readonly archive: string
}

export interface PublishedScripts {
  readonly scripts: readonly PublishedScript[]
  /** Scripts with those that occur again. */
  readonly total: number
  /** Archives that hold no bundle. */
  readonly unread: readonly string[]
}

/** The distinct scripts of bundles, the first of each. */
export function distinctScripts(
  bundles: Iterable<{ readonly archive: string; readonly bundle: Bundle }>,
): PublishedScripts {
  const scripts = new Map<string, PublishedScript>()
  let total = 0
  for (const { archive, bundle } of bundles) {
    const folder = scriptFolderOf(bundle)
    for (const [file, source] of folder.files) {
      total += 1
      const key = createHash('sha256').update(source).digest('hex')
      if (!scripts.has(key)) scripts.set(key, { folder, file, source, archive })
    }
  }
  return { scripts: [...scripts.values()], total, unread: [] }
}

/** The scripts of all packages and bundles in a Git directory. */
export async function publishedScripts(gitFolder: string): Promise<PublishedScripts> {
  const { stdout } = await promisify(execFile)(
    'git',
    [`--git-dir=${gitFolder}`, 'ls-tree', '-r', '-z', '--name-only', 'HEAD'],
    { maxBuffer: 64 * 1024 * 1024 },
  )
  const source = recipesSource(gitFolder)
  const found: { archive: string; bundle: Bundle }[] = []
  const unread: string[] = []
  for (const archive of stdout.split('\0').filter((name) => /\.zip$/i.test(name))) {
    try {
      const content = await readAny(await source.file(archive))
      const bundles =
        content.kind === 'bundle' ? [content.bundle] : content.package.artifacts.map(({ bundle }) => bundle)
      for (const bundle of bundles) found.push({ archive, bundle })
    } catch {
      unread.push(archive)
    }
  }
  return { ...distinctScripts(found), unread }
}
