/** The text of a script in the forms that rules look at; all have the same length, so that places agree. */
export interface ScriptCode {
  readonly language: 'groovy' | 'javascript'
  readonly source: string
  /** Without comments. */
  readonly code: string
  /** Without comments and the words of texts; what texts interpolate stays. */
  readonly bare: string
}

const groovyWords =
  /'''[\s\S]*?(?:'''|$)|"""[\s\S]*?(?:"""|$)|'(?:[^'\\\n]|\\[\s\S])*(?:'|(?=\n)|\\?$)|"(?:[^"\\\n]|\\[\s\S])*(?:"|(?=\n)|\\?$)|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g
const javaScriptWords =
  /`(?:[^`\\]|\\[\s\S])*(?:`|\\?$)|'(?:[^'\\\n]|\\[\s\S])*(?:'|(?=\n)|\\?$)|"(?:[^"\\\n]|\\[\s\S])*(?:"|(?=\n)|\\?$)|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
const interpolation = /\$\{[^{}]*\}|\$[A-Za-z_][\w.]*/g

/** Reads the source of a script; its name says the language. */
export function readCode(file: string, source: string): ScriptCode {
  const language = /\.(?:groovy|gsh)$/i.test(file) ? 'groovy' : 'javascript'
  const words = language === 'groovy' ? groovyWords : javaScriptWords
  return {
    language,
    source,
    code: source.replace(words, (found) => (found.startsWith('/') ? blank(found) : found)),
    bare: source.replace(words, (found) => (found.startsWith('/') ? blank(found) : bareText(found))),
  }
}

/** Quotes and interpolations of a text. */
function bareText(text: string): string {
  if (text.startsWith("'")) return `'${blank(text.slice(1, -1))}${text.length > 1 ? "'" : ''}`
  let made = '"'
  let end = 1
  for (const { index, 0: found } of text.matchAll(interpolation)) {
    made += blank(text.slice(end, index)) + found.replace(/[${}]/g, ' ')
    end = index + found.length
  }
  const rest = blank(text.slice(end))
  return rest === '' ? made : `${made}${rest.slice(0, -1)}"`
}

/** The line of a place, counted from 1. */
export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length
