import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { answersOf } from '../../test/kit/api-answers.ts'

const api = await newTestApi()
after(api.dispose)
const { made } = answersOf(api)

const instance = (Name: string, roles: readonly string[]) =>
  made('ServiceInstances', { Name, Plan: 'api', Parameters: JSON.stringify({ roles }) })
const key = (InstanceId: string) => made('ServiceKeys', { InstanceId, Name: 'k', Parameters: '{}' })
const encoded = (pem: string): string => Buffer.from(pem).toString('base64')
const external = async (name: string) => JSON.stringify({ 'X.509': (await api.issue(name)).chain })

// What carries a role that the callers below lack, and what carries only what they hold.
const above = await instance('above', ['CredentialsEdit', 'MonitoringDataRead'])
const keyAbove = await key(above.Id)
const own = await instance('own', ['MonitoringDataRead'])
const externalAbove = await made('ServiceKeys', {
  InstanceId: above.Id,
  Name: 'external',
  Parameters: await external('above'),
})
await made('Users', { Name: 'chief', Password: 'a password of the chief', Roles: '["CredentialsEdit"]' })
await made('Users', { Name: 'deputy', Password: 'a password of the deputy' })
await made('Users', { Name: 'clerk', Roles: '["MonitoringDataRead"]' })
await made('UserGroups', { Name: 'chiefs', Roles: '["CredentialsEdit"]', Members: '["Deputy"]' })
const spare = encoded((await api.issue('spare')).chain)
const ofChief = await made('CertificateUserMappings', {
  User: 'chief',
  Certificate: encoded((await api.issue('chief')).chain),
})

/** The right to do the thing as such, and one role besides. */
const mine = ['UsersEdit', 'ServiceInstancesEdit', 'ServiceKeysRead', 'SecurityMaterialEdit', 'MonitoringDataRead']
const parameters = JSON.stringify({ roles: ['CredentialsEdit'] })

const climbs: readonly (readonly [line: string, body?: object | Buffer])[] = [
  ['POST /Users', { Name: 'new', Roles: '["CredentialsEdit"]' }],
  ['POST /Users', { Name: 'new', Roles: '["TenantAdministrator"]' }],
  ["PUT /Users('clerk')", { Roles: '["CredentialsEdit"]' }],
  ["PUT /Users('chief')", { Password: 'chosen by somebody else' }],
  ["PUT /Users('chief')", { Locked: true }],
  ["PUT /Users('deputy')", { Password: 'chosen by somebody else' }],
  ["PUT /Users('chief')", { Roles: '[]' }],
  ["DELETE /Users('chief')"],
  ['POST /UserGroups', { Name: 'new', Roles: '["CredentialsEdit"]', Members: '["clerk"]' }],
  ["PUT /UserGroups('chiefs')", { Members: '["clerk"]' }],
  ["DELETE /UserGroups('chiefs')"],
  ['POST /ServiceInstances', { Name: 'new', Plan: 'api', Parameters: parameters }],
  [`PUT /ServiceInstances('${own.Id}')`, { Parameters: parameters }],
  [`PUT /ServiceInstances('${above.Id}')`, { Name: 'renamed' }],
  [`DELETE /ServiceInstances('${above.Id}')`],
  ['POST /ServiceKeys', { InstanceId: above.Id, Name: 'mine', Parameters: '{}' }],
  [`GET /ServiceKeys('${keyAbove.Id}')/$value`],
  [`DELETE /ServiceKeys('${keyAbove.Id}')`],
  ['POST /ServiceKeyCertificates', { KeyId: externalAbove.Id, Certificate: (await api.issue('mine')).chain }],
  [`PUT /ServiceKeyCertificates('${externalAbove.CertificateFingerprint}')`, {}],
  [`DELETE /ServiceKeyCertificates('${externalAbove.CertificateFingerprint}')`],
  [`POST /RotateServiceKey?Id='${keyAbove.Id}'`],
  ['POST /ServiceKeyKit', { Id: keyAbove.Id, Password: 'p' }],
  ['POST /CertificateUserMappings', { User: 'chief', Certificate: spare }],
  ['POST /CertificateUserMappings', { User: 'Deputy', Certificate: spare }],
  ['POST /CertificateUserMappings', { User: 'clerk', Certificate: ofChief.Certificate }],
  [`DELETE /CertificateUserMappings('${ofChief.Id}')`],
]

const lists = [
  'Users',
  'UserGroups',
  'ServiceInstances',
  'ServiceKeys',
  'ServiceKeyCertificates',
  'CertificateUserMappings',
]
const everything = async () => Promise.all(lists.map(async (set) => String((await api.ask(`GET /${set}`)).body)))

