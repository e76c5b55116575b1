import type { Field, Words } from '../fields/index.ts'

/** A flag or argument that may be given several times. The raw text is the JSON of the texts, in order. */
export function list(words: Words & { readonly required?: boolean }): Field<readonly string[]> {
  const { required = false, ...rest } = words
  return {
    kind: 'list',
    control: 'table',
    words: rest,
    fallback: required ? undefined : '[]',
    secret: false,
    schema: { type: 'array', items: { type: 'string' } },
    read: (raw) => ({ value: JSON.parse(raw) as string[] }),
  }
}

/** The same of the form `name=value`, read as a map; a later value for the same name wins. */
export function pairs(words: Words & { readonly separator?: string }): Field<ReadonlyMap<string, string>> {
  const { separator = '=', ...rest } = words
  return {
    ...list(rest),
    kind: 'pairs',
    read(raw) {
      const texts = JSON.parse(raw) as string[]
      const bad = texts.find((text) => text.indexOf(separator) < 1)
      if (bad !== undefined) return { problem: `must be name${separator}value, not '${bad}'` }
      return { value: new Map(texts.map((text) => split(text, separator))) }
    },
  }
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return [text.slice(0, at).trim(), text.slice(at + 1)]
}
