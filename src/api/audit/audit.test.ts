import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { type Ask, newTestApi } from '../../../test/kit/api.ts'

const api = await newTestApi()
after(api.dispose)

const secret = 'correct-horse-battery'
const client = (await api.issue('client')).chain
const other = (await api.issue('other')).chain

/** The one event that a request left, without what every event has. */
async function eventOf(line: string, ask: Ask = {}) {
  const before = await api.services.audit.count({})
  const answer = await api.ask(line, ask)
  const events = await api.services.audit.list({}, { top: 50 })
  const added = events
    .slice(0, (await api.services.audit.count({})) - before)
    .filter(({ action }) => action !== 'Logon')
  assert.ok(answer.status < 300, `${line}: ${answer.status} ${String(answer.body)}`)
  assert.equal(added.length, 1, `${line}: ${JSON.stringify(added)}`)
  const [event] = added
  assert.ok(event)
  assert.deepEqual([event.user, event.via], ['ann', 'api'])
  return event
}

const d = async (line: string, body: object) => JSON.parse(String((await api.ask(line, { body })).body)).d
const instance = await d('POST /ServiceInstances', { Name: 'i', Plan: 'integration-flow' })
const key = await d('POST /ServiceKeys', { InstanceId: instance.Id, Name: 'k' })

describe('each write leaves one event', () => {
  const cases: readonly (readonly [line: string, action: string, type: string, id: RegExp, ask?: Ask])[] = [
    ['POST /UserRoles', 'Create', 'Role', /^Orders$/, { body: { Name: 'Orders', Description: 'a' } }],
    ["PUT /UserRoles('Orders')", 'Change', 'Role', /^Orders$/, { body: { Description: 'b' } }],
    ["DELETE /UserRoles('Orders')", 'Delete', 'Role', /^Orders$/],
    ['POST /Users', 'Create', 'User', /^eve$/, { body: { Name: 'eve', Password: secret } }],
    ["PUT /Users('eve')", 'Change', 'User', /^eve$/, { body: { Password: `${secret}-2` } }],
    ['POST /UserGroups', 'Create', 'User Group', /^g$/, { body: { Name: 'g', Members: '["eve"]' } }],
    ["DELETE /UserGroups('g')", 'Delete', 'User Group', /^g$/],
    ['POST /ServiceInstances', 'Create', 'Service Instance', /./, { body: { Name: 'j', Plan: 'integration-flow' } }],
    [`PUT /ServiceInstances('${instance.Id}')`, 'Change', 'Service Instance', /./, { body: { Name: 'i2' } }],
    ['POST /ServiceKeys', 'Create', 'Service Key', /./, { body: { InstanceId: instance.Id, Name: 'k2' } }],
    [`GET /ServiceKeys('${key.Id}')/$value`, 'Read', 'Service Key', new RegExp(key.Id)],
    [`POST /RotateServiceKey?Id='${key.Id}'`, 'Change', 'Service Key', new RegExp(key.Id)],
    ['POST /ServiceKeyKit', 'Read', 'Service Key', new RegExp(key.Id), { body: { Id: key.Id } }],
    [
      'POST /CertificateUserMappings',
      'Create',
      'Certificate User Mapping',
      /^[0-9a-f]{32}$/,
      { body: { User: 'eve', Certificate: client } },
    ],
    ['POST /TrustedProxies', 'Create', 'X.509 Certificate', /./, { body: { Name: 'p', Certificate: other } }],
    ["PUT /InboundPolicies('tenant')", 'Change', 'Tenant Policy', /^tenant$/, { body: { LockAfter: 5 } }],
    [
      'POST /IssueClientCertificate',
      'Create',
      'X.509 Certificate',
      /^O=Sluice,CN=made \([0-9a-f]+\)$/,
      { body: { CommonName: 'made' } },
    ],
    [
      'POST /ExplainInboundCall',
      'Test',
      'User',
      /^eve$/,
      { body: { endpoint: '/http/x', basic: { user: 'eve', password: secret } } },
    ],
  ]
  for (const [line, action, type, id, ask] of cases) {
    it(line.replace(/[0-9a-f-]{36}/, 'id'), async () => {
      const event = await eventOf(line, ask)
      assert.deepEqual([event.action, event.objectType], [action, type])
      assert.match(event.objectId, id)
    })
  }

  it('with what was before and after', async () => {
    await api.ask('POST /UserRoles', { body: { Name: 'R', Description: 'old' } })
    const { changedAttributes } = await eventOf("PUT /UserRoles('R')", { body: { Description: 'new' } })
    assert.deepEqual(changedAttributes, { Description: { before: 'old', after: 'new' } })
  })

  it('a mapping that is there already is changed, not created', async () => {
    await api.ask('POST /Users', { body: { Name: 'bob' } })
    const event = await eventOf('POST /CertificateUserMappings', { body: { User: 'bob', Certificate: client } })
    assert.equal(event.action, 'Change')
    assert.deepEqual(event.changedAttributes['User'], { before: 'eve', after: 'bob' })
  })

  it('that a password was set is said, and nothing of the password', async () => {
    const { changedAttributes } = await eventOf("PUT /Users('eve')", { body: { Password: `${secret}-3` } })
    assert.deepEqual(changedAttributes['Password'], { after: 'changed' })
    const all = JSON.stringify(await api.services.audit.list({}, { top: 1000 }))
    const { clientsecret } = JSON.parse(String((await api.ask(`GET /ServiceKeys('${key.Id}')/$value`)).body))
    assert.ok(!all.includes(secret) && !all.includes(clientsecret) && !all.includes('PRIVATE KEY'))
  })

  it('by the Cloud Foundry interface, too', async () => {
    const count = () => api.services.audit.count({ objectType: 'Service Key', action: 'Read' })
    const before = await count()
    await api.cf(`GET /service_credential_bindings/${key.Id}/details`)
    await api.cf(`GET /service_credential_bindings/${key.Id}`)
    assert.equal(await count(), before + 1)
    const headers = { 'content-type': 'application/json' }
    await api.cf(`PATCH /service_instances/${instance.Id}`, { body: { name: 'i3' }, headers })
    const [event] = await api.services.audit.list({ objectType: 'Service Instance' }, { top: 1 })
    assert.deepEqual(event?.changedAttributes, { name: { before: 'i2', after: 'i3' } })
  })
})

