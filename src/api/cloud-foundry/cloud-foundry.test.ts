import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { type Ask, cloudFoundryUrl, newTestApi } from '../../../test/kit/api.ts'

const api = await newTestApi()
after(api.dispose)
const { cf } = api

const get = async (path: string) => {
  const answer = await cf(`GET ${path}`)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}
const guidOf = async (path: string) => (await get(path)).resources[0].guid
const data = (guid: string) => ({ data: { guid } })

const space = await guidOf('/spaces')
const plan = await guidOf('/service_plans?names=integration-flow')
const apiPlan = await guidOf('/service_plans?names=api')
const newInstance = (name: string, parameters: object = {}, service_plan = plan) =>
  cf('POST /service_instances', {
    body: {
      type: 'managed',
      name,
      parameters,
      relationships: { space: data(space), service_plan: data(service_plan) },
    },
  })
const newKey = (guid: string, name: string, parameters?: object) =>
  cf('POST /service_credential_bindings', {
    body: { type: 'key', name, relationships: { service_instance: data(guid) }, ...(parameters && { parameters }) },
  })
/** The path of an absolute address in an answer. */
const pathOf = (href = ''): string => {
  assert.ok(href.startsWith(cloudFoundryUrl), href)
  return href.slice(cloudFoundryUrl.length)
}

it('what there is of is found by its links', async () => {
  const { links } = await get('')
  assert.equal(links.self.href, cloudFoundryUrl)
  assert.equal((await get(pathOf(links.info.href))).version, 3)
  for (const name of ['organizations', 'spaces', 'service_offerings', 'service_plans']) {
    const { pagination, resources } = await get(pathOf(links[name].href))
    assert.equal(pagination.total_results, resources.length)
    for (const { guid, links: own } of resources) assert.equal((await get(pathOf(own.self.href))).guid, guid)
  }
  assert.equal((await get('/spaces')).resources[0].relationships.organization.data.guid, await guidOf('/organizations'))
  assert.deepEqual((await get('/service_plans?names=gold')).resources, [])
  assert.equal((await get('/service_plans?names=api&include=service_offering')).included.service_offerings.length, 1)
})

