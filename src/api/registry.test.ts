import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { answersOf } from '../../test/kit/api-answers.ts'

const api = await newTestApi()
after(api.dispose)
const { made, status } = answersOf(api)

describe('user roles', () => {
  it('are created, shown with their owner, changed and deleted', async () => {
    const role = await made('UserRoles', { Name: 'orders.send', Description: 'Sends orders' })
    assert.deepEqual([role.Owner, role.CreatedBy, role.UsedBy], ['Tenant Administrator', 'ann', '[]'])
    assert.equal((await status("PUT /UserRoles('orders.send')", { Description: 'Orders' }))[0], 204)
    assert.equal((await status("PUT /UserRoles('orders.send')", {}))[0], 204)
    assert.equal((await api.read("GET /UserRoles('orders.send')")).Description, 'Orders')
    assert.equal((await api.read("GET /UserRoles('ESBMessaging.send')")).Owner, 'SAP')
    assert.equal((await status("DELETE /UserRoles('orders.send')"))[0], 204)
    assert.equal((await status("GET /UserRoles('orders.send')"))[0], 404)
  })

  it('are downloaded as they are pasted into parameters', async () => {
    await made('UserRoles', { Name: 'a' })
    await made('UserRoles', { Name: 'b' })
    const one = await api.ask("GET /DownloadUserRoles?Names='ESBMessaging.send'")
    assert.equal(String(one.body), '{"roles":["ESBMessaging.send"]}')
    assert.equal(one.headers['content-type'], 'application/json')
    assert.equal(String((await api.ask("GET /DownloadUserRoles?Names='b, a'")).body), '{"roles":["b","a"]}')
    assert.ok(JSON.parse(String((await api.ask('GET /DownloadUserRoles')).body)).roles.includes('API.invoke'))
    const [code, words] = await status("GET /DownloadUserRoles?Names='a,zz,yy'")
    assert.equal(code, 404)
    assert.match(words, /no user roles 'zz', 'yy'/)
  })

  it('are refused with what is wrong', async () => {
    await made('UserRoles', { Name: 'used' })
    await made('Users', { Name: 'u-used', Roles: '["used"]' })
    for (const [line, body, code, words] of [
      ['POST /UserRoles', {}, 400, /'Name' cannot be empty/],
      ['POST /UserRoles', { Name: 'a b' }, 400, /cannot be saved/],
      ['POST /UserRoles', { Name: 'used' }, 409, /There is a user role 'used' already/],
      ['POST /UserRoles', { Name: 'CredentialsEdit' }, 409, /name of a role for the management API/],
      ["PUT /UserRoles('ESBMessaging.send')", { Description: 'x' }, 409, /predefined/],
      ["PUT /UserRoles('none')", { Description: 'x' }, 404, /Requested entity could not be found/],
      ["DELETE /UserRoles('ESBMessaging.send')", undefined, 409, /predefined/],
      ["DELETE /UserRoles('used')", undefined, 409, /assigned to user 'u-used'/],
    ] as const) {
      const answer = await status(line, body)
      assert.equal(answer[0], code, `${line} ${answer[1]}`)
      assert.match(answer[1], words)
    }
  })
})

