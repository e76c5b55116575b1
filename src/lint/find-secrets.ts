import type { Found } from './find-patterns.ts'
import type { LintCode } from './rules.ts'
import { lineAt, type ScriptCode } from './script-code.ts'

interface Statement {
  readonly text: string
  readonly index: number
}

/** Where a secret must not go: the call, and which rule it breaks. */
const sinks: readonly (readonly [LintCode, RegExp])[] = [
  [
    'secret-in-header',
    /\bsetHeader\s*\(|\bheaders\s*\.\s*(?:put|set)\s*\(|\bgetHeaders\s*\(\s*\)\s*\.\s*put\s*\(|\bheaders\s*(?:\.\s*\w+|\[[^\]]*\])\s*=(?!=)/,
  ],
  [
    'secret-in-property',
    /\bsetProperty\s*\(|\bproperties\s*\.\s*(?:put|set)\s*\(|\bgetProperties\s*\(\s*\)\s*\.\s*put\s*\(|\bproperties\s*(?:\.\s*\w+|\[[^\]]*\])\s*=(?!=)/,
  ],
  ['secret-in-body', /\bsetBody\s*\(|\bmessage\s*\.\s*body\s*=(?!=)/],
  ['secret-in-attachment', /\baddAttachmentAs\w+\s*\(|\baddAttachmentObject\s*\(|\blog\s*\.\s*attach\s*\(/],
  [
    'secret-in-log',
    /(?<![\w.])(?:println|printf?)\b|\bSystem\s*\.\s*(?:out|err)\b|\bconsole\s*\.\s*\w+\s*\(|\bset(?:String|Object)Property\s*\(|\baddCustomHeaderProperty\s*\(|\blog(?:ger)?\s*\.\s*(?:info|debug|warn|error|trace|property|header)\s*\(/,
  ],
]

/** What lends a credential or a key, in which the secret is still closed up. */
const lends =
  /\bget(?:UserCredential|KeyPair|PrivateKey)\s*\(|\b(?:keystore\w*|keyService\w*|ks\w*)\s*\.\s*getKey\s*\(/i
/** What is a secret at once. */
const tells =
  /\bgetSecureParameter\s*\(|\bgetUserCredential\s*\([^()]*\)\s*\.\s*(?:getPassword\b|password\b)|\bgetAccessToken\s*\(/
/** What is left of a secret after these is none. */
const harmless = /\b(?:doFinal|digest\w*|hmac\w*|sha\d*\w*|sign\w*|length|size|isEmpty)\b|[!=]=\s*null|\bnull\s*[!=]=/i

const assignment =
  /^(?:\s*(?:return\b)?)\s*(?:(?:final|def|var|let|const|[A-Z][\w.]*(?:<[^>]*>)?|char|byte)(?:\s*\[\s*\])?\s+)*([A-Za-z_]\w*)\s*(?:\[[^\]]*\]|:\s*\w+)?\s*\+?=(?![=~>])([\s\S]*)$/
const destructured = /\b(?:const|let|var)\s*\{([^}]*)\}\s*=([\s\S]*)$/
const definition = /\b(?:def|function|private|public|static|String|[A-Z]\w*)\s+(\w+)\s*\(([^()]*)\)\s*\{/g

/** Follows secrets through variables, parameters and results, each known by its name alone. */
export function findSecrets({ source, bare }: ScriptCode): readonly Found[] {
  const statements = statementsOf(bare)
  const functions = functionsOf(bare)
  const holders = new Set<string>()
  const secrets = new Set<string>()
  const telling = new Set<string>()
  const isSecret = (text: string): boolean => !harmless.test(text) && holdsSecret(text, holders, secrets, telling)

  for (let known = -1; known !== holders.size + secrets.size + telling.size; ) {
    known = holders.size + secrets.size + telling.size
    for (const { text, index } of statements) {
      const [, name = '', value = ''] = assignment.exec(text) ?? []
      if (name !== '' && isSecret(value)) secrets.add(name)
      else if (name !== '' && (lends.test(value) || aliasOf(value, holders))) holders.add(name)
      const [, names = '', from = ''] = destructured.exec(text) ?? []
      if (lends.test(from) && /\bpassword\b/.test(names))
        secrets.add(/\bpassword\s*:\s*(\w+)/.exec(names)?.[1] ?? 'password')
      const returned = /\breturn\b([\s\S]*)/.exec(text)?.[1] ?? ''
      const inside = functions.find(({ from, to }) => index >= from && index < to)
      if (inside !== undefined && isSecret(returned)) telling.add(inside.name)
      for (const { name: called, parameters } of functions)
        for (const given of argumentsOf(text, called))
          given.forEach((one, at) => {
            const parameter = parameters[at]
            if (parameter !== undefined && isSecret(one)) secrets.add(parameter)
          })
    }
  }
  return statements.flatMap(({ text, index }) =>
    sinks.flatMap(([code, sink]): Found[] => {
      const at = sink.exec(text)
      return at !== null && isSecret(text.slice(at.index)) ? [{ code, line: lineAt(source, index + at.index) }] : []
    }),
  )
}

function holdsSecret(
  text: string,
  holders: ReadonlySet<string>,
  secrets: ReadonlySet<string>,
  telling: ReadonlySet<string>,
): boolean {
  if (tells.test(text)) return true
  for (const [, before = '', name = '', rest = ''] of text.matchAll(
    /([.\w]?\s*)\b([A-Za-z_]\w*)\b(\s*(?:\?\s*)?\.\s*\w+|\s*\()?/g,
  )) {
    if (before.trim() === '.') continue
    if (secrets.has(name)) return true
    if (holders.has(name) && /\.\s*(?:getPassword|password|getEncoded|encoded|pkcs8|getPrivate)$/.test(rest))
      return true
    if (telling.has(name) && rest.trim() === '(') return true
  }
  return false
}

const aliasOf = (value: string, holders: ReadonlySet<string>): boolean => holders.has(value.trim().replace(/;$/, ''))

/** Lines, with those that follow as long as a parenthesis is open. */
function statementsOf(bare: string): readonly Statement[] {
  const statements: Statement[] = []
  let text = ''
  let begin = 0
  let depth = 0
  let at = 0
  for (const line of bare.split('\n')) {
    if (text === '') begin = at
    text += `${line}\n`
    at += line.length + 1
    for (const character of line) depth += character === '(' ? 1 : character === ')' ? -1 : 0
    if (depth > 0 && text.length < 5_000) continue
    depth = 0
    let from = 0
    for (const part of text.split(';')) {
      statements.push({ text: part, index: begin + from })
      from += part.length + 1
    }
    text = ''
  }
  return statements
}

interface ScriptFunction {
  readonly name: string
  readonly parameters: readonly string[]
  readonly from: number
  readonly to: number
}

function functionsOf(bare: string): readonly ScriptFunction[] {
  const found = [...bare.matchAll(definition)].map(({ index, 1: name = '', 2: given = '' }) => ({
    name,
    parameters: given.split(',').map((one) => /(\w+)\s*(?:[:=].*)?$/.exec(one.trim())?.[1] ?? ''),
    from: index,
  }))
  return found.map((one, index) => ({ ...one, to: found[index + 1]?.from ?? bare.length }))
}

function argumentsOf(text: string, called: string): readonly (readonly string[])[] {
  return [...text.matchAll(new RegExp(`(?<!\\bdef\\s|\\bfunction\\s)\\b${called}\\s*\\(`, 'g'))].map(
    ({ index, 0: found }) => {
      const given: string[] = ['']
      let depth = 0
      for (const character of text.slice(index + found.length)) {
        if (character === ')' && depth === 0) break
        depth += '([{'.includes(character) ? 1 : ')]}'.includes(character) ? -1 : 0
        if (character === ',' && depth === 0) given.push('')
        else given[given.length - 1] += character
      }
      return given
    },
  )
}
