import { createHash } from 'node:crypto'

import type { Bundle } from '../flow/index.ts'

/** The scripts of one bundle in one version. */
export interface ScriptFolder {
  readonly bundleId: string
  /** The same for the same scripts, so that a host compiles them once. */
  readonly key: string
  /** Name below the script folder to content. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** One function of one script. */
export interface ScriptFunction {
  readonly folder: ScriptFolder
  readonly file: string
  readonly functionName: string
}

const root = 'src/main/resources/script/'
const folders = new WeakMap<Bundle, ScriptFolder>()

/** The Groovy scripts of a bundle, gathered once per bundle. */
export function scriptFolderOf(bundle: Bundle): ScriptFolder {
  const known = folders.get(bundle)
  if (known !== undefined) return known
  const files = new Map<string, Buffer>()
  // Two bundles with equal scripts are kept apart: their static fields are theirs.
  const hash = createHash('sha256').update(bundle.id)
  for (const [path, content] of [...bundle.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!path.startsWith(root) || !/\.(?:groovy|gsh)$/i.test(path)) continue
    files.set(path.slice(root.length), content)
    hash.update(`\0${path}\0${content.length}\0`).update(content)
  }
  const folder = { bundleId: bundle.id, key: hash.digest('base64url'), files }
  folders.set(bundle, folder)
  return folder
}
