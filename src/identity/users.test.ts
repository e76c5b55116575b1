import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { selfSigned } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import { createSealer, factsOf, readCertificates } from '../keystore/index.ts'
import type { Identity } from './contracts.ts'
import { createIdentity } from './identity.ts'
import { verifyPassword } from './passwords.ts'
import type { ServiceInstance } from './records.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const password = 'correct horse battery'
let store: ReturnType<typeof inMemoryRegistry>
let identity: Identity

beforeEach(async () => {
  store = inMemoryRegistry()
  identity = await createIdentity({ store, sealer, clock: systemClock })
})

const mapped = async (user: string) => {
  const { chain } = await selfSigned({ subject: `CN=${user}` })
  return (await identity.mappings.create({ certificate: chain, user }, 'test')).fingerprint
}
const problemsOf = async (failing: Promise<unknown>): Promise<readonly string[]> => {
  const fault = await failing.then(() => undefined).catch((thrown: { details: { problems: string[] } }) => thrown)
  return fault?.details.problems ?? []
}

describe('user roles', () => {
  it('are the predefined ones and those of the tenant', async () => {
    await identity.roles.create({ name: 'Shop.order_1', description: 'Orders.' }, 'ada')
    assert.deepEqual(
      identity.roles.list().map(({ name, owner, createdBy }) => [name, owner, createdBy]),
      [
        ['ESBMessaging.send', 'SAP', 'SAP'],
        ['API.invoke', 'SAP', 'SAP'],
        ['Shop.order_1', 'Tenant Administrator', 'ada'],
      ],
    )
    const changed = await identity.roles.update('Shop.order_1', { description: 'All orders.' }, 'eve')
    assert.deepEqual([changed.description, changed.createdBy, changed.modifiedBy], ['All orders.', 'ada', 'eve'])
    await identity.roles.remove('Shop.order_1', 'ada')
    assert.equal(identity.roles.find('Shop.order_1'), undefined)
  })

  const refused: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['a name that is there', () => identity.roles.create({ name: 'API.invoke' }, 'a'), 'identity.roleNameTaken'],
    ['an umlaut', () => identity.roles.create({ name: 'Käufer' }, 'a'), 'identity.roleInvalid'],
    ['an empty name', () => identity.roles.create({ name: '' }, 'a'), 'identity.roleInvalid'],
    ['a number', () => identity.roles.create({ name: 5 as never }, 'a'), 'identity.roleInvalid'],
    ['129 letters', () => identity.roles.create({ name: 'x'.repeat(129) }, 'a'), 'identity.roleInvalid'],
    [
      'changing a predefined one',
      () => identity.roles.update('API.invoke', { description: '' }, 'a'),
      'identity.rolePredefined',
    ],
    ['deleting a predefined one', () => identity.roles.remove('ESBMessaging.send', 'a'), 'identity.rolePredefined'],
    ['deleting what is not there', () => identity.roles.remove('esbmessaging.send', 'a'), 'identity.roleUnknown'],
  ]
  for (const [name, act, code] of refused) it(`${name} is refused`, () => assert.rejects(act(), { code }))

  it('differ by case', async () => {
    await identity.roles.create({ name: 'shop' }, 'ada')
    await identity.roles.create({ name: 'Shop' }, 'ada')
    assert.equal(identity.roles.list().length, 4)
  })

  it('in use are not deleted, naming who has them', async () => {
    await identity.roles.create({ name: 'Shop' }, 'ada')
    await identity.instances.create({ name: 'orders', plan: 'integration-flow', roles: ['Shop'] }, 'ada')
    await identity.users.create({ name: 'bob', roles: ['Shop'] }, 'ada')
    await identity.groups.create({ name: 'buyers', roles: ['Shop'] }, 'ada')
    const words = ["service instance 'orders'", "user 'bob'", "user group 'buyers'"]
    assert.deepEqual(identity.roles.find('Shop')?.usedBy, words)
    await assert.rejects(identity.roles.remove('Shop', 'ada'), {
      code: 'identity.roleInUse',
      kind: 'conflict',
      details: { role: 'Shop', by: words },
    })
  })

  it('that went away by another path allow nothing', async () => {
    await identity.roles.create({ name: 'Shop' }, 'ada')
    const instance = await identity.instances.create({ name: 'o', plan: 'integration-flow', roles: ['Shop'] }, 'ada')
    const { key, secret = '' } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    assert.deepEqual([...(identity.byClientSecret(key.clientId, secret)?.roles ?? [])], ['Shop'])
    const { revision } = await store.load(0)
    await store.write(revision, [{ kind: 'role', id: 'Shop', document: undefined }])
    await identity.reload()
    assert.deepEqual([...(identity.byClientSecret(key.clientId, secret)?.roles ?? [])], [])
  })

  it('unknown to an instance of flows are refused, naming what was probably meant; those of the API are taken', async () => {
    const instance = (roles: readonly string[], plan: ServiceInstance['plan'] = 'integration-flow') =>
      identity.instances.create({ name: `i${randomBytes(3).toString('hex')}`, plan, roles }, 'ada')
    const problems = await problemsOf(instance(['ESBmessaging.send', 'x y']))
    assert.equal(problems.length, 2)
    assert.match(problems[0] ?? '', /unknown role 'ESBmessaging.send' .*did you mean 'ESBMessaging.send'/)
    assert.deepEqual((await instance(['MonitoringDataRead'], 'api')).roles, ['MonitoringDataRead'])
    assert.equal((await problemsOf(instance(['x y'], 'api'))).length, 1)
  })
})