describe('nobody gives or gets a role of the API that he lacks', () => {
  for (const [line, body] of climbs) {
    it(`${line} ${Buffer.isBuffer(body) || !body ? '' : Object.keys(body).join()}`, async () => {
      const before = await everything()
      const answer = await api.ask(line, { ...(body && { body }), roles: mine })
      assert.equal(answer.status, 403, String(answer.body))
      assert.match(String(answer.body), /api\.roleNotHeld.*'ann' lacks: (?:CredentialsEdit|TenantAdministrator)/)
      assert.deepEqual(await everything(), before)
    })
  }

  it('also by the interface of Cloud Foundry', async () => {
    const relationships = { service_instance: { data: { guid: above.Id } } }
    for (const [line, body] of [
      [`PATCH /service_instances/${own.Id}`, { parameters: { roles: ['CredentialsEdit'] } }],
      [`PATCH /service_instances/${above.Id}`, { name: 'renamed' }],
      [`DELETE /service_instances/${above.Id}`],
      ['POST /service_credential_bindings', { type: 'key', name: 'mine', relationships }],
      [`GET /service_credential_bindings/${keyAbove.Id}/details`],
      [`DELETE /service_credential_bindings/${keyAbove.Id}`],
    ] as const) {
      const before = await everything()
      const answer = await api.cf(line, { ...(body && { body }), roles: mine })
      assert.equal(answer.status, 403, line)
      assert.match(answer.body.errors[0].detail, /lacks: CredentialsEdit/)
      assert.deepEqual(await everything(), before)
    }
  })
})

describe('what stays possible', () => {
  it('with the roles held, or as TenantAdministrator', async () => {
    for (const roles of [
      [...mine, 'CredentialsEdit'],
      [...mine, 'TenantAdministrator'],
    ]) {
      const answer = await api.ask(`GET /ServiceKeys('${keyAbove.Id}')/$value`, { roles })
      assert.equal(answer.status, 200)
      assert.equal((await api.ask("PUT /Users('chief')", { body: { Description: 'x' }, roles })).status, 204)
    }
  })

  it('to manage what has no more than oneself, and to give what flows ask for', async () => {
    const roles = mine
    assert.equal((await api.ask(`PUT /ServiceInstances('${own.Id}')`, { body: { Name: 'own 2' }, roles })).status, 204)
    const body = { Name: 'sender', Roles: '["ESBMessaging.send","MonitoringDataRead"]' }
    assert.equal((await api.ask('POST /Users', { body, roles })).status, 201)
    assert.equal(
      (await api.ask('POST /ServiceInstances', { body: { Name: 'flows', Plan: 'integration-flow' }, roles })).status,
      201,
    )
  })

  it('TenantAdministrator alone opens nothing else', async () => {
    assert.equal((await api.ask('GET /Users', { roles: ['TenantAdministrator'] })).status, 403)
  })
})

describe('roles that are not known', () => {
  for (const [line, body, words] of [
    [
      'POST /Users',
      { Name: 'x', Roles: '["nobody.knows"]' },
      /'Roles' cannot be used: there is no role 'nobody.knows'/,
    ],
    ["PUT /Users('clerk')", { Roles: '["usersedit"]' }, /did you mean 'UsersEdit'/],
    ['POST /UserGroups', { Name: 'x', Roles: '["nobody.knows"]' }, /there is no role 'nobody.knows'/],
    [
      'POST /ServiceInstances',
      { Name: 'x', Plan: 'api', Parameters: '{"roles":["nobody.knows"]}' },
      /there is no role 'nobody.knows'/,
    ],
    // The API asks for no role of flows: such an instance could do nothing.
    [
      'POST /ServiceInstances',
      { Name: 'x', Plan: 'api', Parameters: '{"roles":["ESBMessaging.send"]}' },
      /there is no role 'ESBMessaging.send'/,
    ],
    [
      `PUT /ServiceInstances('${own.Id}')`,
      { Parameters: '{"roles":["monitoringdataread"]}' },
      /did you mean 'MonitoringDataRead'/,
    ],
  ] as const) {
    it(`${line} ${JSON.stringify(body)}`, async () => {
      const answer = await api.ask(line, { body })
      assert.equal(answer.status, 400)
      assert.match(String(answer.body), words)
    })
  }

  it('roles of the original for what is not here can be given by TenantAdministrator', async () => {
    const ask = (roles: readonly string[]) =>
      api.ask('POST /ServiceInstances', {
        body: {
          Name: 'partners',
          Plan: 'api',
          Parameters: '{"roles":["AuthGroup_TenantPartnerDirectoryConfigurator"]}',
        },
        roles,
      })
    assert.equal((await ask(['ServiceInstancesEdit'])).status, 403)
    assert.equal((await ask(['ServiceInstancesEdit', 'TenantAdministrator'])).status, 201)
  })
})
