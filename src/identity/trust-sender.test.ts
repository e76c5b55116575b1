import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import { selfSigned } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import { createSealer } from '../keystore/index.ts'
import type { Identity, TrustedSenderRequest } from './contracts.ts'
import { createIdentity } from './identity.ts'

let identity: Identity
let store: ReturnType<typeof inMemoryRegistry>
let certificate: string

before(async () => {
  certificate = (await selfSigned({ subject: 'CN=portal' })).chain
})
beforeEach(async () => {
  store = inMemoryRegistry()
  identity = await createIdentity({
    store,
    sealer: createSealer({ key: randomBytes(32), tenant: 'default' }),
    clock: systemClock,
  })
})

const request = (more: Partial<TrustedSenderRequest> = {}): TrustedSenderRequest => ({
  name: 'Portal',
  provider: { issuer: 'https://idp.example', certificates: [{ certificate }] },
  ...more,
})

/** What a user of the sender may do, as his token says who he is. */
function rolesOf(clientId: string, user: string): readonly string[] {
  const { defaultGroups = [] } = identity.identityProviderOf('https://idp.example') ?? {}
  const found = identity.byToken({
    clientId,
    user,
    attributes: {},
    groups: defaultGroups,
    issuer: 'https://idp.example',
  })
  return [...(found?.roles ?? [])]
}

describe('a trusted sender', () => {
  it('has provider, instance, key and roles of every user by a group', async () => {
    const { provider, instance, key, group } = await identity.trustSender(request(), 'ada')
    assert.deepEqual([provider.name, provider.clients, provider.defaultGroups], ['Portal', [instance.id], ['Portal']])
    assert.deepEqual(instance.grantTypes, ['urn:ietf:params:oauth:grant-type:saml2-bearer'])
    assert.deepEqual([group, identity.groups.find('Portal')?.roles], ['Portal', ['ESBMessaging.send']])
    assert.deepEqual(rolesOf(key.key.clientId, 'anna'), ['ESBMessaging.send'])
    assert.equal(identity.keys.open(key.key.id).secret, key.secret)
  })

  it('may do nothing by itself', async () => {
    const { key } = await identity.trustSender(request(), 'ada')
    const { clientId } = key.key
    assert.deepEqual([...(identity.byClientSecret(clientId, key.secret ?? '')?.roles ?? ['?'])], [])
    assert.deepEqual(
      [...(identity.byToken({ clientId, user: undefined, attributes: {}, groups: [] })?.roles ?? ['?'])],
      [],
    )
  })

  it('is for one user where one is named, who is made without a password, or keeps what he has', async () => {
    await identity.roles.create({ name: 'Orders.read' }, 'ada')
    await identity.users.create({ name: 'Berta', roles: ['Orders.read'] }, 'ada')
    const { key, user } = await identity.trustSender(request({ user: 'berta' }), 'ada')
    assert.equal(user, 'Berta')
    assert.deepEqual(rolesOf(key.key.clientId, 'BERTA'), ['Orders.read', 'ESBMessaging.send'])
    assert.deepEqual(rolesOf(key.key.clientId, 'anna'), [])
    const other = request({
      name: 'Other',
      user: 'carl',
      provider: { issuer: 'o', jwks: [], jwksUri: 'https://o.example/k' },
    })
    const { instance } = await identity.trustSender(other, 'ada')
    assert.deepEqual(instance.grantTypes, ['urn:ietf:params:oauth:grant-type:jwt-bearer'])
    assert.equal(identity.users.find('carl')?.hasPassword, false)
  })

  it('gives a group that is there the roles besides its own', async () => {
    await identity.roles.create({ name: 'Orders.read' }, 'ada')
    await identity.groups.create({ name: 'Partners', roles: ['Orders.read'] }, 'ada')
    const { key } = await identity.trustSender(request({ group: 'Partners', roles: ['ESBMessaging.send'] }), 'ada')
    assert.deepEqual(rolesOf(key.key.clientId, 'anna'), ['Orders.read', 'ESBMessaging.send'])
  })

  const bad: readonly (readonly [string, Partial<TrustedSenderRequest>, string, RegExp])[] = [
    ['a role that is not there', { roles: ['Orders.raed'] }, 'senderInvalid', /unknown role 'Orders.raed'/],
    ['user and group', { user: 'a', group: 'b' }, 'senderInvalid', /exclude each other/],
    ['no name', { name: '' }, 'senderInvalid', /name needs 1 to 32/],
    ['an assertion of no kind', { assertion: 'saml1' as never }, 'senderInvalid', /'saml2' or 'jwt'/],
    ['a user with a colon', { user: 'a:b' }, 'senderInvalid', /colon/],
    ['no key', { provider: { issuer: 'x' } }, 'identityProviderInvalid', /without a key/],
  ]
  for (const [what, more, code, message] of bad)
    it(`with ${what} is refused, and nothing is there`, async () => {
      await assert.rejects(identity.trustSender(request(more), 'ada'), { code: `identity.${code}`, message })
      assert.deepEqual(store.records(), [])
    })

  it('is made whole or not at all', async () => {
    await identity.identityProviders.create({ name: 'Other', issuer: 'o', certificates: [{ certificate }] }, 'ada')
    const before = store.records()
    await assert.rejects(identity.trustSender(request(), 'ada'), { code: 'identity.certificateTaken' })
    assert.deepEqual(store.records(), before)
  })
})