describe('what was not allowed', () => {
  it('is recorded as refused, without what the address names', async () => {
    assert.equal((await api.ask("DELETE /Users('eve')", { roles: ['UsersRead'], name: 'mallory' })).status, 403)
    assert.equal((await api.cf('GET /service_instances', { roles: [], name: 'mallory' })).status, 403)
    const events = await api.services.audit.list({ action: 'Refuse', user: 'mallory' }, { top: 5 })
    assert.deepEqual(events.map(({ objectId }) => objectId).sort(), ['DELETE /Users', 'GET /service_instances'])
  })

  it('a change that failed leaves no event', async () => {
    const before = await api.services.audit.count({ action: 'Delete' })
    assert.equal((await api.ask("DELETE /UserRoles('none')")).status, 404)
    assert.equal(await api.services.audit.count({ action: 'Delete' }), before)
  })
})

it('who came is recorded once a minute', async () => {
  for (let time = 0; time < 5; time++) await api.ask('GET /UserRoles', { name: 'zoe' })
  assert.equal(await api.services.audit.count({ action: 'Logon', user: 'zoe' }), 1)
})

describe('the log itself', () => {
  it('is listed newest first, filtered by what the log can ask', async () => {
    const filter = encodeURIComponent("ObjectType eq 'Role' and Action eq 'Create'")
    const { results } = await api.read(`GET /AuditLogEntries?$filter=${filter}&$top=2`)
    assert.deepEqual(
      results.map(({ ObjectId }: Record<string, string>) => ObjectId),
      ['R', 'Orders'],
    )
    assert.equal(String((await api.ask(`GET /AuditLogEntries/$count?$filter=${filter}`)).body), '2')
    for (const refused of ["substringof('a',User)", "User ne 'x'", "User eq 'a' or User eq 'b'"])
      assert.equal((await api.ask(`GET /AuditLogEntries?$filter=${encodeURIComponent(refused)}`)).status, 501, refused)
  })

  it('is exported in both forms', async () => {
    const json = JSON.parse(String((await api.ask('GET /ExportAuditLog')).body))
    assert.equal(json[0].seq, 1)
    const csv = await api.ask("GET /ExportAuditLog?Format='csv'&Since='2020-01-01'")
    assert.match(String(csv.body), /^seq,/)
    assert.equal((await api.ask("GET /ExportAuditLog?Format='xml'")).status, 400)
  })

  it('is verified, against what was noted before', async () => {
    const first = JSON.parse(String((await api.ask('GET /VerifyAuditLog')).body))
    assert.deepEqual([first.ok, first.problems], [true, []])
    const { seq, hash } = first.head
    const again = await api.ask(`GET /VerifyAuditLog?Seq='${seq}'&Hash='${hash}'`)
    assert.equal(JSON.parse(String(again.body)).ok, true)
    const wrong = await api.ask(`GET /VerifyAuditLog?Seq='${seq}'&Hash='${'0'.repeat(64)}'`)
    assert.equal(JSON.parse(String(wrong.body)).ok, false)
    assert.equal((await api.ask("GET /VerifyAuditLog?Seq='1'")).status, 400)
  })

  it('is cut under a role of its own', async () => {
    api.time.now += 1000
    const line = `POST /CutAuditLog?Before='${new Date(api.time.now).toISOString()}'`
    assert.equal((await api.ask(line, { roles: ['AuditLogRead', 'TenantAdministrator'] })).status, 403)
    const { deleted } = JSON.parse(String((await api.ask(line)).body))
    assert.ok(deleted > 10)
    assert.equal(JSON.parse(String((await api.ask('GET /VerifyAuditLog')).body)).ok, true)
  })
})
