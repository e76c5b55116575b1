import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'

import { newTestApi } from '../../../test/kit/api.ts'
import { artifactBundle, flowBundle, mainProcess, messageEnd, messageStart, step } from '../../../test/kit/bundle.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'
import { receivers, senders } from '../../adapters/index.ts'
import { inferCapabilities, readBundle } from '../../flow/index.ts'
import { steps } from '../../steps/index.ts'

const flow = (script: string) =>
  flowBundle({
    id: 'Orders',
    files: { 'a.groovy': script },
    processes: [
      mainProcess([
        messageStart(),
        step('Own', 'Script', { subActivityType: 'GroovyScript', script: 'a.groovy' }),
        step('Shared', 'Script', { subActivityType: 'GroovyScript', script: 's.groovy', scriptBundleId: 'Scripts' }),
        messageEnd(),
      ]),
    ],
  })
const first = `x.getUserCredential('ERP')`
const second = `${first}\nx.getUserCredential('CRM')`

/** Against the API itself. */
describe('capabilities on the command line', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>
  const run = (...argv: string[]) => sluice(argv, { folder: server.folder })
  const file = (name: string, content: Buffer) => writeFileSync(join(server.folder, name), content)

  beforeEach(async () => {
    real = await newTestApi()
    server = await serveManagementApi({}, async ({ method, path, body, headers }) => {
      const type = headers['content-type']
      const given = { body: Buffer.from(body), ...(type !== undefined && { headers: { 'content-type': type } }) }
      const answer = await real.ask(`${method} /${path}`, given)
      return { status: answer.status, headers: answer.headers, raw: answer.body }
    })
    file('one.zip', await flow(first))
    file('two.zip', await flow(second))
    file('scripts.zip', await artifactBundle('ScriptCollection', 'Scripts', { 's.groovy': `x.getUserCredential('S')` }))
  })
  afterEach(async () => {
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })

  /** As the process of the tenant does. */
  const admit = async (script: string, policy: 'allow' | 'approval') =>
    real.services.secrets.capabilities.admit({
      manifest: inferCapabilities(await readBundle(await flow(script)), { steps, senders, receivers }),
      policy,
      deployedBy: 'dev',
      deployedAt: 1,
      started: false,
    })

  it('show has the collections that a flow calls, and what these may use for themselves', async () => {
    const { out } = await run('capabilities', 'show', 'one.zip', 'scripts.zip')
    assert.match(out, /^Scripts\n[^]*credential +S +script[^]*^Orders\n[^]*scriptCollection +Scripts +model/m)
    assert.doesNotMatch(out.slice(out.indexOf('\nOrders\n')), /credential +S /)
  })

  it('diff ends with 1 where a version grows', async () => {
    assert.equal((await run('capabilities', 'diff', 'two.zip', 'one.zip')).code, 0)
    const { code, out } = await run('capabilities', 'diff', 'one.zip', 'two.zip')
    assert.equal(code, 1)
    assert.match(out, /Orders {2}grows[^]*credential +CRM +script +a\.groovy:2/)
  })

  it('check says what grows against what is deployed', async () => {
    await admit(first, 'allow')
    const same = await run('check', 'one.zip', '--against-deployed')
    assert.match(same.out, /Against what is deployed: does not grow/)
    const grown = await run('check', 'two.zip', '--against-deployed')
    assert.match(grown.out, /Against what is deployed: grows\n\nAdded\n[^]*credential +CRM/)
    assert.doesNotMatch((await run('check', 'two.zip')).out, /Against what is deployed/)
  })

  it('list shows what waits, approve lets it in', async () => {
    await admit(first, 'allow')
    await assert.rejects(admit(second, 'approval'), /credential CRM \(script, a\.groovy:2\)/)
    assert.match((await run('capabilities', 'list')).out, /Orders +WAITING +1 +dev/)
    const shown = (await run('capabilities', 'list', 'Orders')).out
    assert.match(shown, /May use\n[^]*credential +ERP[^]*Wants besides\n[^]*credential +CRM/)
    const { code, out } = await run('capabilities', 'approve', 'Orders')
    assert.deepEqual([code, out.split('\n')[0]], [0, 'approved  Orders'])
    assert.match(out, /credential +CRM/)
    await admit(second, 'approval')
    assert.match((await run('capabilities', 'list')).out, /Orders +ADMITTED +0 +dev +ann/)
  })

  it('reject keeps it out', async () => {
    await assert.rejects(admit(second, 'approval'))
    assert.equal((await run('capabilities', 'reject', 'Orders')).code, 0)
    await assert.rejects(admit(second, 'approval'), /ann rejected it/)
    assert.match((await run('capabilities', 'list')).out, /REJECTED/)
  })

  it('approve refuses what nobody deployed, and what was not seen', async () => {
    assert.match((await run('capabilities', 'approve', 'Other')).err, /Other/)
    await assert.rejects(admit(second, 'approval'))
    assert.equal((await run('capabilities', 'approve', 'Orders', '--fingerprint', 'x')).code, 1)
    await assert.rejects(admit(second, 'approval'))
  })
})
