import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { sluice } from '../../../test/kit/command-line.ts'
import { errorReply, serveManagementApi } from '../../../test/kit/management-api.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const at = (time: number) => `/Date(${time})/`

describe('users, roles, trust and policies', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  let certificate: string
  const run = (argv: string[], input?: string) =>
    sluice(argv, { folder: api.folder, ...(input !== undefined && { input }) })
  const bodies = (): unknown[] =>
    api.received.filter(({ method }) => method !== 'GET').map(({ body }) => (body === '' ? '' : JSON.parse(body)))

  before(async () => {
    const alice = {
      Name: 'alice',
      Description: 'from ACME',
      HasPassword: true,
      Locked: false,
      Roles: '["A.send","B.read"]',
      Groups: '["partners"]',
      Password: null,
    }
    const anchor = (letter: string, name: string) => ({
      Fingerprint: letter.repeat(64),
      Name: name,
      Kind: 'ca',
      Origin: 'administrator',
      Subject: `CN=${name}`,
      ValidTo: at(noon),
    })
    api = await serveManagementApi({
      'GET UserRoles': {
        d: { results: [{ Name: 'A.send', Owner: 'SAP', UsedBy: '["user alice"]', Description: 'to send' }] },
      },
      'POST UserRoles': { status: 201 },
      "DELETE UserRoles('A.send')": { status: 204 },
      "GET DownloadUserRoles?Names='A.send,B.read'": { raw: '{"roles":["A.send","B.read"]}' },
      'GET Users': { d: { results: [alice] } },
      "GET Users('alice')": { d: alice },
      "PUT Users('alice')": { status: 204 },
      'POST Users': { status: 201 },
      "DELETE Users('alice')": { status: 204 },
      'GET UserGroups': {
        d: { results: [{ Name: 'partners', Roles: '["A.send"]', Members: '["alice"]', Description: '' }] },
      },
      "GET UserGroups('partners')": { d: { Name: 'partners', Roles: '["A.send"]', Members: '["alice"]' } },
      'POST UserGroups': { status: 201 },
      "PUT UserGroups('partners')": { status: 204 },
      "DELETE UserGroups('partners')": { status: 204 },
      'GET CertificateUserMappings': {
        d: {
          results: [
            { Id: 'a'.repeat(32), User: 'erp', ValidUntil: String(noon), LastModifiedBy: 'me' },
            { Id: 'b'.repeat(32), User: 'shop', ValidUntil: String(noon), LastModifiedBy: 'me' },
            { Id: 'bbbbbbbbcc', User: 'shop', ValidUntil: String(noon), LastModifiedBy: 'me' },
          ],
        },
      },
      'POST CertificateUserMappings': { status: 201, d: { Id: 'c'.repeat(32), User: 'erp' } },
      [`DELETE CertificateUserMappings('${'a'.repeat(32)}')`]: { status: 204 },
      'GET TrustAnchors': { d: { results: [anchor('1', 'Partner'), anchor('2', 'Twice'), anchor('3', 'Twice')] } },
      'POST TrustAnchors': { status: 201, d: anchor('4', 'New') },
      [`DELETE TrustAnchors('${'1'.repeat(64)}')`]: { status: 204 },
      'GET InboundPolicies': {
        d: {
          results: [
            {
              Address: 'tenant',
              Methods: '["certificate","bearer"]',
              Networks: '[]',
              CertificateOutside: null,
              PublicRoots: false,
              LockAfter: 5,
            },
            { Address: '/http/orders', Methods: null, Require: 'any', Networks: '["10.0.0.0/8"]' },
          ],
        },
      },
      "PUT InboundPolicies('tenant')": { status: 204 },
      "PUT InboundPolicies('/http/orders')": { status: 204 },
      'POST InboundPolicies': { status: 201 },
      "DELETE InboundPolicies('/http/orders')": { status: 204 },
    })
    certificate = readFileSync(join(api.folder, 'data', 'quickstart', 'client.pem'), 'utf8')
    const key = readFileSync(join(api.folder, 'data', 'quickstart', 'client.key'), 'utf8')
    writeFileSync(join(api.folder, 'both.pem'), key + certificate)
    writeFileSync(join(api.folder, 'only.key'), key)
  })
  beforeEach(() => {
    api.received.length = 0
  })
  after(() => api[Symbol.asyncDispose]())

  const listings: [string, RegExp][] = [
    ['role list', /^NAME +OWNER +USED BY +DESCRIPTION\nA\.send +SAP +user alice +to send\n$/],
    [
      'user list',
      /^NAME +PASSWORD +LOCKED +ROLES +GROUPS +DESCRIPTION\nalice +true +false +A\.send, B\.read +partners +from ACME\n$/,
    ],
    ['group list', /^NAME +ROLES +MEMBERS +DESCRIPTION\npartners +A\.send +alice\n$/],
    ['mapping list --user ERP', /^ID +USER +VALID UNTIL +CHANGED BY\na{32} +erp +2026-03-01 [\d:]+ +me\n$/],
    [
      'trust list',
      /^FINGERPRINT +NAME +KIND +ORIGIN +VALID TO +SUBJECT\n1{64} +Partner +ca +administrator .*CN=Partner\n/,
    ],
    [
      'policy show',
      /^methods +certificate,bearer\n(.*\n)*lock-after +5\n\nAddresses with a policy of their own: \/http\/orders\n$/,
    ],
    ['policy show --endpoint /http/orders', /^require +any\nnetworks +10\.0\.0\.0\/8\n$/],
    ['user roles alice', /^A\.send\nB\.read\n$/],
    ['group members partners', /^alice\n$/],
    ['role download A.send B.read', /^\{"roles":\["A\.send","B\.read"\]\}\n$/],
  ]
  for (const [line, expected] of listings) {
    it(`${line} shows what is there`, async () => {
      const ran = await run(line.split(' '))
      assert.deepEqual([ran.code, ran.err], [0, ''])
      assert.match(ran.out, expected)
      assert.deepEqual(api.writes(), [])
    })
  }

  it('lists are lists and times are ISO in JSON', async () => {
    const users = JSON.parse((await run(['user', 'list', '--json'])).out) as Record<string, unknown>[]
    assert.deepEqual(
      [users[0]?.Roles, users[0]?.Locked, 'Password' in (users[0] ?? {})],
      [['A.send', 'B.read'], false, false],
    )
    const anchors = JSON.parse((await run(['trust', 'list', '--json'])).out) as Record<string, unknown>[]
    assert.equal(anchors[0]?.ValidTo, '2026-03-01T12:00:00.000Z')
    const policy = JSON.parse((await run(['policy', 'show', '--json'])).out) as Record<string, unknown>
    assert.deepEqual(policy.methods, ['certificate', 'bearer'])
  })

  const changes: [string, string, unknown][] = [
    ['role create B.read --description read', 'POST UserRoles', { Name: 'B.read', Description: 'read' }],
    ['role delete A.send', "DELETE UserRoles('A.send')", ''],
    ['user lock alice', "PUT Users('alice')", { Locked: true }],
    ['user unlock alice', "PUT Users('alice')", { Locked: false }],
    ['user delete alice', "DELETE Users('alice')", ''],
    [
      'user roles alice --add C.send --remove A.send --add B.read',
      "PUT Users('alice')",
      { Roles: '["B.read","C.send"]' },
    ],
    ['user create erp --no-password', 'POST Users', { Name: 'erp', Description: '', Roles: '[]' }],
    [
      'group create crew --role A.send --member alice --member bob',
      'POST UserGroups',
      { Name: 'crew', Description: '', Roles: '["A.send"]', Members: '["alice","bob"]' },
    ],
    ['group members partners --add bob --remove alice', "PUT UserGroups('partners')", { Members: '["bob"]' }],
    ['group roles partners --add B.read', "PUT UserGroups('partners')", { Roles: '["A.send","B.read"]' }],
    ['group delete partners', "DELETE UserGroups('partners')", ''],
    ['mapping remove erp', `DELETE CertificateUserMappings('${'a'.repeat(32)}')`, ''],
    ['trust remove Partner', `DELETE TrustAnchors('${'1'.repeat(64)}')`, ''],
    ['trust remove 11111111', `DELETE TrustAnchors('${'1'.repeat(64)}')`, ''],
    [
      'policy set methods=certificate,bearer lock-after=3 public-roots=true certificate-outside=off networks=',
      "PUT InboundPolicies('tenant')",
      {
        Methods: '["certificate","bearer"]',
        LockAfter: 3,
        PublicRoots: true,
        CertificateOutside: 'null',
        Networks: '[]',
      },
    ],
    ['policy set --endpoint /http/orders require=all', "PUT InboundPolicies('/http/orders')", { Require: 'all' }],
    ['policy set --endpoint /http/new require=all', 'POST InboundPolicies', { Address: '/http/new', Require: 'all' }],
    ['policy remove /http/orders', "DELETE InboundPolicies('/http/orders')", ''],
  ]
  for (const [line, write, body] of changes) {
    it(`${line} changes it`, async () => {
      const ran = await run(line.split(' '))
      assert.deepEqual([ran.code, ran.err], [0, ''])
      assert.deepEqual([api.writes(), bodies()], [[write], [body]])
    })
  }

  it('passwords come from standard input, and never from an argument', async () => {
    assert.equal((await run(['user', 'create', 'bob', '--role', 'A.send'], 'a long password\n')).code, 0)
    assert.deepEqual(bodies(), [{ Name: 'bob', Description: '', Roles: '["A.send"]', Password: 'a long password' }])
    const changed = await run(['user', 'set-password', 'alice'], 'another password\n')
    assert.equal(changed.code, 0)
    assert.ok(!changed.out.includes('another password'))
    assert.deepEqual(bodies()[1], { Password: 'another password' })
    assert.equal((await run(['user', 'create', 'bob'], '')).code, 1)
    const given = await run(['user', 'set-password', 'alice', '--password', 'x'])
    assert.equal(given.code, 2)
  })

  it('asks for no password for a user that is not there', async () => {
    const ran = await run(['user', 'set-password', 'nobody', '--json'], 'a long password\n')
    assert.equal(ran.code, 1)
    assert.equal((JSON.parse(ran.err) as { code: string }).code, 'cli.notFound')
    assert.deepEqual(api.writes(), [])
  })

  it('sends certificates, and no private key that lies beside them', async () => {
    assert.equal((await run(['mapping', 'add', '--user', 'erp', '--cert', 'both.pem'])).code, 0)
    assert.equal((await run(['trust', 'add', 'both.pem', '--name', 'Erp'])).code, 0)
    const [mapping, anchor] = bodies() as Record<string, string>[]
    assert.deepEqual(
      [mapping?.User, Buffer.from(mapping?.Certificate ?? '', 'base64').toString()],
      ['erp', certificate],
    )
    assert.deepEqual(anchor, { Certificate: certificate, Name: 'Erp' })
    const refused = await run(['trust', 'add', 'only.key', '--json'])
    assert.equal((JSON.parse(refused.err) as { code: string }).code, 'cli.privateKeyGiven')
    assert.equal(api.writes().length, 2)
  })

  it('does not choose where several are meant', async () => {
    for (const line of ['trust remove Twice', 'mapping remove shop', 'mapping remove bbbbbbbb']) {
      const ran = await run([...line.split(' '), '--json'])
      assert.equal((JSON.parse(ran.err) as { code: string }).code, 'cli.entryAmbiguous', line)
    }
    const unknown = await run(['trust', 'remove', 'Nobody'])
    assert.deepEqual(unknown.err, 'sluice: There is no trust anchor Nobody.\nSee sluice trust list.\n')
    assert.deepEqual(api.writes(), [])
  })

  it('names every wrong setting of a policy at once and changes none', async () => {
    const ran = await run(['policy', 'set', 'method=basic', 'lock-after=some', 'public-roots=yes', 'require=all'])
    assert.equal(ran.code, 2)
    assert.match(
      ran.err,
      /method is no setting, did you mean methods\?\nlock-after must be a whole number.*\npublic-roots must be/,
    )
    assert.equal((await run(['policy', 'set'])).code, 2)
    assert.deepEqual(api.writes(), [])
  })

  it('says what the server says', async () => {
    api.routes['POST UserRoles'] = errorReply(409, 'identity.roleTaken', 'There is a role A.send already.')
    const ran = await run(['role', 'create', 'A.send'])
    assert.equal(ran.code, 1)
    assert.match(ran.err, /There is a role A\.send already\./)
  })
})
