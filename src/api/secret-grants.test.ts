import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { flowBundle, mainProcess, messageEnd, messageStart, receiverChannel, step } from '../../test/kit/bundle.ts'
import { newTestApi } from '../../test/kit/api.ts'

const address = (alias: string, basis = 'administrator') =>
  `/SecretGrants(FlowId='Orders',Kind='credential',Alias='${alias}',Basis='${basis}')`

describe('grants of secrets to flows', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  before(async () => {
    api = await newTestApi()
    const body = await flowBundle({
      id: 'Orders',
      files: { 'a.groovy': 'x.getUserCredential(name)' },
      channels: [receiverChannel('HTTP', 'Call', { authenticationMethod: 'Basic', credentialName: 'ERP' })],
      processes: [mainProcess([messageStart(), step('Call', 'ExternalCall'), messageEnd()])],
    })
    const deployed = await api.ask('POST /IntegrationRuntimeArtifacts', {
      body,
      headers: { 'content-type': 'application/zip' },
    })
    assert.equal(deployed.status, 202, String(deployed.body))
  })
  after(() => api.dispose())

  const put = (body: object) =>
    api.ask('POST /SecretGrants', { body: { FlowId: 'Orders', Kind: 'credential', ...body } })
  const rows = async (query = '') =>
    (await api.read(`GET /SecretGrants${query}`)).results.map(
      // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
      (row: any) => `${row.FlowId} ${row.Kind} ${row.Alias} ${row.Basis} ${row.Allowed}`,
    )
  const inferred = ['Orders credential ERP model true', 'Orders credential * script true']

  it('are what deployed flows ask for, with the place', async () => {
    assert.deepEqual(await rows(), inferred)
    const place = encodeURI("/SecretGrants?$filter=Basis eq 'script'")
    assert.equal((await api.read(`GET ${place}`)).results[0].Place, 'a.groovy:1')
  })

  it('are given by an administrator, and taken back', async () => {
    const created = await put({ Alias: 'CRM' })
    assert.equal(created.status, 201, String(created.body))
    const { d } = JSON.parse(String(created.body))
    assert.deepEqual([d.Alias, d.Basis, d.Allowed, d.ModifiedBy], ['CRM', 'administrator', true, 'ann'])
    assert.deepEqual(await rows(), [...inferred, 'Orders credential CRM administrator true'])
    assert.equal(api.services.secrets.grants.extra('Orders').added[0]?.alias, 'CRM')
    assert.equal((await api.ask(`DELETE ${address('CRM')}`)).status, 204)
    assert.deepEqual(await rows(), inferred)
    assert.equal((await api.ask(`DELETE ${address('CRM')}`)).status, 404)
  })

  it('are taken away from a flow that asks for them, and shown as such', async () => {
    assert.equal((await put({ Alias: 'ERP', Allowed: false })).status, 201)
    assert.deepEqual(await rows("?$filter=FlowId%20eq%20'Orders'"), [
      'Orders credential ERP model false',
      'Orders credential * script true',
      'Orders credential ERP administrator false',
    ])
    assert.deepEqual(await rows("?$filter=FlowId%20eq%20'Other'"), [])
    assert.equal((await api.ask(`DELETE ${address('ERP')}`)).status, 204)
  })

  it('of the model and of scripts cannot be removed', async () => {
    assert.equal((await api.ask(`DELETE ${address('ERP', 'model')}`)).status, 400)
    assert.equal((await api.ask(`DELETE ${address('*', 'script')}`)).status, 400)
    assert.deepEqual(await rows(), inferred)
  })

  for (const [what, body] of [
    ['another kind', { Kind: 'password', Alias: 'x' }],
    ['no alias', {}],
    ['no flow', { FlowId: '', Alias: 'x' }],
    ['an alias with a line break', { Alias: 'a\nb' }],
  ] as const)
    it(`refuses ${what}`, async () => {
      assert.equal((await put(body)).status, 400)
      assert.deepEqual(await rows(), inferred)
    })
})