describe('users and groups', () => {
  it('show what they have, and no password', async () => {
    const user = await made('Users', {
      Name: 'Bob',
      Description: 'd',
      Password: 'correct horse battery',
      Roles: '["ESBMessaging.send"]',
    })
    assert.deepEqual(
      [user.Password, user.HasPassword, user.Roles, user.Groups, user.Locked],
      [null, true, '["ESBMessaging.send"]', '[]', false],
    )
    const group = await made('UserGroups', { Name: 'senders', Roles: '["ESBMessaging.send"]', Members: '["bob"]' })
    assert.equal(group.Members, '["Bob"]')
    for (const accept of ['application/json', 'application/atom+xml'])
      for (const line of ['GET /Users', "GET /Users('Bob')", "GET /Users?$filter=startswith(Password,'corr')"]) {
        const answer = await api.ask(line, { headers: { accept } })
        assert.equal(answer.status, 200)
        assert.doesNotMatch(String(answer.body), /argon2|horse/)
      }
    assert.equal((await api.read("GET /Users('Bob')")).Groups, '["senders"]')
  })

  it('keep what an update does not name', async () => {
    assert.equal((await status("PUT /Users('Bob')", { Locked: true }))[0], 204)
    const locked = await api.read("GET /Users('Bob')")
    assert.deepEqual([locked.Locked, locked.HasPassword, locked.Description], [true, true, 'd'])
    assert.equal((await status("PUT /UserGroups('senders')", { Description: 'new' }))[0], 204)
    const group = await api.read("GET /UserGroups('senders')")
    assert.deepEqual([group.Description, group.Members, group.Roles], ['new', '["Bob"]', '["ESBMessaging.send"]'])
  })

  it('are refused with what is wrong', async () => {
    for (const [line, body, code, words] of [
      ['POST /Users', { Password: 'x' }, 400, /'Name' cannot be empty/],
      ['POST /Users', { Name: 'short', Password: 'too short' }, 400, /12 to 1000 characters/],
      ['POST /Users', { Name: 'bob' }, 409, /There is a user 'Bob' already/],
      ['POST /Users', { Name: 'x', Roles: 'ESBMessaging.send' }, 400, /'Roles' is not JSON: .*line 1, column 1/],
      ['POST /Users', { Name: 'x', Roles: '{}' }, 400, /'Roles' cannot be used: it must be a list/],
      ['POST /Users', { Name: 'x', Locked: 'yes' }, 400, /'Locked' must be true or false/],
      ['POST /Users', { Name: 'x', Secret: 'y' }, 400, /User has no property 'Secret'/],
      ["PUT /Users('none')", {}, 404, /Requested entity could not be found/],
      ["DELETE /Users('none')", undefined, 404, /Requested entity could not be found/],
      ['POST /UserGroups', {}, 400, /'Name' cannot be empty/],
      ['POST /UserGroups', { Name: 'g', Members: '["nobody"]' }, 400, /there is no user 'nobody'/],
      ['POST /UserGroups', { Name: 'senders' }, 409, /There is a user group 'senders' already/],
      ["PUT /UserGroups('none')", {}, 404, /Requested entity could not be found/],
      ["DELETE /UserGroups('none')", undefined, 404, /Requested entity could not be found/],
    ] as const) {
      const answer = await status(line, body)
      assert.equal(answer[0], code, `${line} ${answer[1]}`)
      assert.match(answer[1], words)
    }
  })

  it('are deleted', async () => {
    assert.equal((await status("DELETE /Users('Bob')"))[0], 204)
    assert.equal((await api.read("GET /UserGroups('senders')")).Members, '[]')
    assert.equal((await status("DELETE /UserGroups('senders')"))[0], 204)
    assert.deepEqual((await api.read("GET /UserGroups?$filter=Name eq 'senders'")).results, [])
  })
})

