import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { textOf } from '../kit/caller.ts'
import { moduleFlow } from '../kit/flows.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

const says = (text: string): string => `message.body = '${text}'`
const reads = (alias: string): string => `message.services.secureStore.getUserCredential('${alias}')`

/** An installation in which what flows may use grows only with the word of a second person. */
describe('capabilities under four eyes', () => {
  let sluice: RunningSluice
  const file = (name: string): string => join(sluice.folder, name)
  before(async () => {
    sluice = await startSluice()
    await sluice.cli('policy', 'set', 'capabilities=fourEyes')
    await sluice.cli('service-instance', 'create', 'boss', '--plan', 'api', '--role', 'FlowCapabilitiesApprove')
    await sluice.cli('service-key', 'create', 'boss', 'key', '--type', 'secret', '--out', file('boss.json'))
  })
  after(() => sluice.dispose())

  /** The command line of another person. */
  const boss = (...words: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { folder, controlUrl } = sluice
      const own = { SLUICE_DATA: folder, SLUICE_URL: controlUrl, SLUICE_KEY: file('boss.json') }
      execFile(
        process.execPath,
        ['src/cli/main.ts', ...words],
        { env: { ...process.env, ...own } },
        (error, out, err) => (error ? reject(new Error(out + err)) : resolve(out)),
      )
    })

  async function deploy(id: string, script: string): Promise<string> {
    writeFileSync(file(`${id}.zip`), await moduleFlow(id, script))
    return sluice.cli('deploy', file(`${id}.zip`))
  }

  const call = (path: string): Promise<string> => textOf(sluice.runtimeUrl, sluice, `/http/${path}`, 'x')

  /** An approval deploys: the new version answers a moment later. */
  async function answers(path: string, expected: string): Promise<void> {
    for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const text = await call(path)
      if (text === expected) return
      assert.ok(Date.now() < end, text)
    }
  }

  it('a flow that wants nothing needs nobody', async () => {
    await deploy('Orders', says('one'))
    assert.equal(await call('Orders'), 'one')
  })

  it('growth is refused with what grows, and the version before keeps running', async () => {
    const grown = `${says('two')}\nif (message.headers.get('never')) ${reads('ERP')}`
    await assert.rejects(deploy('Orders', grown), /credential ERP \(script, s\.js:3\)[^]*sluice capabilities approve/)
    assert.equal(await call('Orders'), 'one')
    assert.match(await sluice.cli('check', file('Orders.zip'), '--against-deployed'), /grows[^]*credential +ERP/)
    assert.match(await boss('capabilities', 'list'), /Orders +WAITING/)
  })

  it('who deployed it cannot approve it; another person can, and it runs', async () => {
    await assert.rejects(sluice.cli('capabilities', 'approve', 'Orders'), /four eyes/)
    assert.equal(await call('Orders'), 'one')
    assert.match(await boss('capabilities', 'approve', 'Orders'), /approved {2}Orders[^]*credential +ERP/)
    await answers('Orders', 'two')
    assert.match(await sluice.cli('audit', 'list', '--json'), /credential ERP \(script, s\.js:3\)/)
  })

  it('what was approved needs nobody again, also after a restart', async () => {
    await deploy('Orders', `${says('three')}\nif (message.headers.get('never')) ${reads('ERP')}`)
    assert.equal(await call('Orders'), 'three')
    await sluice.end()
    sluice = await sluice.startAgain()
    assert.equal(await call('Orders'), 'three')
    assert.match(await boss('capabilities', 'list'), /Orders +ADMITTED/)
  })

  it('what was rejected stays out', async () => {
    await assert.rejects(deploy('Orders', `${says('four')}\n${reads('CRM')}`), /credential CRM/)
    await boss('capabilities', 'reject', 'Orders')
    await assert.rejects(sluice.cli('deploy', file('Orders.zip')), /rejected it/)
    assert.equal(await call('Orders'), 'three')
  })

  it('a call that the manifest does not name fails the message, and is audited', async () => {
    const hidden = `message.services.valueMapping['getMapped' + 'Value']({ agency: 'A', schema: 's', value: 'v' }, { agency: 'B', schema: 't' })`
    await deploy('Hidden', hidden)
    await call('Hidden')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.match(await sluice.cli('logs', '--flow', 'Hidden', '--json'), /"FAILED"/)
    assert.match(await sluice.cli('audit', 'list', '--json'), /"A\/s > B\/t"/)
  })
})
