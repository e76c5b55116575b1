import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { artifactBundle, flowBundle, mainProcess, messageEnd, messageStart } from '../../test/kit/bundle.ts'
import type { Services } from './services.ts'

const check: Services['check'] = ({ id }) =>
  id === 'Broken'
    ? {
        problems: [
          {
            code: 'flow.x',
            message: 'Step X is not supported.',
            remedy: 'Remove it.',
            place: { element: 'CallActivity_7' },
          },
        ],
      }
    : { problems: [] }
const api = await newTestApi({ check })
after(api.dispose)

const flow = (id: string) =>
  flowBundle({ id, name: `Flow ${id}`, processes: [mainProcess([messageStart(), messageEnd()])] })
await api.ask('POST /IntegrationPackages', { body: { Id: 'P', Name: 'P', ShortText: 's' } })
for (const id of ['Good', 'Broken']) {
  const content = (await flow(id)).toString('base64')
  await api.ask('POST /IntegrationDesigntimeArtifacts', {
    body: { Id: id, Name: `Flow ${id}`, PackageId: 'P', ArtifactContent: content },
  })
}
const mapping = (await artifactBundle('MessageMapping', 'Map', { 'x.mmap': '' })).toString('base64')
await api.ask('POST /MessageMappingDesigntimeArtifacts', {
  body: { Id: 'Map', Name: 'Map', PackageId: 'P', ArtifactContent: mapping },
})
for (const type of ['ScriptCollection', 'ValueMapping']) {
  await api.ask(`POST /${type}DesigntimeArtifacts`, { body: { Id: type, Name: type, PackageId: 'P' } })
}

const deploy = (type: string, id: string, version = 'active') =>
  api.ask(`POST /Deploy${type}DesigntimeArtifact?Id='${id}'&Version='${version}'`)
const taskStatus = async (task: string) => (await api.read(`GET /BuildAndDeployStatus(TaskId='${task}')`)).Status

/** Says what the tenant's process would say. */
async function started(id: string, path?: string) {
  const { generation } = (await api.stores.deployments.find(id)) ?? assert.fail(`${id} is not deployed`)
  const endpoints = path ? [{ artifactId: id, protocol: 'REST', path }] : []
  await api.stores.deployments.report({ artifactId: id, generation, status: 'STARTED', fault: undefined, endpoints })
}

