import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'

import { createCsrf } from './csrf.ts'

let now = 1_000_000
const clock = { now: () => now, monotonic: () => now }
const key = randomBytes(32)
const cookie = '__Host-sluice-test'
const csrf = createCsrf({ key, clock, cookie, lifetime: 1000 })
const { token, setCookie } = csrf.issue('ada', undefined)
const session = setCookie.split(';', 1)[0] ?? ''

describe('a CSRF token', () => {
  it('serves its client in its session, among other cookies too', () => {
    assert.equal(csrf.verify('ada', session, token), true)
    assert.equal(csrf.verify('ada', `a=b; ${session}; c=d`, token), true)
    assert.equal(createCsrf({ key, clock, cookie }).verify('ada', session, token), true)
  })

  it('comes with a cookie that only this host can set and no script can read', () => {
    assert.match(setCookie, /^__Host-sluice-test=[\w-]{32}; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
  })

  const last = token.at(-1) === 'A' ? 'Q' : 'A'
  for (const [name, client, cookies, given] of [
    ['another client', 'eve', session, token],
    ['another session', 'ada', csrf.issue('ada', undefined).setCookie.split(';', 1)[0], token],
    ['no session', 'ada', undefined, token],
    ['two sessions', 'ada', `${session}; ${session}`, token],
    ['a cookie of another name', 'ada', `x${session}`, token],
    ['no token', 'ada', session, undefined],
    ['an empty token', 'ada', session, ''],
    ['the word fetch', 'ada', session, 'fetch'],
    ['a changed token', 'ada', session, token.slice(0, 30) + (token[30] === 'A' ? 'B' : 'A') + token.slice(31)],
    ['a changed expiry', 'ada', session, `B${token.slice(1)}`],
    ['a longer token', 'ada', session, `${token}${last}`],
  ] as const)
    it(`does not serve with ${name}`, () => assert.equal(csrf.verify(client, cookies, given), false))

  it('does not serve under another key', () => {
    assert.equal(createCsrf({ key: randomBytes(32), clock, cookie }).verify('ada', session, token), false)
  })

  it('keeps the session: a second token does not end the first', () => {
    const second = csrf.issue('ada', session)
    assert.equal(second.setCookie, setCookie)
    assert.equal(csrf.verify('ada', session, token) && csrf.verify('ada', session, second.token), true)
  })

  it('expires', () => {
    now += 999
    assert.equal(csrf.verify('ada', session, token), true)
    now += 1
    assert.equal(csrf.verify('ada', session, token), false)
  })
})
