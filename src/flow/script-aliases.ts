import type { Bundle } from './model.ts'

/** A place of a script that reads a secret. */
export interface ScriptAlias {
  readonly kind: 'credential' | 'key'
  /** Undefined where it cannot be told from the script alone. */
  readonly alias: string | undefined
  /** The exchange property that holds the alias, where the script takes it from one. */
  readonly property: string | undefined
  readonly file: string
  readonly line: number
}

export const isScript = /^src\/main\/resources\/.*\.(?:groovy|gsh|js|mjs|ts|mts)$/i

const methods: Readonly<Record<string, 'credential' | 'key'>> = {
  getUserCredential: 'credential',
  getSecureParameter: 'credential',
  getKey: 'key',
  getKeyPair: 'key',
  getCertificate: 'key',
  getCertificateChain: 'key',
  getKeyManagers: 'key',
  // The first is how the original spells it.
  getAccesTokenForOauth2AuthorizationCodeCredential: 'credential',
  getAccessTokenForOauth2AuthorizationCodeCredential: 'credential',
  getAccesTokenForOauth2ClientCredential: 'credential',
}

/** A call with parentheses, or as a Groovy command: `getUserCredential 'box'`. Without an argument it names nothing. */
const call = new RegExp(`\\b(${Object.keys(methods).join('|')})\\b(?:\\s*\\(\\s*(?!\\))|[ \\t]+(?=['"\\w]))`, 'g')
const known = new WeakMap<Bundle, readonly ScriptAlias[]>()

/** Every place of the bundle's scripts that reads a secret, found without running them. */
export function readScriptAliases(bundle: Bundle): readonly ScriptAlias[] {
  const before = known.get(bundle)
  if (before !== undefined) return before
  const found = [...bundle.files]
    .filter(([path]) => isScript.test(path))
    .flatMap(([path, content]) => aliasesIn(content.toString('utf8'), path.slice(path.lastIndexOf('/') + 1)))
  known.set(bundle, found)
  return found
}

function aliasesIn(source: string, file: string): readonly ScriptAlias[] {
  const code = withoutComments(source)
  // Other objects have a getKey, too.
  const readsKeys = /\bKeystoreService\b|\bkeystore\b/.test(code)
  return [...code.matchAll(call)].flatMap(({ 0: words, 1: method = '', index }) => {
    const kind = methods[method]
    if (kind === undefined || (kind === 'key' && !readsKeys)) return []
    const line = code.slice(0, index).split('\n').length
    const end = words.includes('(') ? argumentEnd : statementEnd
    const { alias, property } = argumentAt(code, index + words.length, end)
    return [{ kind, alias, property, file, line }]
  })
}

const literal = /'((?:[^'\\\n$]|\\['$])+)'|"((?:[^"\\\n$]|\\["$])+)"/y

/** `map.get('name')` and `message.getProperty('name')`, also made a String in one of the usual ways. */
const look = /([\w.()]+?)\s*\.\s*(?:get|getProperty)\s*\(\s*(?:'([^'\\\n$]+)'|"([^"\\\n$]+)")\s*\)/.source
const taken = [
  new RegExp(`new\\s+String\\s*\\(\\s*${look}\\s*\\)`, 'y'),
  new RegExp(`${look}(?:\\s+as\\s+String|\\s*\\.\\s*toString\\(\\))?`, 'y'),
]

interface Argument {
  readonly alias?: string
  readonly property?: string
}

const unknown: Argument = {}

/** The argument at this place, where it is a literal, an exchange property, or a variable that is one of them. */
function argumentAt(code: string, at: number, end: RegExp): Argument {
  const given = valueAt(code, at, end)
  if (given !== undefined) return given
  const name = /[A-Za-z_]\w*/y
  name.lastIndex = at
  const [variable] = name.exec(code) ?? []
  return variable !== undefined && end.test(code.slice(name.lastIndex)) ? valueOf(code, variable) : unknown
}

function valueAt(code: string, at: number, end: RegExp): Argument | undefined {
  literal.lastIndex = at
  const text = literal.exec(code)
  if (text !== null) return end.test(code.slice(literal.lastIndex)) ? { alias: textOf(text) } : unknown
  for (const pattern of taken) {
    pattern.lastIndex = at
    const [whole, map = '', single, double] = pattern.exec(code) ?? []
    if (whole === undefined || !end.test(code.slice(at + whole.length)) || mayBeHeaders(code, map)) continue
    return { property: single ?? double ?? '' }
  }
  return undefined
}

/** A header may come from the caller: it says nothing. */
const mayBeHeaders = (code: string, map: string): boolean =>
  /header/i.test(map) || assignmentsTo(code, map).some((at) => /header/i.test(code.slice(at).split('\n', 1)[0] ?? ''))

const textOf = ([, single, double]: RegExpExecArray): string => (single ?? double ?? '').replace(/\\(.)/g, '$1')

/** What follows an argument, and a statement, that is nothing but the literal. */
const argumentEnd = /^\s*\)/
const statementEnd = /^[ \t]*(?:;|\r?\n|$)/

/** Where the values begin that a variable is given. */
const assignmentsTo = (code: string, name: string): readonly number[] =>
  /^\w+$/.test(name)
    ? [...code.matchAll(new RegExp(`(?<![\\w.])${name}\\s*(?:[-+*/%&|^?]|<<|>>)?=(?![=~>])\\s*`, 'g'))].map(
        ({ 0: words, index }) => index + words.length,
      )
    : []

/** The value of a variable that is given one, once, and is no parameter anywhere in the script. */
function valueOf(code: string, name: string): Argument {
  const [at, ...more] = assignmentsTo(code, name)
  const parameter = new RegExp(
    `\\w\\s*\\([^()]{0,500}\\b${name}\\b[^()]{0,500}\\)\\s*\\{|\\{[^{}]{0,200}\\b${name}\\b[^{}]{0,200}->|\\b${name}\\s+in\\b|\\(\\s*(?:\\w+\\s+)?${name}\\s*:`,
  )
  if (at === undefined || more.length > 0 || parameter.test(code)) return unknown
  return valueAt(code, at, statementEnd) ?? unknown
}

/** True where a script of the bundle may write the exchange property. */
export const scriptsMayWrite = (bundle: Bundle, property: string): boolean =>
  [...bundle.files].some(([path, content]) => {
    if (!isScript.test(path)) return false
    const code = withoutComments(content.toString('utf8'))
    const name = property.replace(/[^\w ]/g, '\\$&')
    const written = new RegExp(`\\(\\s*['"]${name}['"]\\s*,|['"]${name}['"]\\s*\\]\\s*=(?!=)|\\.${name}\\s*=(?!=)`)
    return written.test(code) || /\b(?:setProperty|properties\s*\.\s*(?:set|put))\s*\(\s*[^'"\s]/.test(code)
  })

/** Comments become blanks, so that lines keep their number; texts stay as they are. */
export const withoutComments = (source: string): string =>
  source.replace(
    // What is not closed ends with its line or the file, so that no text is looked through twice. A template of
    // JavaScript is not known here: the slashes of a URL in it are no comment.
    /'''[\s\S]*?(?:'''|$)|"""[\s\S]*?(?:"""|$)|'(?:[^'\\\n]|\\[\s\S])*(?:'|(?=\n)|\\?$)|"(?:[^"\\\n]|\\[\s\S])*(?:"|(?=\n)|\\?$)|(?<!:)\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g,
    (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found),
  )
