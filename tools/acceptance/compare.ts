/** What counts as equal between an expectation and an outcome. */
import assert from 'node:assert/strict'

/** A final line end may be missing or too many. */
export const sameText = (actual: string, expected: string, what: string): void =>
  assert.equal(lastLineEndCut(actual), lastLineEndCut(expected), what)

const lastLineEndCut = (text: string): string => text.replaceAll('\r\n', '\n').replace(/\n$/, '')

/** XML without its declaration and without white space between elements. */
export const plainXml = (text: string): string =>
  text
    .replace(/^\s*<\?xml[^>]*\?>/, '')
    .replace(/>\s+</g, '><')
    .trim()

export const sameXml = (actual: string, expected: string, what: string): void =>
  assert.equal(plainXml(actual), plainXml(expected), what)

export const sameJson = (actual: string, expected: string, what: string): void =>
  assert.deepEqual(JSON.parse(actual), JSON.parse(expected), what)

/** `name = value` lines, as fixtures write headers. */
export const headerLines = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^([^ =]+) = ?(.*)$/.exec(line.trimEnd()) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
