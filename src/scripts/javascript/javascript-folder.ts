import { createHash } from 'node:crypto'

import type { Bundle } from '../../flow/index.ts'
import type { ScriptFolder } from '../script-folder.ts'

const root = 'src/main/resources/script/'
const folders = new WeakMap<Bundle, ScriptFolder>()

/** The scripts of a bundle in JavaScript and TypeScript, gathered once per bundle. */
export function javaScriptFolderOf(bundle: Bundle): ScriptFolder {
  const known = folders.get(bundle)
  if (known !== undefined) return known
  const files = new Map<string, Buffer>()
  const hash = createHash('sha256').update(bundle.id)
  for (const [path, content] of [...bundle.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!path.startsWith(root) || !isJavaScript(path) || /\.d\.[cm]?ts$/i.test(path)) continue
    files.set(path.slice(root.length), content)
    hash.update(`\0${path}\0${content.length}\0`).update(content)
  }
  const folder = { bundleId: bundle.id, key: hash.digest('base64url'), files }
  folders.set(bundle, folder)
  return folder
}

/** True for the names of scripts that the JavaScript engine runs. */
export const isJavaScript = (file: string): boolean => /\.(?:js|mjs|ts|mts)$/i.test(file)