describe('users', () => {
  it('are found without case and by any encoding of their accents', async () => {
    await identity.users.create({ name: 'Zoë', password, roles: ['Shop'] }, 'ada')
    for (const name of ['Zoë', 'ZOË', 'zoe\u0308']) {
      assert.equal(identity.users.find(name)?.name, 'Zoë')
      assert.equal(identity.user(name)?.identified.principal.name, 'Zoë')
    }
    await assert.rejects(identity.users.create({ name: 'ZOË' }, 'ada'), { code: 'identity.userNameTaken' })
  })

  it('keep the password as a hash that is never shown', async () => {
    const shown = await identity.users.create({ name: 'bob', password }, 'ada')
    assert.equal(shown.hasPassword, true)
    assert.ok(!JSON.stringify([shown, identity.users.list(), store.records()]).includes(password))
    assert.ok(!JSON.stringify([shown, identity.users.list()]).includes('argon2'))
    const hash = () => identity.user('bob')?.user.passwordHash
    assert.equal(await verifyPassword(hash(), password), true)
    const { revision } = identity
    await identity.users.update('bob', { password: 'another good one' }, 'ada')
    assert.deepEqual([await verifyPassword(hash(), password), identity.revision], [false, revision + 1])
    await identity.users.update('BOB', { description: 'x' }, 'ada')
    assert.equal(await verifyPassword(hash(), 'another good one'), true)
  })

  it('are refused whole with all their problems', async () => {
    const bad = {
      name: 'a:b\n',
      password: 'short',
      roles: ['x y', 'Fine'],
      description: 5 as never,
      locked: 1 as never,
    }
    assert.equal((await problemsOf(identity.users.create(bad, 'ada'))).length, 6)
    await identity.users.create({ name: 'bob' }, 'ada')
    assert.deepEqual(await problemsOf(identity.users.update('bob', { name: 'rob' }, 'ada')), ['name cannot be changed'])
    await assert.rejects(identity.users.update('none', {}, 'ada'), { code: 'identity.userUnknown' })
  })

  it('identify by password with the roles of their groups', async () => {
    await identity.users.create({ name: 'Bob', password, roles: ['One'] }, 'ada')
    await identity.groups.create({ name: 'buyers', roles: ['Two'], members: ['bob', 'BOB'] }, 'ada')
    assert.deepEqual(identity.groups.find('buyers')?.members, ['Bob'])
    const { identified } = identity.user('bob') ?? {}
    assert.deepEqual([...(identified?.roles ?? [])], ['One', 'Two'])
    assert.deepEqual(
      { ...identified, roles: undefined },
      {
        principal: {
          method: 'basic',
          name: 'Bob',
          subject: 'Bob',
          clientId: undefined,
          issuer: undefined,
          certificate: undefined,
          attributes: {},
          groups: ['buyers'],
          actors: [],
        },
        roles: undefined,
        plan: undefined,
        method: 'password',
        client: 'user Bob',
      },
    )
    assert.ok(Object.isFrozen(identified?.principal) && Object.isFrozen(identified?.principal.groups))
  })

  it('are made by a mapping, without password and roles, and cannot be deleted while it is there', async () => {
    const fingerprint = await mapped('Partner')
    const shown = identity.users.find('partner')
    assert.deepEqual([shown?.hasPassword, shown?.roles, shown?.locked], [false, [], false])
    await assert.rejects(identity.users.remove('partner', 'ada'), { code: 'identity.userInUse', message: /CN=Partner/ })
    await identity.users.update('partner', { roles: ['Shop'] }, 'ada')
    const found = identity.byCertificate(fingerprint)?.identified
    assert.deepEqual(
      [found?.principal.name, found?.principal.issuer, found?.client, found?.method, [...(found?.roles ?? [])]],
      ['Partner', 'CN=Partner', 'user Partner', 'certificate', ['Shop']],
    )
    await identity.mappings.remove(fingerprint, 'ada')
    await identity.users.remove('partner', 'ada')
    assert.equal(identity.user('partner'), undefined)
  })

  it('that are locked identify nobody, but are found', async () => {
    const fingerprint = await mapped('Bob')
    await identity.users.update('bob', { locked: true }, 'ada')
    assert.equal(identity.byCertificate(fingerprint), undefined)
    assert.equal(identity.user('bob')?.user.locked, true)
  })

  it('leave their groups when they are deleted', async () => {
    await identity.users.create({ name: 'bob' }, 'ada')
    await identity.groups.create({ name: 'buyers', members: ['bob'] }, 'ada')
    assert.deepEqual(identity.users.find('bob')?.groups, ['buyers'])
    await identity.users.remove('BOB', 'ada')
    assert.deepEqual(identity.groups.find('buyers')?.members, [])
  })
})