describe('a migration as the tool of the original makes it', () => {
  it('creates an instance and a key, and polls both', async () => {
    const organization = await guidOf('/organizations')
    assert.equal(await guidOf(`/spaces?organization_guids=${organization}`), space)
    const given = { 'grant-types': ['client_credentials'], 'redirect-uris': [], roles: ['ESBMessaging.send'] }
    const created = await newInstance('migrated', given)
    assert.equal(created.status, 202)
    const job = await get(pathOf(created.headers.location))
    assert.deepEqual([job.state, job.operation, job.errors], ['COMPLETE', 'service_instance.create', []])
    const instance = await get(pathOf(job.links.service_instances.href))
    assert.deepEqual(created.body, instance)
    assert.deepEqual(
      [instance.name, instance.type, instance.last_operation.state, instance.relationships.service_plan.data.guid],
      ['migrated', 'managed', 'succeeded', plan],
    )
    assert.match(instance.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.deepEqual(await get(`/service_instances/${instance.guid}/parameters`), { ...given, 'token-validity': 3600 })

    const { chain } = await api.issue('migrated')
    const bound = await newKey(instance.guid, 'key', {
      'X.509': chain.split('-----END')[0]?.replaceAll('\n', '') + '-----END CERTIFICATE-----',
    })
    assert.equal(bound.status, 202, JSON.stringify(bound.body))
    const found = await get(`/service_credential_bindings?service_instance_guids=${instance.guid},other&type=key`)
    const [binding] = found.resources
    assert.deepEqual(
      [binding.name, binding.type, binding.last_operation.state, binding.relationships.service_instance.data.guid],
      ['key', 'key', 'succeeded', instance.guid],
    )
    assert.equal(
      (await get(pathOf((await get(pathOf(bound.headers.location))).links.service_credential_bindings.href))).guid,
      binding.guid,
    )
    const { credentials } = await get(pathOf(binding.links.details.href))
    assert.match(credentials.certificatedetails.subjectdn, /CN=migrated/)
    assert.ok(credentials.certificatedetails.validuntil)
    assert.equal((await get(pathOf(binding.links.parameters.href)))['key-type'], 'certificate_external')
    assert.equal(JSON.stringify(found).includes('CERTIFICATE'), false)
  })

  it('changes and deletes', async () => {
    const { guid } = (await newInstance('to change')).body
    const changed = await cf(`PATCH /service_instances/${guid}`, {
      body: { name: 'changed', parameters: { 'token-validity': 7200 }, relationships: { service_plan: data(plan) } },
    })
    assert.equal(changed.status, 202)
    assert.equal((await get(`/service_instances/${guid}`)).name, 'changed')
    assert.equal((await get(`/service_instances/${guid}/parameters`))['token-validity'], 7200)
    const { guid: key } = (await newKey(guid, 'k')).body
    const removed = await cf(`DELETE /service_credential_bindings/${key}`)
    assert.deepEqual([removed.status, removed.body], [202, undefined])
    assert.equal((await get(pathOf(removed.headers.location))).state, 'COMPLETE')
    assert.equal((await cf(`GET /service_credential_bindings/${key}`)).status, 404)
    const { guid: other } = (await newKey(guid, 'with its instance')).body
    assert.equal((await cf(`DELETE /service_instances/${guid}`)).status, 202)
    for (const path of [`/service_instances/${guid}`, `/service_credential_bindings/${other}`])
      assert.equal((await cf(`GET ${path}`)).status, 404)
  })

  it('names of secrets and addresses are those of a service key', async () => {
    const { guid } = (await newInstance('secret of the api', { roles: ['MonitoringDataRead'] }, apiPlan)).body
    const { guid: key } = (await newKey(guid, 'k')).body
    const { credentials } = await get(`/service_credential_bindings/${key}/details`)
    assert.deepEqual(Object.keys(credentials).sort(), ['clientid', 'clientsecret', 'tokenurl', 'uaa', 'url'])
    assert.ok(api.identity.byClientSecret(credentials.clientid, credentials.clientsecret))
  })
})

describe('lists', () => {
  it('are filtered by every value named, page by page', async () => {
    const own = await newTestApi()
    const spaceOf = (await own.cf('GET /spaces')).body.resources[0].guid
    for (const name of ['a', 'b,c', 'd'])
      await own.cf('POST /service_instances', {
        body: { type: 'managed', name, relationships: { space: data(spaceOf), service_plan: data(plan) } },
      })
    const names = async (query: string) => {
      const { status, body } = await own.cf(`GET /service_instances?${query}`)
      assert.equal(status, 200, JSON.stringify(body))
      return body.resources.map(({ name }: Record<string, string>) => name)
    }
    for (const [query, expected] of [
      ['names=a,d&order_by=name', ['a', 'd']],
      ['names=a%2Cd&order_by=-name', ['d', 'a']],
      ['names=b%252Cc', ['b,c']],
      ['names=A', []],
      ['service_plan_names=api', []],
      [`service_plan_guids=${plan}&space_guids=${spaceOf}&order_by=name`, ['a', 'b,c', 'd']],
      ['space_guids=other', []],
      ['type=user-provided', []],
      ['fields[space]=guid&names=a', ['a']],
    ] as const)
      assert.deepEqual(await names(query), expected, query)
    const { body: first } = await own.cf(
      'GET /service_instances?per_page=2&order_by=name&service_plan_names=integration-flow',
    )
    assert.deepEqual(
      [first.pagination.total_results, first.pagination.total_pages, first.pagination.previous],
      [3, 2, null],
    )
    const { body: second } = await own.cf(`GET ${pathOf(first.pagination.next.href)}`)
    assert.deepEqual([second.resources.length, second.resources[0].name, second.pagination.next], [1, 'd', null])
    const { included } = (await own.cf('GET /service_instances?fields[service_plan.service_offering]=name')).body
    assert.deepEqual([included.service_plans.length, included.spaces.length], [2, 1])
    await own.dispose()
  })
})

describe('refusals have the shape of Cloud Foundry', () => {
  const relationships = { space: data(space), service_plan: data(plan) }
  const rows: readonly (readonly [string, Ask | undefined, number, number, string, RegExp])[] = [
    ['GET /apps', undefined, 404, 10_000, 'CF-NotFound', /Unknown request: GET \/apps/],
    ['PUT /service_instances', { body: {} }, 404, 10_000, 'CF-NotFound', /Unknown request/],
    ['GET /service_instances/none', undefined, 404, 10_010, 'CF-ResourceNotFound', /Service instance not found/],
    [
      'GET /service_credential_bindings/none/details',
      undefined,
      404,
      10_010,
      'CF-ResourceNotFound',
      /binding not found/,
    ],
    ['GET /jobs/none', undefined, 404, 10_010, 'CF-ResourceNotFound', /Job not found/],
    ['GET /spaces/none', undefined, 404, 10_010, 'CF-ResourceNotFound', /Space not found/],
    ['GET /service_instances?colour=red', undefined, 400, 10_005, 'CF-BadQueryParameter', /colour is not known/],
    ['GET /service_instances?per_page=0', undefined, 400, 10_005, 'CF-BadQueryParameter', /per_page must be/],
    ['GET /service_instances?page=x', undefined, 400, 10_005, 'CF-BadQueryParameter', /page must be/],
    ['GET /service_instances?order_by=size', undefined, 400, 10_005, 'CF-BadQueryParameter', /order_by must be/],
    ['GET /service_instances?label_selector=a', undefined, 400, 10_005, 'CF-BadQueryParameter', /not supported/],
    ['GET /service_instances', { roles: ['UsersRead'] }, 403, 10_003, 'CF-NotAuthorized', /ServiceInstancesRead/],
    [
      'POST /service_instances',
      { body: Buffer.from('{"type":'), headers: { 'content-type': 'application/json' } },
      400,
      1001,
      'CF-MessageParseError',
      /line 1, column 9/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'user-provided' } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /must be managed/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'managed', relationships } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /'name' cannot be empty/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'managed', name: 'n' } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /'space' is missing; 'service_plan' is missing/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'managed', name: 'n', relationships: { ...relationships, space: data('x') } } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /no such space/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'managed', name: 'n', relationships: { ...relationships, service_plan: data('x') } } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /no such service plan/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'managed', name: 'n', relationships, tags: ['x'] } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /'tags' is not kept here/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'managed', name: 'n', relationships, parameters: { role: [] } } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /'role' is not known/,
    ],
    [
      'POST /service_instances',
      { body: { type: 'managed', name: 'migrated', relationships } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /a service instance 'migrated' already/,
    ],
    [
      'POST /service_credential_bindings',
      { body: { type: 'app', relationships: {} } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /must be key/,
    ],
    [
      'POST /service_credential_bindings',
      { body: { type: 'key', name: 'n', relationships: { service_instance: data('x') } } },
      422,
      10_008,
      'CF-UnprocessableEntity',
      /no such service instance/,
    ],
  ]
  for (const [line, ask, status, code, title, words] of rows) {
    it(`${line} ${words.source}`, async () => {
      const answer = await cf(line, ask)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      const [error] = answer.body.errors
      assert.deepEqual([error.code, error.title], [code, title])
      assert.match(error.detail, words)
    })
  }

  it('a certificate that is registered already is refused, naming where', async () => {
    const { chain } = await api.issue('once')
    const { guid } = (await newInstance('first owner')).body
    const { guid: second } = (await newInstance('second owner')).body
    assert.equal((await newKey(guid, 'k', { 'X.509': chain })).status, 202)
    const refused = await newKey(second, 'k', { 'X.509': chain })
    assert.equal(refused.status, 422)
    assert.match(refused.body.errors[0].detail, /'first owner'/)
  })

  it('defects show a reference and nothing else', async () => {
    const own = await newTestApi({
      identity: {
        ...api.identity,
        instances: {
          ...api.identity.instances,
          list: () => {
            throw new Error('secret detail')
          },
        },
      },
    })
    const answer = await own.cf('GET /service_instances')
    await own.dispose()
    assert.deepEqual([answer.status, answer.body.errors[0].title], [500, 'UnknownError'])
    assert.doesNotMatch(JSON.stringify(answer.body), /secret detail/)
  })
})

