import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { hashPassword, verifyPassword } from './passwords.ts'

describe('passwords', () => {
  it('are hashed with a salt of their own, in PHC form', async () => {
    const [one, other] = await Promise.all([hashPassword('secret of mine'), hashPassword('secret of mine')])
    assert.notEqual(one, other)
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.equal(await verifyPassword(one, 'secret of mine'), true)
    assert.equal(await verifyPassword(other, 'secret of mine'), true)
    assert.equal(await verifyPassword(one, 'Secret of mine'), false)
    assert.equal(await verifyPassword(one, ''), false)
  })

  it('are the same however their accents are encoded', async () => {
    assert.equal(await verifyPassword(await hashPassword('gro\u00dfe Z\u00f6pfe'), 'gro\u00dfe Zo\u0308pfe'), true)
  })

  // From the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
  it('of other implementations are read', async () => {
    const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    assert.equal(await verifyPassword(hash, 'password'), true)
    assert.equal(await verifyPassword(hash, 'passwore'), false)
  })

  const good = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  for (const [name, hash] of [
    ['no hash', undefined],
    ['an empty one', ''],
    ['another algorithm', good.replace('argon2id', 'argon2i')],
    ['one that would need 10 GB', good.replace('m=64', 'm=9999999')],
    ['one that would take long', good.replace('t=1', 't=99')],
    ['one without lanes', good.replace('p=1', 'p=0')],
    ['half of one', good.slice(0, 50)],
  ] as const)
    it(`${name} is no password's, and takes as long to say so`, async () => {
      const start = process.cpuUsage()
      assert.equal(await verifyPassword(hash, 'anything'), false)
      const { user, system } = process.cpuUsage(start)
      assert.ok(user + system > 3000, `${user + system} µs`)
    })
})
