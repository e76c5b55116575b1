import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createJar } from './cookies.ts'

const origin = 'https://host'
const now = Date.parse('2026-01-01T00:00:00Z')

test('a cookie goes back to its host and path until it expires', () => {
  const cases: readonly [line: string, toOrigin: string, toPath: string, at: number, expected: string | undefined][] = [
    ['a=1', origin, '/x/y', now, 'a=1'],
    ['a=1', origin, '/x', now, 'a=1'],
    ['a=1', origin, '/xx', now, undefined],
    ['a=1; Path=/', origin, '/', now, 'a=1'],
    ['a=1; Path=/', 'https://other', '/', now, undefined],
    ['a=1; Path=/; Domain=.example.com', 'https://other.example.com', '/', now, undefined],
    ['a=1; Path=/; Max-Age=10', origin, '/', now + 9_999, 'a=1'],
    ['a=1; Path=/; Max-Age=10', origin, '/', now + 10_000, undefined],
    ['a=1; Path=/; Expires=Thu, 01 Jan 2026 00:00:10 GMT', origin, '/', now + 10_000, undefined],
    ['a=b=c; Path=/; Secure', origin, '/', now, 'a=b=c'],
    ['no cookie', origin, '/x', now, undefined],
  ]
  for (const [line, toOrigin, toPath, at, expected] of cases) {
    const jar = createJar()
    jar.store(origin, '/x/z', line, now)
    assert.equal(jar.cookieFor(toOrigin, toPath, at), expected, `${line} to ${toOrigin}${toPath}`)
  }
})

test('later cookies replace earlier ones, an expired one deletes, and a secure one needs HTTPS', () => {
  const jar = createJar()
  jar.store(origin, '/', ['a=1', 'b=1', 'a=2'], now)
  assert.equal(jar.cookieFor(origin, '/', now), 'a=2; b=1')
  jar.store(origin, '/', 'b=; Max-Age=0', now)
  assert.equal(jar.cookieFor(origin, '/', now), 'a=2')
  jar.store('http://host', '/', 'c=1; Secure', now)
  assert.equal(jar.cookieFor('http://host', '/', now), undefined)
})

test('a jar takes no more cookies than it needs', () => {
  const jar = createJar()
  jar.store(
    origin,
    '/',
    Array.from({ length: 500 }, (_, i) => `c${i}=1`),
    now,
  )
  assert.equal(jar.cookieFor(origin, '/', now)?.split('; ').length, 100)
})
