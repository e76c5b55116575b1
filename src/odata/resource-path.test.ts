import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseResourcePath } from './resource-path.ts'

/** The path in short: names, keys in brackets. */
function inShort(path: string): string {
  const { segments, links, ending } = parseResourcePath(path)
  const words = segments.map(({ name, key }) => {
    if (!key) return name
    const named = 'single' in key ? [['', key.single] as const] : [...key.named]
    return `${name}[${named.map(([property, { value }]) => `${property}:${typeof value === 'bigint' ? `${value}n` : String(value)}`).join(' ')}]`
  })
  return [...words, ...(links ? ['links'] : []), ...(ending ? [ending] : [])].join(' ')
}

const readable: readonly (readonly [path: string, expected: string])[] = [
  ['', ''],
  ['/', ''],
  ['/$metadata', '$metadata'],
  ['/$batch', '$batch'],
  ['/Things', 'Things'],
  ['/Things/', 'Things'],
  ['/Things()', 'Things'],
  ["/Things('x')", 'Things[:x]'],
  ["/Things('it''s')", "Things[:it's]"],
  ["/Things('a%20b')", 'Things[:a b]'],
  ["/Things('a+b')", 'Things[:a b]'],
  ["/Things('a%2Bb')", 'Things[:a+b]'],
  ['/Things(%27x%27)', 'Things[:x]'],
  ["/Things('a/b')/$value", 'Things[:a/b] $value'],
  ["/Things('a%2Fb')", 'Things[:a/b]'],
  ["/Things('$links/)')", 'Things[:$links/)]'],
  ['/Things(5)', 'Things[:5]'],
  ['/Things(5L)', 'Things[:5n]'],
  ["/Things(Id='x',Version='active')", 'Things[Id:x Version:active]'],
  ["/Things(Id='x', Version='active')", 'Things[Id:x Version:active]'],
  ["/Things(RunId='r',ChildCount=3)/Traces", 'Things[RunId:r ChildCount:3] Traces'],
  ["/Things('x')/Parts/$count", 'Things[:x] Parts $count'],
  ["/Things('x')/$links/Parts(Name='a.b',Kind='c')", 'Things[:x] Parts[Name:a.b Kind:c] links'],
]
for (const [path, expected] of readable) test(`reads ${path}`, () => assert.equal(inShort(path), expected))

const broken: readonly string[] = [
  "/Things('x",
  "/Things('x'",
  "/Things('x')y",
  '/Things(x)',
  '/Things(Id=x)',
  "/Things(Id='x',Id='y')",
  "/Things(Id='x';Version='y')",
  '//../etc',
  '/Things/../Other',
  '/%ZZ',
  '/$value/Things',
  '/Things%00',
]
for (const path of broken) {
  test(`refuses ${path}`, () => assert.throws(() => parseResourcePath(path), { code: 'odata.addressMalformed' }))
}
