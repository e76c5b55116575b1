import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import {
  artifactBundle,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  senderChannel,
} from '../../../test/kit/bundle.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { errorReply, type Routes, serveManagementApi } from '../../../test/kit/management-api.ts'
import { readBundle } from '../../flow/index.ts'

const flow = (id: string): Promise<Buffer> =>
  flowBundle({
    id,
    parameters: { address: '/orders', 'role name': 'ESBMessaging.send' },
    channels: [senderChannel('HTTPS', { urlPath: '{{address}}' })],
    processes: [mainProcess([messageStart(), messageEnd()])],
  })

const started = (id: string, type = 'Integration'): Routes => ({
  [`POST ${type}DesigntimeArtifacts`]: { status: 201 },
  [`POST Deploy${type}DesigntimeArtifact?Id='${id}'&Version='active'`]: { status: 202, raw: `task-${id}` },
  [`GET BuildAndDeployStatus(TaskId='task-${id}')`]: { d: { Status: 'SUCCESS' } },
  [`GET IntegrationRuntimeArtifacts('${id}')`]: { d: { Id: id, Version: '1.0.0', Status: 'STARTED' } },
})

const endpoints = (id: string, url: string) => ({
  d: { results: [{ Name: id, EntryPoints: { results: [{ Name: id, Url: url }] } }] },
})

