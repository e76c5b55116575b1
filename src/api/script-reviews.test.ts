import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { flowBundle, mainProcess, messageEnd, messageStart } from '../../test/kit/bundle.ts'
import { createDeployedReviews } from '../lint/index.ts'
import { faults } from '../scripts/faults.ts'

const bundle = (id: string, files: Readonly<Record<string, string>>) =>
  flowBundle({ id, processes: [mainProcess([messageStart(), messageEnd()])], files })

describe('what rules find in deployed scripts', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  before(async () => {
    api = await newTestApi()
    for (const [id, files] of [
      ['Orders', { 'a.groovy': `println 'x'` }],
      ['Plain', {}],
    ] as const)
      await deploy(await bundle(id, files))
  })
  after(() => api.dispose())

  async function deploy(body: Buffer): Promise<void> {
    const headers = { 'content-type': 'application/zip' }
    assert.equal((await api.ask('POST /IntegrationRuntimeArtifacts', { body, headers })).status, 202)
  }

  it('is shown by artifact, of our rules and of CodeNarc', async () => {
    const { Id, CodeNarc, Reason, Findings } = await api.read("GET /ScriptReviews('Orders')")
    assert.deepEqual([Id, CodeNarc, Reason], ['Orders', 'ran', null])
    const found = JSON.parse(Findings) as { code: string; file: string; line: number; advice: string }[]
    assert.deepEqual(
      found.map(({ code, file, line }) => `${code} ${file}:${line}`),
      ['print a.groovy:1', 'codenarc.DeadCode a.groovy:3'],
    )
    assert.ok(found.every(({ advice }) => advice !== ''))
    assert.equal((await api.read("GET /ScriptReviews('Plain')")).CodeNarc, 'nothing to read')
  })

  it('is asked for one by one, by who may follow deployments', async () => {
    assert.equal((await api.ask("GET /ScriptReviews('Other')")).status, 404)
    assert.equal((await api.ask('GET /ScriptReviews')).status, 405)
    assert.equal((await api.ask("GET /ScriptReviews('Orders')", { roles: ['UsersRead'] })).status, 403)
  })

  it('is read once for a deployment, and again where CodeNarc could not run', async () => {
    let reviews = 0
    let fails = true
    const deployed = createDeployedReviews({
      deployments: api.services.deployments,
      codeNarc: {
        async review(scripts) {
          reviews += 1
          if (fails) throw faults.reviewFailed({ why: 'no memory' })
          return scripts.map(() => ({ found: [] }))
        },
      },
    })
    const status = async () => (await deployed('Orders'))?.codeNarc.status
    assert.equal(await status(), 'failed')
    fails = false
    assert.deepEqual(await Promise.all([status(), status(), status()]), ['ran', 'ran', 'ran'])
    assert.equal(reviews, 2)
    await deploy(await bundle('Orders', { 'b.groovy': '1' }))
    assert.deepEqual([await status(), reviews], ['ran', 3])
  })
})
