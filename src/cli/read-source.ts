import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { Fault, wordsOf } from '../base/index.ts'
import { type Bundle, readAny, readBundle } from '../flow/index.ts'
import { deployOrder } from './artifact-types.ts'
import { faults } from './faults.ts'

/** An artifact found in a zip or folder, with the package it came in. */
export interface Source {
  readonly bundle: Bundle
  /** The package export that holds it; undefined for a single artifact. */
  readonly package: { readonly id: string; readonly name: string; readonly shortText: string } | undefined
}

/**
 * Reads artifacts and package exports, in the order in which they are to be deployed.
 * @throws cli.fileUnreadable, and every fault of a bundle or package that cannot be read, placed at its file
 */
export async function readSources(paths: readonly string[], folder: string): Promise<readonly Source[]> {
  const found: Source[] = []
  for (const path of paths) {
    try {
      found.push(...(await readSource(resolve(folder, path))))
    } catch (error) {
      throw error instanceof Fault && !error.message.includes(path) ? error.at({ file: path }) : error
    }
  }
  return found.sort((a, b) => deployOrder.indexOf(a.bundle.type) - deployOrder.indexOf(b.bundle.type))
}

async function readSource(path: string): Promise<readonly Source[]> {
  const content = await contentOf(path)
  if (content === undefined) return [{ bundle: await readBundle(path), package: undefined }]
  const read = await readAny(content)
  if (read.kind === 'bundle') return [{ bundle: read.bundle, package: undefined }]
  const { id, name, shortText, artifacts } = read.package
  return artifacts.map(({ bundle }) => ({ bundle, package: { id, name, shortText } }))
}

/** The bytes of a file; undefined for a folder. */
async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return (await stat(path)).isDirectory() ? undefined : await readFile(path)
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : wordsOf(cause)
    throw faults.fileUnreadable({ what: 'file', file: path, why }, { cause })
  }
}