describe('deployment', () => {
  it('answers a task that can be followed until the flow runs', async () => {
    assert.equal((await api.ask("GET /IntegrationRuntimeArtifacts('Good')")).status, 404)
    const answer = await deploy('Integration', 'Good', 'Active')
    assert.deepEqual([answer.status, answer.headers['content-type']], [202, 'text/plain;charset=utf-8'])
    const task = String(answer.body)
    assert.match(task, /^[0-9a-f-]{36}$/)
    assert.ok(api.notified.includes('Good'))
    assert.equal(await taskStatus(task), 'DEPLOYING')
    assert.equal((await api.read("GET /IntegrationRuntimeArtifacts('Good')")).Status, 'STARTING')
    await started('Good', '/http/good')
    assert.equal(await taskStatus(task), 'SUCCESS')
    const found = await api.read("GET /IntegrationRuntimeArtifacts('Good')?$format=json")
    assert.deepEqual(
      [found.Id, found.Version, found.Name, found.Type, found.DeployedBy, found.DeployedOn, found.Status],
      ['Good', '1.0.0', 'Flow Good', 'INTEGRATION_FLOW', 'ann', `/Date(${api.time.now})/`, 'STARTED'],
    )
    assert.deepEqual(found.ErrorInformation, {
      __deferred: { uri: "https://localhost:9443/api/v1/IntegrationRuntimeArtifacts('Good')/ErrorInformation" },
    })
    assert.equal((await api.ask("GET /IntegrationRuntimeArtifacts('Good')/ErrorInformation/$value")).status, 204)
  })

  it('of a flow that cannot run fails in the task and in the artifact, with all that is wrong', async () => {
    const answer = await deploy('Integration', 'Broken')
    assert.equal(answer.status, 202)
    assert.equal(await taskStatus(String(answer.body)), 'FAIL')
    assert.equal((await api.read("GET /IntegrationRuntimeArtifacts('Broken')")).Status, 'ERROR')
    const error = await api.ask("GET /IntegrationRuntimeArtifacts('Broken')/ErrorInformation/$value")
    assert.equal(error.headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(String(error.body)), {
      message: {
        subsystemName: 'CONTENT',
        subsystemPartName: 'CONTENT_DEPLOY',
        messageId: 'api.checkFailed',
        messageText: "'Broken' cannot be deployed: one problem was found. Correct what is listed and deploy again.",
      },
      parameter: ['Step X is not supported. (CallActivity_7)'],
      problems: [
        { code: 'flow.x', message: 'Step X is not supported.', remedy: 'Remove it.', place: 'CallActivity_7' },
      ],
    })
    assert.equal((await api.read("GET /IntegrationRuntimeArtifacts('Broken')/ErrorInformation")).Id, 'Broken')
  })

  it('of a message mapping fails with the words that clients look for', async () => {
    assert.equal((await deploy('MessageMapping', 'Map')).status, 202)
    const error = JSON.parse(
      String((await api.ask("GET /IntegrationRuntimeArtifacts('Map')/ErrorInformation/$value")).body),
    )
    assert.match(error.parameter.join(), /validation of resource is failed/)
  })

  it('works for script collections and value mappings', async () => {
    for (const [type, shown] of [
      ['ScriptCollection', 'SCRIPT_COLLECTION'],
      ['ValueMapping', 'VALUE_MAPPING'],
    ] as const) {
      assert.equal((await deploy(type, type)).status, 202)
      assert.equal((await api.read(`GET /IntegrationRuntimeArtifacts('${type}')`)).Type, shown)
    }
  })

  it('of what is not there is 404, without parameters 400', async () => {
    assert.equal((await deploy('Integration', 'none')).status, 404)
    assert.equal((await deploy('ValueMapping', 'Good')).status, 404)
    assert.equal((await deploy('Integration', 'Good', '9.9.9')).status, 404)
    assert.equal((await api.ask("POST /DeployIntegrationDesigntimeArtifact?Id='Good'")).status, 400)
    assert.equal((await api.ask("GET /DeployIntegrationDesigntimeArtifact?Id='Good'&Version='active'")).status, 405)
    const task = await api.ask("GET /BuildAndDeployStatus(TaskId='none')")
    assert.equal(task.status, 404)
    assert.match(String(task.body), /Requested entity could not be found/)
  })

  it('takes a zip as it is, or as a file of a form', async () => {
    const zip = await flow('Direct')
    const raw = await api.ask('POST /IntegrationRuntimeArtifacts', {
      body: zip,
      headers: { 'content-type': 'application/zip' },
    })
    assert.equal(raw.status, 202, String(raw.body))
    assert.deepEqual(await api.stores.deployments.content('Direct'), zip)
    const form = Buffer.concat([
      Buffer.from(
        '--b1\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--b1\r\nContent-Disposition: form-data; name="BinaryFile"; filename="x.zip"\r\nContent-Type: application/zip\r\n\r\n',
      ),
      await flow('Form'),
      Buffer.from('\r\n--b1--\r\n'),
    ])
    assert.equal(
      (
        await api.ask('POST /IntegrationRuntimeArtifacts', {
          body: form,
          headers: { 'content-type': 'multipart/form-data; boundary=b1' },
        })
      ).status,
      202,
    )
    assert.equal((await api.read("GET /IntegrationRuntimeArtifacts('Form')")).Name, 'Flow Form')
    for (const [body, type] of [
      [Buffer.from('x'), 'application/zip'],
      [form.subarray(0, 200), 'multipart/form-data; boundary=b1'],
      [zip.subarray(0, 300), 'application/zip'],
    ] as const) {
      assert.equal(
        (await api.ask('POST /IntegrationRuntimeArtifacts', { body, headers: { 'content-type': type } })).status,
        400,
      )
    }
  })

  it('is listed, filtered and counted', async () => {
    const ids = async (query: string) =>
      (await api.read(`GET /IntegrationRuntimeArtifacts?${query}`)).results.map(({ Id }: { Id: string }) => Id)
    assert.deepEqual(await ids("$filter=Status eq 'ERROR'&$orderby=Id desc"), ['Map', 'Broken'])
    assert.deepEqual(await ids("$filter=Id eq 'Good' or Id eq 'Map'"), ['Good', 'Map'])
    assert.equal((await api.ask("GET /IntegrationRuntimeArtifacts/$count?$filter=Status eq 'STARTED'")).body, '1')
    assert.equal((await api.ask("GET /IntegrationRuntimeArtifacts('Good')?$select=Status")).status, 200)
    assert.equal(
      ((await api.ask("GET /IntegrationRuntimeArtifacts('Good')/$value")).body as Buffer).subarray(0, 2).toString(),
      'PK',
    )
  })
})

