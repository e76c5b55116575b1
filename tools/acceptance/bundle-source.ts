/** Finds published flows: complete ones in a Git directory of the recipes, models in the folders of the corpus. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { type Bundle, readAny, readBundle } from '../../src/flow/index.ts'
import type { PublishedFlow } from './acceptance-case.ts'

export interface BundleSource {
  readonly has: (flow: PublishedFlow) => boolean
  readonly bundle: (flow: PublishedFlow) => Promise<Bundle>
  /** Any file of the recipes. */
  readonly file: (path: string) => Promise<Buffer>
}

const run = promisify(execFile)

/** @param gitFolder a Git directory, with or without a work tree */
export function recipesSource(gitFolder: string): BundleSource {
  const file = async (path: string): Promise<Buffer> => {
    const { stdout } = await run('git', [`--git-dir=${gitFolder}`, 'show', `HEAD:${path}`], {
      encoding: 'buffer',
      maxBuffer: 256 * 1024 * 1024,
    })
    return stdout
  }
  return {
    has: () => true,
    file,
    async bundle({ id, archive }) {
      const content = await readAny(await file(archive))
      if (content.kind === 'bundle') return content.bundle
      const found = content.package.artifacts.find(({ bundle }) => bundle.id === id)
      if (found === undefined) throw new Error(`${archive} holds no artifact ${id}`)
      return found.bundle
    },
  }
}

export function corpusSource(folder: string): BundleSource {
  return {
    has: ({ number }) => existsSync(join(folder, number)),
    bundle: async ({ number }) => withScripts(await readBundle(join(folder, number))),
    file: (path) => Promise.reject(new Error(`the corpus holds no ${path}`)),
  }
}

const scriptFolder = 'src/main/resources/script'

/** The corpus holds no scripts. So that a flow deploys whose other routes are looked at, scripts that do nothing stand in. */
function withScripts(bundle: Bundle): Bundle {
  const functions = new Map<string, Set<string>>()
  for (const { processes } of bundle.model === undefined ? [] : [bundle.model]) {
    for (const { elements, exceptionSubprocess } of processes) {
      for (const { properties } of [...elements, ...(exceptionSubprocess?.elements ?? [])]) {
        const file = properties.get('script') ?? ''
        if (!file.endsWith('.groovy') || bundle.files.has(`${scriptFolder}/${file}`)) continue
        functions.set(file, (functions.get(file) ?? new Set()).add(properties.get('scriptFunction') || 'processData'))
      }
    }
  }
  const scripts = [...functions].map(([file, names]): [string, Buffer] => [
    `${scriptFolder}/${file}`,
    Buffer.from([...names].map((name) => `def ${name}(message) { message }\n`).join('')),
  ])
  return { ...bundle, files: new Map([...bundle.files, ...scripts]) }
}
