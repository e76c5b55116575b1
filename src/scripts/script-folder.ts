import { createHash } from 'node:crypto'

import type { Bundle } from '../flow/index.ts'

/** The scripts of one bundle in one version. */
export interface ScriptFolder {
  readonly bundleId: string
  /** The same for the same scripts, so that a host compiles them once. */
  readonly key: string
  /** Name below the script folder to content. */
  readonly files: ReadonlyMap<string, Buffer>
  /** The jars that the bundle brings, by name: on the class path of its Groovy scripts only. */
  readonly jars?: ReadonlyMap<string, Buffer>
}

/** One function of one script. */
export interface ScriptFunction {
  readonly folder: ScriptFolder
  readonly file: string
  readonly functionName: string
}

const root = 'src/main/resources/script/'
const jar = /^src\/main\/resources\/libs?\/(.+\.jar)$/i
const folders = new WeakMap<Bundle, ScriptFolder>()

/** The Groovy scripts of a bundle and its jars, gathered once per bundle. */
export function scriptFolderOf(bundle: Bundle): ScriptFolder {
  const known = folders.get(bundle)
  if (known !== undefined) return known
  const files = new Map<string, Buffer>()
  const jars = new Map<string, Buffer>()
  // Two bundles with equal scripts are kept apart: their static fields are theirs.
  const hash = createHash('sha256').update(bundle.id)
  for (const [path, content] of [...bundle.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [, library] = jar.exec(path) ?? []
    if (library !== undefined) jars.set(library, content)
    else if (path.startsWith(root) && /\.(?:groovy|gsh)$/i.test(path)) files.set(path.slice(root.length), content)
    else continue
    hash.update(`\0${path}\0${content.length}\0`).update(content)
  }
  const folder = { bundleId: bundle.id, key: hash.digest('base64url'), files, jars }
  folders.set(bundle, folder)
  return folder
}