describe('service endpoints', () => {
  it('hold the addresses under which a flow is called', async () => {
    const { results } = await api.read('GET /ServiceEndpoints?$expand=EntryPoints,ApiDefinitions')
    assert.deepEqual(
      results.map((one: Record<string, unknown>) => [one.Name, one.Id, one.Title, one.Protocol, one.LastUpdated]),
      [['Good', 'Good$endpointAddress=/http/good', 'Flow Good', 'REST', `/Date(${api.time.now})/`]],
    )
    assert.equal(results[0].EntryPoints.results[0].Url, 'https://localhost:8443/http/good')
    assert.deepEqual(results[0].ApiDefinitions, { results: [] })
    assert.equal((await api.ask("GET /ServiceEndpoints/$count?$filter=Protocol eq 'SOAP'")).body, '0')
    const id = encodeURIComponent(results[0].Id)
    assert.equal((await api.read(`GET /ServiceEndpoints('${id}')/EntryPoints`)).results.length, 1)
  })
})

describe('log levels', () => {
  it('are set per flow, in two ways', async () => {
    const ways = ["PUT /LogConfigurations('Good')", "PUT /IntegrationRuntimeArtifacts('Good')/$links/LogLevel"]
    for (const [way, LogLevel] of [
      [ways[0], 'TRACE'],
      [ways[1], 'debug'],
    ] as const) {
      assert.equal((await api.ask(way ?? '', { body: { LogLevel } })).status, 202)
      assert.equal((await api.read("GET /LogConfigurations('Good')")).LogLevel, LogLevel.toUpperCase())
    }
    assert.equal((await api.read("GET /IntegrationRuntimeArtifacts('Good')/LogLevel")).LogLevel, 'DEBUG')
    const inline = "GET /IntegrationRuntimeArtifacts('Good')?$expand=LogLevel"
    assert.equal((await api.read(inline)).LogLevel.LogLevel, 'DEBUG')
    assert.equal((await api.ask(inline, { roles: ['WorkspaceArtifactsDeploy'] })).status, 403)
    assert.equal((await api.ask(ways[0] ?? '', { body: { LogLevel: 'LOUD' } })).status, 400)
    assert.equal((await api.ask("PUT /LogConfigurations('none')", { body: { LogLevel: 'INFO' } })).status, 404)
    const levels = (await api.read('GET /LogConfigurations')).results
    assert.ok(levels.some((one: Record<string, unknown>) => one.ArtifactId === 'Direct' && one.LogLevel === 'INFO'))
  })
})

it('undeploying answers 202, and 404 the second time', async () => {
  assert.equal((await api.ask("DELETE /IntegrationRuntimeArtifacts('Good')")).status, 202)
  assert.equal(api.notified.at(-1), 'Good')
  const second = await api.ask("DELETE /IntegrationRuntimeArtifacts('Good')")
  assert.equal(second.status, 404)
  assert.match(String(second.body), /Requested entity could not be found/)
  assert.deepEqual((await api.read('GET /ServiceEndpoints')).results, [])
})