describe('changes are taken from programs alone', () => {
  const body = { type: 'managed', name: 'forged', relationships: { space: data(space), service_plan: data(plan) } }
  const forged: readonly Ask[] = [
    { body, headers: { origin: 'https://evil.example' } },
    { body, headers: { origin: 'null' } },
    { body, headers: { cookie: 'a=b' } },
    { body, sessionId: 's1' },
    { body: Buffer.from(JSON.stringify(body)) },
    { body, headers: { 'content-type': 'text/plain' } },
    { body, headers: { 'content-type': 'application/jsonx' } },
    { body, headers: { 'content-type': 'multipart/form-data; x=application/json' } },
  ]
  for (const ask of forged) {
    it(JSON.stringify({ ...ask.headers, sessionId: ask.sessionId }), async () => {
      for (const method of ['basic', 'certificate', 'bearer'] as const) {
        const answer = await cf('POST /service_instances', { ...ask, method })
        assert.deepEqual([answer.status, answer.body.errors[0].title], [403, 'CF-NotAuthorized'])
      }
      assert.deepEqual((await get('/service_instances?names=forged')).resources, [])
    })
  }

  it('also deletions, which need no body', async () => {
    const { guid } = (await newInstance('to keep')).body
    for (const headers of [{ origin: 'https://evil.example' }, { cookie: 'a=b' }])
      assert.equal((await cf(`DELETE /service_instances/${guid}`, { headers, method: 'basic' })).status, 403)
    assert.equal((await cf(`DELETE /service_instances/${guid}`, { method: 'basic' })).status, 202)
  })
})
