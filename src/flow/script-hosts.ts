import { argumentsAt } from './script-arguments.ts'

/** A place of a script that calls over HTTP. */
export interface ScriptHost {
  /** `host:port`; undefined where it is drawn when a message runs. */
  readonly name: string | undefined
  readonly index: number
}

/** A literal whose host stands, whatever is put behind it: the quote and all up to the end of the host. */
const fixed = String.raw`(['"\`])(https?:\/\/[^\s'"\`$/?#\\]+)(?:[/?#]|\1(?!\s*\+))`
const literals = new RegExp(fixed, 'gi')
const urlOf = new RegExp(`\\burl\\s*:\\s*${fixed}`, 'i')
/** What can open a connection. Without any of it, a literal is a name, such as that of a namespace. */
const opening =
  /\b(?:URL|openConnection|toURL|HttpClient\w*|Socket|RESTClient|HTTPBuilder)\b|\bhttp\s*\.\s*request\b|\bservices\s*\.\s*http\b/
/** A URL that is made of something else than such a literal. */
const drawn = new RegExp(
  [
    String.raw`\bnew\s+(?:java\.net\.)?URL\s*\(\s*(?!${fixed})`,
    String.raw`(?<![.\w])URL\s*(?:\.\s*&?|::)\s*new\w*`,
    String.raw`\bas\s+(?:java\.net\.)?URL\b`,
    // A handle on the method, or all of the service, may be called with anything.
    String.raw`\bservices\s*\.\s*http\b(?!\s*\.\s*request\s*\()`,
  ].join('|'),
  'g',
)
const toUrl = /\.\s*&?toURL\b/g
const endsFixed = new RegExp(String.raw`(['"\`])https?:\/\/[^\s'"\`$/?#\\]+(?:[/?#][^'"\`\n]*)?\1\s*$`, 'i')
const requests = /\bhttp\s*\.\s*request\b(\s*\()?/g

/** Where the code of a script calls to, found without running it. */
export function scriptHosts(code: string): readonly ScriptHost[] {
  if (!opening.test(code)) return []
  return [
    ...[...code.matchAll(literals)].map(({ index, 2: url = '' }) => ({ name: nameOf(url), index: index + 1 })),
    ...[...code.matchAll(drawn)].map(({ index }) => ({ name: undefined, index })),
    ...[...code.matchAll(toUrl)]
      .filter(({ index }) => !endsFixed.test(code.slice(Math.max(0, index - 2_000), index)))
      .map(({ index }) => ({ name: undefined, index })),
    ...[...code.matchAll(requests)]
      .filter(
        ({ index, 0: words, 1: opened }) =>
          opened === undefined || !urlOf.test(argumentsAt(code, index + words.length).join()),
      )
      .map(({ index }) => ({ name: undefined, index })),
  ]
}

/** As the tenant process will call it; what is no URL is called by nobody. */
function nameOf(written: string): string | undefined {
  const url = URL.parse(written)
  if (url === null) return undefined
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}
