import { stripTypeScriptTypes } from 'node:module'

/** A script as the engine takes it. */
export interface ReadScript {
  readonly source: string
  /** `module`: has exports; `script`: of the original's kind, with functions that stand alone. */
  readonly form: 'module' | 'script'
}

const typeScript = /\.[cm]?ts$/i
const module = /\.(?:mjs|mts|ts)$/i
const moduleWords =
  /^[ \t]*(?:export\s+(?:default\b|async\b|function\b|const\b|let\b|class\b|\{|\*)|import\s*(?:['"{*]|\w+\s+from\b|\w+\s*,))/m

const known = new WeakMap<Uint8Array, ReadScript>()

/**
 * Reads one script file, once: types are taken away, lines keep their number.
 * @throws SyntaxError of the TypeScript reader
 */
export function readScript(file: string, content: Uint8Array): ReadScript {
  const before = known.get(content)
  if (before !== undefined) return before
  const read = readAnew(file, content)
  known.set(content, read)
  return read
}

function readAnew(file: string, content: Uint8Array): ReadScript {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  const source = typeScript.test(file) ? stripTypeScriptTypes(text, { mode: 'strip' }) : text
  if (module.test(file) || moduleWords.test(withoutWords(source, false))) return { source, form: 'module' }
  return { source: withJavaLengths(source), form: 'script' }
}

/** The form of a script, also of one that cannot be read. */
export function formOf(file: string, content: Uint8Array | undefined): ReadScript['form'] {
  try {
    return content === undefined ? 'script' : readScript(file, content).form
  } catch {
    return 'script'
  }
}

const words =
  /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

/** Comments, and texts where asked, become blanks of the same length. */
const withoutWords = (source: string, texts: boolean): string =>
  source.replace(words, (found) => (texts || /^[/`]/.test(found) ? found.replace(/[^\n]/g, ' ') : found))

/** Java asks a text for its `length()`, JavaScript for its `length`. */
function withJavaLengths(source: string): string {
  const code = withoutWords(source, true)
  let made = ''
  let end = 0
  for (const { index, 0: found } of code.matchAll(/\.length\s*\(\s*\)/g)) {
    made += `${source.slice(end, index)}.length`
    end = index + found.length
  }
  return made + source.slice(end)
}
