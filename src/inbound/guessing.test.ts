import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'

import { type Calling, echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'

let now = Date.now()
let door: FrontDoor
let auth = ''
let clientId = ''
const password = 'correct horse battery'

before(async () => {
  door = await openFrontDoor({ clock: { now: () => now, monotonic: () => now } })
  const made = await door.secretKey()
  auth = made.auth
  clientId = made.key.clientId
  door.routes.swap('Echo', [echo()])
  for (const name of ['ada', 'eve', 'bob', 'joe'])
    await door.identity.users.create({ name, roles: ['ESBMessaging.send'], password }, 'test')
  await door.identity.users.create({ name: 'nopass', roles: ['ESBMessaging.send'] }, 'test')
})
after(() => door.close())
beforeEach(() => {
  now += 3_600_000
  door.refusals.length = 0
})

async function call(calling: Calling) {
  door.refusals.length = 0
  const { status, headers } = await door.call('/http/echo', calling)
  return [status, door.refusals[0]?.code, headers['retry-after']]
}
const wrongOf = (name: string) => call({ auth: `${name}:wrong` })

describe('guessing', () => {
  it('a password becomes slow; whoever had it right before is not held up', async () => {
    const agent = door.keepAlive()
    assert.equal((await call({ auth: `ada:${password}`, agent }))[0], 200)
    for (let n = 0; n < 5; n++) assert.deepEqual(await wrongOf('ada'), [401, 'identity.passwordWrong', undefined])
    assert.deepEqual(await wrongOf('ADA'), [429, 'rate.passwordGuessing', '1'])
    // On its connection, and on a new one, also when the registry has changed meanwhile.
    for (const calling of [{ agent }, {}]) assert.equal((await call({ auth: `ada:${password}`, ...calling }))[0], 200)
    for (let n = 0; n < 6; n++) await wrongOf('ada')
    await door.role(`R${now}`)
    assert.equal((await call({ auth: `ada:${password}` }))[0], 200)
  })

  it('a right password is not looked at before its time, either', async () => {
    for (let n = 0; n < 6; n++) await wrongOf('bob')
    assert.deepEqual(await call({ auth: `bob:${password}` }), [429, 'rate.passwordGuessing', '1'])
    now += 1001
    assert.equal((await call({ auth: `bob:${password}` }))[0], 200)
  })

  it('names that nobody has is held up in the same way, and the record does not repeat what may be a secret', async () => {
    for (let n = 0; n < 5; n++) assert.deepEqual(await wrongOf('s3cret-name'), [401, 'identity.secretWrong', undefined])
    assert.deepEqual(await wrongOf('s3cret-name'), [429, 'rate.passwordGuessing', '1'])
    assert.ok(!JSON.stringify(door.refusals).includes('s3cret'))
  })

  it('client secrets becomes slow for that client; other clients at the address go on', async () => {
    for (let n = 0; n < 5; n++) assert.deepEqual(await wrongOf(clientId), [401, 'identity.secretWrong', undefined])
    assert.deepEqual(await wrongOf(clientId), [429, 'rate.passwordGuessing', '1'])
    assert.equal((await call({ auth: (await door.secretKey()).auth }))[0], 200)
  })

  it('with many names holds up the address', async () => {
    for (let n = 0; n < 50; n++) await wrongOf(`sb-${n}!x`)
    assert.equal((await call({ auth }))[1], 'rate.credentialGuessing')
  })

  it('locks a user where the policy says so, and a locked user is told from no one', async () => {
    await door.identity.tenantPolicy.set({ lockAfter: 3 }, 'test')
    for (let n = 0; n < 2; n++) assert.deepEqual(await wrongOf('eve'), [401, 'identity.passwordWrong', undefined])
    assert.equal((await call({ auth: `eve:${password}` }))[0], 200)
    const agent = door.keepAlive()
    assert.equal((await call({ auth: `eve:${password}`, agent }))[0], 200)
    for (let n = 0; n < 3; n++) assert.equal((await wrongOf('eve'))[0], 401)
    for (const calling of [{ agent }, {}])
      assert.deepEqual(await call({ auth: `eve:${password}`, ...calling }), [401, 'identity.userLocked', undefined])
    await door.identity.users.update('eve', { locked: false }, 'test')
    assert.equal((await call({ auth: `eve:${password}`, agent }))[0], 200)
    await door.identity.tenantPolicy.set({ lockAfter: 0 }, 'test')
  })

  it('of a locked user is held up like any other', async () => {
    await door.identity.users.create({ name: 'out', roles: [], password, locked: true }, 'test')
    for (let n = 0; n < 5; n++)
      assert.deepEqual(await call({ auth: `out:${password}` }), [401, 'identity.userLocked', undefined])
    assert.deepEqual(await call({ auth: `out:${password}` }), [429, 'rate.passwordGuessing', '1'])
  })

  it('a user without a password has none that is right', async () => {
    assert.deepEqual(await call({ auth: 'nopass:' }), [401, 'identity.passwordMissing', undefined])
    assert.deepEqual(await call({ auth: 'nopass:undefined' }), [401, 'identity.passwordMissing', undefined])
  })

  it('a new password ends the old one on connections that are open', async () => {
    const agent = door.keepAlive()
    assert.equal((await call({ auth: `joe:${password}`, agent }))[0], 200)
    await door.identity.users.update('joe', { password: 'another long password' }, 'test')
    assert.deepEqual(await call({ auth: `joe:${password}`, agent }), [401, 'identity.passwordWrong', undefined])
  })

  it('the answer to a caller is the same whether the user exists, is locked or has no password', async () => {
    await door.identity.users.update('joe', { locked: true }, 'test')
    const answers = await Promise.all(
      ['joe', 'nopass', 'ada', 'nobody-at-all'].map(async (name) => {
        const { status, headers, text } = await door.call('/http/echo', { auth: `${name}:wrong` })
        return [status, headers['www-authenticate'], JSON.parse(text).error]
      }),
    )
    assert.equal(new Set(answers.map((each) => JSON.stringify(each))).size, 1)
  })
})
