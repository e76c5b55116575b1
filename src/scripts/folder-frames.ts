import type { CompiledClass } from './class-cache.ts'
import type { Frame } from './frames.ts'
import type { ScriptFolder } from './script-folder.ts'

/** The scripts and jars of a bundle as a `folder` frame, with the classes that its scripts were compiled to before. */
export function folderFrame(
  folder: ScriptFolder,
  compiled: ReadonlyMap<string, readonly CompiledClass[]>,
): { readonly header: Readonly<Record<string, unknown>>; readonly parts: readonly Buffer[] } {
  const parts: Buffer[] = []
  const add = ([name, content]: readonly [string, Buffer]) => [name, parts.push(content) - 1]
  const files = [...folder.files].map(add)
  const jars = [...(folder.jars ?? [])].map(add)
  const classes = [...compiled].flatMap(([file, made]) => made.map((one) => [file, ...add(one)]))
  return { header: { type: 'folder', key: folder.key, files, jars, classes }, parts }
}

/** What the host compiled, as its answer to a `compile` frame says. */
export const compiledClasses = ({ header, parts }: Frame): readonly CompiledClass[] =>
  ((header.classes ?? []) as readonly (readonly [string, number])[]).flatMap(([name, part]) => {
    const bytes = parts[part]
    return bytes === undefined ? [] : [[name, bytes] as const]
  })