describe('groups', () => {
  it('refuse members that do not exist, bad roles and another name', async () => {
    assert.equal(
      (await problemsOf(identity.groups.create({ name: ' x', roles: ['a b'], members: ['none'] }, 'ada'))).length,
      3,
    )
    await identity.groups.create({ name: 'g' }, 'ada')
    await assert.rejects(identity.groups.create({ name: 'g' }, 'ada'), { code: 'identity.groupNameTaken' })
    assert.equal((await problemsOf(identity.groups.update('g', { name: 'h' }, 'ada'))).length, 1)
    await identity.groups.remove('g', 'ada')
    await assert.rejects(identity.groups.remove('g', 'ada'), { code: 'identity.groupUnknown' })
  })
})

describe('wrong passwords', () => {
  it('in a row lock the user when the policy says so, for every process', async () => {
    await identity.tenantPolicy.set({ lockAfter: 3 }, 'ada')
    await identity.users.create({ name: 'bob', password }, 'ada')
    const fail = async (times: number) => {
      for (let time = 0; time < times; time++) await identity.passwordFailed('BOB')
    }
    await fail(2)
    identity.passwordSucceeded('bob')
    await fail(2)
    assert.equal(identity.users.find('bob')?.locked, false)
    await fail(1)
    const other = await createIdentity({ store, sealer, clock: systemClock })
    assert.deepEqual([identity.users.find('bob')?.locked, other.user('bob')?.user.locked], [true, true])
    await identity.users.update('bob', { locked: false }, 'ada')
    await fail(2)
    assert.equal(identity.users.find('bob')?.locked, false)
  })

  it('only count when the policy says so', async () => {
    await identity.users.create({ name: 'bob', password }, 'ada')
    for (let time = 0; time < 200; time++) await identity.passwordFailed('bob')
    assert.equal(identity.users.find('bob')?.locked, false)
  })
})

