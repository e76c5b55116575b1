import { type Evaluate, type Source, unknownFunction } from './evaluate.ts'

const onlyName = (path: string): string => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)

/** A path without its extension, which begins at the first dot of the file name, or at the last one. */
function withoutExtension(path: string, single: boolean): string {
  const start = path.length - onlyName(path).length
  const name = path.slice(start)
  const dot = single ? name.lastIndexOf('.') : name.indexOf('.')
  return dot < 0 ? path : path.slice(0, start + dot)
}

const extension = (path: string, single: boolean): string | undefined => {
  const name = onlyName(path)
  const dot = single ? name.lastIndexOf('.') : name.indexOf('.')
  return dot < 0 ? undefined : name.slice(dot + 1)
}

const parent = (path: string): string => path.slice(0, Math.max(0, path.length - onlyName(path).length - 1))

/** What is asked of the name of a file. */
const readers: ReadonlyMap<string, (path: string) => string | undefined> = new Map([
  ['name', (path: string) => path],
  ['onlyname', onlyName],
  ['name.noext', (path: string) => withoutExtension(path, false)],
  ['name.noext.single', (path: string) => withoutExtension(path, true)],
  ['onlyname.noext', (path: string) => onlyName(withoutExtension(path, false))],
  ['onlyname.noext.single', (path: string) => onlyName(withoutExtension(path, true))],
  ['ext', (path: string) => extension(path, false)],
  ['ext.single', (path: string) => extension(path, true)],
  ['name.ext', (path: string) => extension(path, false)],
  ['name.ext.single', (path: string) => extension(path, true)],
  ['parent', parent],
])

/**
 * `name`, `onlyname.noext` and so on: of the header CamelFileName, as adapters for files set it.
 * @throws languages.simpleFunctionUnknown
 */
export function compileFile(rest: string, source: Source): Evaluate {
  const read = readers.get(rest)
  if (read === undefined) throw unknownFunction(`file:${rest}`, source)
  return (exchange) => {
    const path = exchange.headers.text('CamelFileName')
    return path === undefined ? undefined : read(path)
  }
}