describe('service instances', () => {
  it('take the parameters of the original, and always show all of them', async () => {
    const instance = await made('ServiceInstances', {
      Name: 'shop',
      Plan: 'integration-flow',
      Parameters: '{"roles":["ESBMessaging.send",], /* later more */ "token-validity": 7200}',
    })
    assert.deepEqual(JSON.parse(instance.Parameters), {
      'grant-types': ['client_credentials'],
      'redirect-uris': [],
      roles: ['ESBMessaging.send'],
      'token-validity': 7200,
    })
    const path = `/ServiceInstances('${instance.Id}')`
    assert.equal((await status(`PUT ${path}`, { Name: 'shop 2', Parameters: '{"token-validity":3600}' }))[0], 204)
    const changed = await api.read(`GET ${path}`)
    assert.deepEqual(
      [changed.Name, JSON.parse(changed.Parameters).roles, JSON.parse(changed.Parameters)['token-validity']],
      ['shop 2', ['ESBMessaging.send'], 3600],
    )
    const absent = await made('ServiceInstances', { Name: 'plain', Plan: 'integration-flow' })
    assert.deepEqual(JSON.parse(absent.Parameters).roles, ['ESBMessaging.send'])
    assert.equal((await status(`DELETE ${path}`))[0], 204)
    assert.equal((await status(`GET ${path}`))[0], 404)
  })

  it('are refused with what is wrong', async () => {
    const { Id } = await made('ServiceInstances', { Name: 'taken', Plan: 'integration-flow' })
    const create = (Parameters: string, Plan = 'integration-flow') =>
      ['POST /ServiceInstances', { Name: 'n', Plan, Parameters }] as const
    for (const [[line, body], code, words] of [
      [['POST /ServiceInstances', {}], 400, /'Name' cannot be empty.*'Plan' cannot be empty/],
      [
        ['POST /ServiceInstances', { Name: 'taken', Plan: 'api', Parameters: '{"roles":["MonitoringDataRead"]}' }],
        409,
        /There is a service instance 'taken' already/,
      ],
      [create('{}', 'gold'), 400, /plan 'gold'/],
      [create('{"roles":["ESBMessaging.send"}'), 400, /'Parameters' is not JSON: .*line 1, column 30/],
      [create('{"role":["x"]}'), 400, /'role' is not known \(known are roles, /],
      [create('{"roles":["nobody.knows"]}'), 400, /unknown role 'nobody.knows'/],
      [create('{"roles":["ESBmessaging.send"]}'), 400, /did you mean 'ESBMessaging.send'/],
      [create('{"token-validity":60}'), 400, /3600 to 86400/],
      [create('{"grant-types":["magic"]}'), 400, /magic/],
      [create('{"redirect-uris":["ftp://x"]}'), 400, /ftp:\/\/x/],
      [create('{}', 'api'), 400, /at least one role/],
      [
        [`PUT /ServiceInstances('${Id}')`, { Plan: 'api' }],
        409,
        /is of the plan integration-flow, which cannot be changed/,
      ],
      [["PUT /ServiceInstances('none')", {}], 404, /Requested entity could not be found/],
      [["DELETE /ServiceInstances('none')", undefined], 404, /Requested entity could not be found/],
    ] as const) {
      const answer = await status(line, body)
      assert.equal(answer[0], code, `${line} ${JSON.stringify(body)} ${answer[1]}`)
      assert.match(answer[1], words)
    }
  })
})

describe('policies', () => {
  it('of the tenant are always there and change in part', async () => {
    const before = await api.read("GET /InboundPolicies('tenant')")
    assert.deepEqual([before.CertificateOutside, before.Require], [null, null])
    const change = {
      Methods: '["certificate","bearer"]',
      CertificateOutside: '["10.0.0.0/8"]',
      MinimumRsaBits: 3072,
      ClientRatePerSecond: 50,
    }
    assert.equal((await status("PUT /InboundPolicies('tenant')", change))[0], 204)
    const after = await api.read("GET /InboundPolicies('tenant')")
    assert.deepEqual({ ...before, ...change }, after)
    assert.equal(
      (
        await status("PUT /InboundPolicies('tenant')", {
          CertificateOutside: 'null',
          MinimumRsaBits: 2048,
          Methods: before.Methods,
        })
      )[0],
      204,
    )
    assert.equal((await api.read("GET /InboundPolicies('tenant')")).CertificateOutside, null)
  })

  it('of endpoints narrow it, by their addresses', async () => {
    const policy = await made('InboundPolicies', {
      Address: '/http/orders',
      Methods: '["certificate"]',
      Networks: '["192.0.2.0/24"]',
      EndpointRatePerSecond: 5,
      EndpointRateBurst: 10,
    })
    assert.deepEqual(
      [policy.Methods, policy.Require, policy.LockAfter, policy.EndpointRateBurst],
      ['["certificate"]', 'any', null, 10],
    )
    const path = `/InboundPolicies('${encodeURIComponent('/http/orders')}')`
    assert.equal((await status(`PUT ${path}`, { Methods: '["certificate","bearer"]', Require: 'all' }))[0], 204)
    const changed = await api.read(`GET ${path}`)
    assert.deepEqual([changed.Require, changed.Networks, changed.EndpointRatePerSecond], ['all', '["192.0.2.0/24"]', 5])
    for (const Methods of ['[]', 'null']) {
      assert.equal((await status(`PUT ${path}`, { Methods, Require: 'any' }))[0], 204)
      assert.equal((await api.read(`GET ${path}`)).Methods, null)
      assert.equal((await status(`PUT ${path}`, { Methods: '["bearer"]', ChannelCertificates: 'names' }))[0], 204)
    }
    assert.equal((await status(`PUT ${path}`, { ChannelCertificates: '' }))[0], 204)
    const last = await api.read(`GET ${path}`)
    assert.deepEqual([last.Methods, last.ChannelCertificates], ['["bearer"]', null])
    assert.equal((await status(`DELETE ${path}`))[0], 204)
    assert.deepEqual((await api.read('GET /InboundPolicies')).results.length, 1)
  })

  it('are refused with what is wrong', async () => {
    for (const [line, body, code, words] of [
      ['POST /InboundPolicies', {}, 400, /'Address' cannot be empty/],
      ['POST /InboundPolicies', { Address: 'tenant' }, 409, /always there/],
      [
        'POST /InboundPolicies',
        { Address: '/http/x', LockAfter: 3 },
        400,
        /'LockAfter' cannot be used: it holds for the whole tenant/,
      ],
      ['POST /InboundPolicies', { Address: '/http/x', Networks: '["everywhere"]' }, 400, /everywhere/],
      ['POST /InboundPolicies', { Address: '/http/x', Methods: '["magic"]' }, 400, /magic/],
      ["PUT /InboundPolicies('tenant')", { Require: 'all' }, 400, /'Require' cannot be used/],
      ["PUT /InboundPolicies('tenant')", { Methods: '[]' }, 400, /methods needs at least one/],
      ["PUT /InboundPolicies('tenant')", { Revocation: 'maybe' }, 400, /maybe/],
      ["PUT /InboundPolicies('tenant')", { MinimumRsaBits: 512 }, 400, /512/],
      ["PUT /InboundPolicies('%2Fnone')", {}, 404, /Requested entity could not be found/],
      ["DELETE /InboundPolicies('tenant')", undefined, 409, /always there/],
      ["DELETE /InboundPolicies('%2Fnone')", undefined, 404, /Requested entity could not be found/],
    ] as const) {
      const answer = await status(line, body)
      assert.equal(answer[0], code, `${line} ${answer[1]}`)
      assert.match(answer[1], words)
    }
  })
})
