import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { flowBundle, mainProcess, messageEnd, messageStart, step } from '../kit/bundle.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

/** A tenant that deploys no script with a mistake that CodeNarc finds. */
describe('scripts that are read before they are deployed', () => {
  const folder = temporaryFolder('review')
  let sluice: RunningSluice
  before(async () => {
    sluice = await startSluice()
  })
  after(() => sluice?.dispose())

  async function deploy(id: string, body: string): Promise<string> {
    const file = join(folder, `${id}.zip`)
    const script = step('Run', 'Script', { subActivityType: 'GroovyScript', script: 's.groovy' })
    const files = { 's.groovy': `def processData(message) {\n${body}\n}` }
    const processes = [mainProcess([messageStart(), script, messageEnd()])]
    writeFileSync(file, await flowBundle({ id, processes, files }))
    return sluice.cli('deploy', file)
  }
  const dead = 'return message\nmessage.body = 1'

  it('are told about, and not refused, where no policy asks', async () => {
    await deploy('Before', dead)
    assert.match(await sluice.cli('review', 'Before'), /codenarc\.DeadCode\n[^]*at s\.groovy:3/)
  })

  it('are refused with place and rule where one does', async () => {
    await sluice.cli('policy', 'set', 'lint-stop=codenarc.DeadCode')
    await assert.rejects(deploy('Dead', dead), /codenarc\.DeadCode at s\.groovy:3/)
    await assert.rejects(deploy('Broken', 'def a = ('), /not-reviewed at s\.groovy:\d/)
    await deploy('Good', 'message.body = 1\nmessage')
    assert.match(await sluice.cli('review', 'Good'), /^No rule is broken\.\n$/)
  })
})