describe('deploy', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  const run = (...argv: string[]) => sluice(['deploy', ...argv], { folder: api.folder })

  before(async () => {
    api = await serveManagementApi({})
    writeFileSync(join(api.folder, 'orders.zip'), await flow('Orders'))
    writeFileSync(join(api.folder, 'text.zip'), 'no zip')
    writeFileSync(
      join(api.folder, 'scripts.zip'),
      await artifactBundle('ScriptCollection', 'Scripts', { 'a.groovy': 'x' }),
    )
    const mapping = { 'value_mapping.xml': '<?xml version="1.0" encoding="UTF-8"?><vm version="2.0"/>' }
    writeFileSync(join(api.folder, 'values.zip'), await artifactBundle('ValueMapping', 'Values', mapping))
  })
  beforeEach(() => {
    for (const route of Object.keys(api.routes)) delete api.routes[route]
    api.received.length = 0
  })
  after(() => api[Symbol.asyncDispose]())

  it('creates the package and the artifact, deploys, waits and prints the address', async () => {
    let polls = 0
    Object.assign(api.routes, started('Orders'), {
      'POST IntegrationPackages': { status: 201 },
      "GET BuildAndDeployStatus(TaskId='task-Orders')": () => ({
        d: { Status: polls++ === 0 ? 'DEPLOYING' : 'SUCCESS' },
      }),
      'GET ServiceEndpoints': endpoints('Orders', 'https://localhost:8443/http/orders'),
    })
    const ran = await run('orders.zip', '--package', 'Sales')
    assert.deepEqual(ran, { code: 0, err: '', out: 'STARTED  Orders  1.0.0\n  https://localhost:8443/http/orders\n' })
    assert.equal(polls, 2)
    assert.deepEqual(api.writes(), [
      'POST IntegrationPackages',
      'POST IntegrationDesigntimeArtifacts',
      "POST DeployIntegrationDesigntimeArtifact?Id='Orders'&Version='active'",
    ])
    const [created, artifact] = api.received
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => body && (JSON.parse(body) as Record<string, string>))
    assert.deepEqual(created, { Id: 'Sales', Name: 'Sales', ShortText: 'Sales', Version: '1.0.0' })
    const { ArtifactContent = '', ...rest } = artifact as Record<string, string>
    assert.deepEqual(rest, { Name: 'Orders', Id: 'Orders', PackageId: 'Sales' })
    assert.equal((await readBundle(Buffer.from(ArtifactContent, 'base64'))).id, 'Orders')
  })

  it('changes what is there, sets the parameters given and leaves the package alone', async () => {
    const address = "IntegrationDesigntimeArtifacts(Id='Orders',Version='active')"
    Object.assign(api.routes, started('Orders'), {
      [`GET ${address}`]: { d: { Id: 'Orders', PackageId: 'Sales' } },
      [`PUT ${address}`]: {},
      [`PUT ${address}/$links/Configurations('role name')`]: { status: 202 },
      'GET ServiceEndpoints': { d: { results: [] } },
    })
    const ran = await run('orders.zip', '--param', 'role name=Orders.send', '--json')
    assert.equal(ran.code, 0)
    assert.deepEqual(JSON.parse(ran.out), [
      {
        id: 'Orders',
        type: 'IntegrationFlow',
        version: '1.0.0',
        status: 'STARTED',
        endpoints: [],
        problems: [],
        grants: [],
      },
    ])
    assert.deepEqual(api.writes(), [
      `PUT ${address}`,
      `PUT ${address}/$links/Configurations('role name')`,
      "POST DeployIntegrationDesigntimeArtifact?Id='Orders'&Version='active'",
    ])
    assert.equal(api.received.find(({ path }) => path.includes('$links'))?.body, '{"ParameterValue":"Orders.send"}')
  })

  it('says which secrets the flow may use', async () => {
    const grants = [
      { Kind: 'credential', Alias: 'ERP', Basis: 'model', Allowed: true },
      { Kind: 'key', Alias: '*', Basis: 'script', Allowed: true },
    ]
    const given = (reply: object) =>
      Object.assign(api.routes, started('Orders'), {
        'POST IntegrationPackages': { status: 201 },
        'GET ServiceEndpoints': { d: { results: [] } },
        "GET SecretGrants?$filter=FlowId eq 'Orders'": reply,
      })
    given({ d: { results: grants } })
    const { out } = await run('orders.zip', '--package', 'Sales')
    assert.equal(out, 'STARTED  Orders  1.0.0\n  may use: credential ERP (model), key * (script: any)\n')
    const [outcome] = JSON.parse((await run('orders.zip', '--package', 'Sales', '--json')).out)
    assert.deepEqual(outcome.grants[1], { kind: 'key', alias: '*', basis: 'script', allowed: true })
    given(errorReply(403, 'api.roleMissing', 'no'))
    const refused = await run('orders.zip', '--package', 'Sales')
    assert.deepEqual([refused.code, /may use: not shown, .*MonitoringDataRead/.test(refused.out)], [0, true])
  })

  it('deploys under another id', async () => {
    Object.assign(api.routes, started('Orders2'), {
      'GET IntegrationPackages': {},
      "GET IntegrationPackages('Default')": { d: { Id: 'Default' } },
      'GET ServiceEndpoints': { d: { results: [] } },
    })
    assert.equal((await run('orders.zip', '--id', 'Orders2')).code, 0)
    const posted = api.received.find(({ path }) => path === 'IntegrationDesigntimeArtifacts')
    const { Id, PackageId, ArtifactContent } = JSON.parse(posted?.body ?? '') as Record<string, string>
    assert.deepEqual([Id, PackageId], ['Orders2', 'Default'])
    assert.equal((await readBundle(Buffer.from(ArtifactContent ?? '', 'base64'))).id, 'Orders2')
  })

  it('deploys collections and mappings before flows, and makes a value mapping anew', async () => {
    const values = "ValueMappingDesigntimeArtifacts(Id='Values',Version='active')"
    Object.assign(
      api.routes,
      started('Orders'),
      started('Scripts', 'ScriptCollection'),
      started('Values', 'ValueMapping'),
      {
        [`GET ${values}`]: { d: { Id: 'Values', PackageId: 'Default' } },
        [`DELETE ${values}`]: {},
        "GET IntegrationPackages('Default')": { d: { Id: 'Default' } },
        'GET ServiceEndpoints': { d: { results: [] } },
      },
    )
    const ran = await run('orders.zip', 'values.zip', 'scripts.zip')
    assert.deepEqual(ran, {
      code: 0,
      err: '',
      out: 'STARTED  Scripts  1.0.0\nSTARTED  Values  1.0.0\nSTARTED  Orders  1.0.0\n',
    })
    const kinds = api.writes().map((write) => write.replace(/[(?].*/, ''))
    assert.deepEqual(kinds.slice(2, 5), [
      'DELETE ValueMappingDesigntimeArtifacts',
      'POST ValueMappingDesigntimeArtifacts',
      'POST DeployValueMappingDesigntimeArtifact',
    ])
  })

  it('prints every problem with place and remedy when the flow does not start', async () => {
    const problems = [
      { code: 'flow.x', message: 'One is wrong.', remedy: 'Mend one.', place: 'Orders.iflw:7, Script_1' },
      { code: 'flow.y', message: 'Two is wrong.', remedy: 'Mend two.', place: '' },
    ]
    Object.assign(api.routes, started('Orders'), {
      "GET IntegrationPackages('Default')": { d: { Id: 'Default' } },
      "GET BuildAndDeployStatus(TaskId='task-Orders')": { d: { Status: 'FAIL' } },
      "GET IntegrationRuntimeArtifacts('Orders')": { d: { Id: 'Orders', Version: '1.0.0', Status: 'ERROR' } },
      "GET IntegrationRuntimeArtifacts('Orders')/ErrorInformation/$value": {
        raw: JSON.stringify({ message: {}, parameter: ['x'], problems }),
      },
    })
    assert.deepEqual(await run('orders.zip'), {
      code: 1,
      err: '',
      out: 'ERROR  Orders  1.0.0\n  One is wrong.\n    at Orders.iflw:7, Script_1\n    Mend one.\n  Two is wrong.\n    Mend two.\n',
    })
  })

  it('does not wait when told so', async () => {
    Object.assign(api.routes, started('Orders'), { "GET IntegrationPackages('Default')": { d: { Id: 'Default' } } })
    assert.deepEqual(await run('orders.zip', '--no-wait'), { code: 0, err: '', out: 'STARTING  Orders\n' })
    assert.ok(!api.received.some(({ path }) => path.startsWith('BuildAndDeployStatus')))
  })

  it('tries the other artifacts when the server refuses one', async () => {
    Object.assign(api.routes, started('Orders'), started('Scripts', 'ScriptCollection'), {
      "GET IntegrationPackages('Default')": { d: { Id: 'Default' } },
      'POST ScriptCollectionDesigntimeArtifacts': errorReply(400, 'design.x', 'The collection is bad.'),
      'GET ServiceEndpoints': { d: { results: [] } },
    })
    const ran = await run('orders.zip', 'scripts.zip')
    assert.equal(ran.code, 1)
    assert.match(
      ran.out,
      /^ERROR {2}Scripts {2}1\.0\.0\n {2}The server answered 400: The collection is bad\.\n[^]*STARTED {2}Orders/,
    )
  })

  const wrong: [string, string[], number, RegExp][] = [
    [
      'a parameter that no artifact has',
      ['orders.zip', '--param', 'adress=/x'],
      2,
      /--param adress: no artifact has this parameter, did you mean address\?/,
    ],
    [
      'one id for two artifacts',
      ['orders.zip', 'scripts.zip', '--id', 'X'],
      2,
      /--id fits a single artifact only; there are 2/,
    ],
    ['a file that is no zip', ['orders.zip', 'text.zip'], 1, /no complete zip archive.*text\.zip/],
    ['a file that is not there', ['none.zip'], 1, /none\.zip cannot be read: it does not exist/],
    ['a file that is no bundle', [join('data', 'quickstart', 'ca.pem')], 1, /^sluice: .+\n.+\n$/],
  ]
  for (const [what, argv, code, err] of wrong) {
    it(`refuses ${what} before it changes anything`, async () => {
      const ran = await run(...argv)
      assert.equal(ran.code, code)
      assert.match(ran.err, err)
      assert.deepEqual(api.writes(), [])
    })
  }

  it('refuses to move an artifact to another package', async () => {
    api.routes["GET IntegrationDesigntimeArtifacts(Id='Orders',Version='active')"] = {
      d: { Id: 'Orders', PackageId: 'Sales' },
    }
    const ran = await run('orders.zip', '--package', 'Other')
    assert.equal(ran.code, 1)
    assert.match(ran.out, /^ERROR {2}Orders {2}1\.0\.0\n {2}Orders is in package Sales already, not in Other\.\n/)
    assert.deepEqual(api.writes(), [])
  })
})
