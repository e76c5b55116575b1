import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../../test/kit/api.ts'
import {
  artifactBundle,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  step,
} from '../../../test/kit/bundle.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

const flow = flowBundle({
  id: 'Orders',
  parameters: { box: 'ERP' },
  files: { 'a.groovy': 'x.getUserCredential(name)' },
  channels: [receiverChannel('HTTP', 'Call', { authenticationMethod: 'Basic', credentialName: '{{box}}' })],
  processes: [
    mainProcess([
      messageStart(),
      step('Shared', 'Script', { subActivityType: 'GroovyScript', script: 's.groovy', scriptBundleId: 'Scripts' }),
      step('Call', 'ExternalCall'),
      messageEnd(),
    ]),
  ],
})

/** Against the API itself. */
describe('which flow may use which secret', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>
  const run = (...argv: string[]) => sluice(argv, { folder: server.folder })

  before(async () => {
    real = await newTestApi()
    server = await serveManagementApi({}, async ({ method, path, body, headers }) => {
      const type = headers['content-type']
      const given = { body: Buffer.from(body), ...(type !== undefined && { headers: { 'content-type': type } }) }
      const answer = await real.ask(`${method} /${path.replace(/\?.*$/s, encodeURI)}`, given)
      return { status: answer.status, headers: answer.headers, raw: answer.body }
    })
    await real.ask('POST /IntegrationRuntimeArtifacts', {
      body: await flow,
      headers: { 'content-type': 'application/zip' },
    })
    writeFileSync(join(server.folder, 'orders.zip'), await flow)
    const files = { 's.groovy': `x.getUserCredential('SHARED')` }
    writeFileSync(join(server.folder, 'scripts.zip'), await artifactBundle('ScriptCollection', 'Scripts', files))
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })

  /** Alias, basis and whether it is allowed, of the flow. */
  const listed = async () =>
    (JSON.parse((await run('grants', 'list', 'Orders', '--json')).out) as Record<string, unknown>[]).map(
      (row) => `${String(row['Kind'])} ${String(row['Alias'])} ${String(row['Basis'])} ${String(row['Allowed'])}`,
    )
  const inferred = ['credential ERP model true', 'credential * script true']

  it('list shows the grants of a flow, or of all', async () => {
    assert.deepEqual(await listed(), inferred)
    assert.match((await run('grants', 'list')).out, /^FLOW.*\nOrders +credential +ERP +model +true +\S/)
    assert.match((await run('grants', 'list', 'Other')).out, /No flow may use a secret/)
  })

  it('add gives one, remove takes it back', async () => {
    assert.deepEqual(await run('grants', 'add', 'Orders', '--key', 'sign'), {
      code: 0,
      err: '',
      out: 'added  Orders  key  sign\n',
    })
    assert.deepEqual(await listed(), [...inferred, 'key sign administrator true'])
    assert.equal((await run('grants', 'remove', 'Orders', '--key', 'sign')).code, 0)
    assert.deepEqual(await listed(), inferred)
    assert.equal((await run('grants', 'remove', 'Orders', '--key', 'sign')).code, 1)
  })

  it('remove keeps away what the flow asks for, until reset', async () => {
    for (const [alias, expected] of [
      ['ERP', ['credential ERP model false', 'credential * script true', 'credential ERP administrator false']],
      ['*', ['credential ERP model true', 'credential * script false', 'credential * administrator false']],
      // Covered by * alone.
      ['CRM', [...inferred, 'credential CRM administrator false']],
    ] as const) {
      assert.equal((await run('grants', 'remove', 'Orders', '--credential', alias)).code, 0)
      assert.deepEqual(await listed(), expected)
      assert.equal((await run('grants', 'reset', 'Orders', '--credential', alias)).code, 0)
      assert.deepEqual(await listed(), inferred)
    }
  })

  it('says that a secret must be named', async () => {
    for (const verb of ['add', 'remove', 'reset']) {
      const { code, err } = await run('grants', verb, 'Orders')
      assert.equal(code, 2)
      assert.match(err, /--credential, --key or --impersonation/)
    }
  })

  it('check shows what a flow would get, with the collections beside it', async () => {
    assert.match(
      (await run('check', 'orders.zip')).out,
      /^may use: credential ERP \(model\), credential \* \(script: any\)$/m,
    )
    const { out } = await run('check', 'orders.zip', 'scripts.zip', '--param', 'box=CRM', '--json')
    const reports = JSON.parse(out) as { id: string; grants: { alias: string; basis: string; allowed: boolean }[] }[]
    assert.deepEqual(reports.find(({ id }) => id === 'Orders')?.grants, [
      { kind: 'credential', alias: 'CRM', basis: 'model', allowed: true },
      { kind: 'credential', alias: '*', basis: 'script', allowed: true },
      { kind: 'credential', alias: 'SHARED', basis: 'script', allowed: true },
    ])
    assert.deepEqual(reports.find(({ id }) => id === 'Scripts')?.grants, [])
  })
})
