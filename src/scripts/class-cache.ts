import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { ScriptFolder } from './script-folder.ts'

/** A class: its name and its bytes. */
export type CompiledClass = readonly [name: string, bytes: Buffer]

/** Keeps what scripts were compiled to across restarts. */
export interface ClassCache {
  /** The classes of the scripts of a folder, by script, the script's own class first. What is not whole is left out. */
  readonly read: (folder: ScriptFolder) => ReadonlyMap<string, readonly CompiledClass[]>
  readonly write: (folder: ScriptFolder, file: string, classes: readonly CompiledClass[]) => void
}

/** What makes the compiler run code of the script: its classes may then be anything. */
const runsCode = /ASTT|Grab|AnnotationCollector|extensions|\\u/

/**
 * Whether nothing of the folder runs while it is compiled. A host that has run code of a script could pass off other
 * classes as those of any script, so it is believed only while all it did was to compile such folders.
 */
export const compilesOnly = ({ files, jars }: ScriptFolder): boolean =>
  (jars?.size ?? 0) === 0 && ![...files.values()].some((content) => runsCode.test(content.toString('latin1')))

const keptFor = 90 * 86_400_000
const digestLength = 32
const digest = (...contents: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256')
  for (const content of contents) hash.update(content).update('\0')
  return hash.digest()
}

/**
 * A cache in `root`; `hostKey` names API, Groovy and libraries, which are compiled against. Each file begins with the
 * digest of its place and content. Folders that were not read for 90 days are removed.
 */
export function createClassCache(root: string, hostKey: string): ClassCache {
  const placeOf = ({ key }: ScriptFolder): string => join(root, digest(hostKey, key).toString('hex'))
  removeOld(root)

  function readFile(folder: ScriptFolder, file: string): readonly CompiledClass[] | undefined {
    let content: Buffer
    try {
      content = readFileSync(join(placeOf(folder), nameOf(file)))
    } catch {
      return undefined
    }
    const rest = content.subarray(digestLength)
    if (!content.subarray(0, digestLength).equals(digest(hostKey, folder.key, file, rest))) return undefined
    const headerEnd = 4 + rest.readUInt32BE(0)
    let end = headerEnd
    return (JSON.parse(rest.toString('utf8', 4, headerEnd)) as [string, number][]).map(([name, length]) => [
      name,
      rest.subarray(end, (end += length)),
    ])
  }

  return {
    read(folder) {
      const found = new Map<string, readonly CompiledClass[]>()
      for (const file of folder.files.keys()) {
        const classes = readFile(folder, file)
        if (classes !== undefined) found.set(file, classes)
      }
      if (found.size > 0) utimesSync(placeOf(folder), new Date(), new Date())
      return found
    },
    write(folder, file, classes) {
      const header = Buffer.from(JSON.stringify(classes.map(([name, bytes]) => [name, bytes.length])))
      const length = Buffer.alloc(4)
      length.writeUInt32BE(header.length)
      const rest = Buffer.concat([length, header, ...classes.map(([, bytes]) => bytes)])
      const place = placeOf(folder)
      mkdirSync(place, { recursive: true, mode: 0o700 })
      const unfinished = join(place, randomUUID())
      writeFileSync(unfinished, Buffer.concat([digest(hostKey, folder.key, file, rest), rest]), { mode: 0o600 })
      renameSync(unfinished, join(place, nameOf(file)))
    },
  }
}

const nameOf = (file: string): string => digest(file).toString('hex')

function removeOld(root: string): void {
  try {
    for (const name of readdirSync(root)) {
      const place = join(root, name)
      if (Date.now() - statSync(place).mtimeMs > keptFor) rmSync(place, { recursive: true, force: true })
    }
  } catch {
    // Not there yet, or removed by another process at the same time: nothing is lost.
  }
}