describe('tokens', () => {
  let instance: ServiceInstance
  const ask = (given: { clientId?: string; user?: string; groups?: readonly string[] }) =>
    identity.byToken({
      clientId: given.clientId ?? `sb-${instance.id}!sluice`,
      user: given.user,
      attributes: { region: 'EU' },
      groups: given.groups ?? [],
      issuer: 'https://issuer.example',
    })
  beforeEach(async () => {
    instance = await identity.instances.create({ name: 'orders', plan: 'integration-flow' }, 'ada')
    await identity.users.create({ name: 'Bob', roles: ['One'] }, 'ada')
    await identity.groups.create({ name: 'in', roles: ['Two'], members: ['Bob'] }, 'ada')
    await identity.groups.create({ name: 'named', roles: ['Three'] }, 'ada')
  })

  const rolesOf = (given: Parameters<typeof ask>[0]) => [...(ask(given)?.roles ?? ['nobody'])]
  const cases: readonly (readonly [string, Parameters<typeof ask>[0], readonly string[]])[] = [
    ['of a client has the roles of the instance', {}, ['ESBMessaging.send']],
    ['of a client gets nothing from groups', { groups: ['named'] }, ['ESBMessaging.send']],
    ['of a user has those of the user and the groups', { user: 'bob', groups: ['named'] }, ['One', 'Two', 'Three']],
    [
      'of an unknown user has those of the groups named alone',
      { user: 'eve', groups: ['named', 'unknown'] },
      ['Three'],
    ],
    ['of another client is nobody', { clientId: 'sb-other!sluice' }, ['nobody']],
    ['with an empty client id is nobody', { clientId: '' }, ['nobody']],
  ]
  for (const [name, given, roles] of cases) it(`one ${name}`, () => assert.deepEqual(rolesOf(given), roles))

  it('make a principal with the claims', () => {
    assert.deepEqual(
      { ...ask({ user: 'bob', groups: ['x'] }), roles: undefined },
      {
        principal: {
          method: 'bearer',
          name: 'Bob',
          subject: 'Bob',
          clientId: `sb-${instance.id}!sluice`,
          issuer: 'https://issuer.example',
          certificate: undefined,
          attributes: { region: 'EU' },
          groups: ['in', 'x'],
          actors: [],
        },
        roles: undefined,
        plan: 'integration-flow',
        method: 'bearer',
        client: `instance ${instance.id}`,
      },
    )
    assert.ok(Object.isFrozen(ask({})?.principal))
  })

  it('name who acts for the user, newest first, which gives no role', () => {
    const clientId = `sb-${instance.id}!sluice`
    const found = identity.byToken({ clientId, user: 'eve', attributes: {}, groups: [], actors: ['Bob', 'portal'] })
    assert.deepEqual([found?.principal.actors, [...(found?.roles ?? ['?'])]], [['Bob', 'portal'], []])
    assert.ok(Object.isFrozen(found?.principal.actors))
  })

  const propagated: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    ['groups differ by case', 'eve', ['NAMED', 'Named'], []],
    ['a group counts once', 'eve', ['named', 'named'], ['Three']],
    ['a name that is no group of ours', 'eve', ['__proto__', 'constructor', ''], []],
    ['a user in any case', 'BOB', [], ['One', 'Two']],
    ['a role is no group', 'eve', ['ESBMessaging.send', 'Three'], []],
  ]
  for (const [what, user, groups, roles] of propagated)
    it(`of a propagated user: ${what}`, () => {
      assert.deepEqual(rolesOf({ user, groups }), roles)
      assert.equal(identity.users.find('eve'), undefined)
    })

  it('need no key, and end with the instance or the lock of the user', async () => {
    await identity.users.update('bob', { locked: true }, 'ada')
    assert.equal(ask({ user: 'BOB', groups: ['named'] }), undefined)
    assert.ok(ask({}))
    await identity.instances.remove(instance.id, 'ada')
    assert.equal(ask({}), undefined)
  })

  it('name the instance by the client id of a key, too', async () => {
    const request = { name: 'k', type: 'secret', clientId: 'admin' } as const
    const { key } = await identity.keys.create(instance.id, request, 'ada')
    assert.equal(ask({ clientId: 'admin' })?.client, `instance ${instance.id}`)
    await identity.keys.remove(key.id, 'ada')
    assert.equal(ask({ clientId: 'admin' }), undefined)
  })
})

it('the fingerprint of a mapping is that of its certificate', async () => {
  const { chain } = await selfSigned({ subject: 'CN=x' })
  const { fingerprint } = await identity.mappings.create({ certificate: chain, user: 'x' }, 'test')
  assert.equal(fingerprint, factsOf(readCertificates(chain)[0]!).fingerprint)
})
