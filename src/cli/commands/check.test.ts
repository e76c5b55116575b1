import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import {
  flowBundle,
  flowFiles,
  mainProcess,
  messageEnd,
  messageStart,
  senderChannel,
  step,
} from '../../../test/kit/bundle.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { writeZip } from '../../formats/index.ts'

const good = (id: string) => ({
  id,
  parameters: { size: '40' },
  channels: [
    senderChannel('HTTPS', {
      urlPath: '/orders',
      maximumBodySize: '{{size}}',
      userRole: 'ESBMessaging.send',
      senderAuthType: 'RoleBased',
    }),
  ],
  processes: [mainProcess([messageStart(), messageEnd()])],
})
const bad = {
  ...good('Bad'),
  processes: [mainProcess([messageStart(), step('Strange_1', 'NoSuchStep'), messageEnd()])],
}

describe('check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-check-'))
  const run = (...argv: string[]) => sluice(['check', ...argv], { folder })

  before(async () => {
    writeFileSync(join(folder, 'good.zip'), await flowBundle(good('Good')))
    writeFileSync(join(folder, 'bad.zip'), await flowBundle(bad))
    const scripted = { ...good('Scripted'), files: { 'a.groovy': `Eval.me('1')\nprintln 'x'` } }
    writeFileSync(join(folder, 'scripted.zip'), await flowBundle(scripted))
    for (const [path, content] of flowFiles(good('Folder'))) {
      mkdirSync(join(folder, 'flow', dirname(path)), { recursive: true })
      writeFileSync(join(folder, 'flow', path), content)
    }
    const resources = [
      { id: 'a'.repeat(32), uniqueId: 'Package', resourceType: 'ContentPackage', name: 'Package' },
      ...['Good', 'Bad'].map((name, index) => ({
        id: `${index}`.repeat(32),
        uniqueId: name,
        resourceType: 'IFlow',
        name,
      })),
    ]
    const entries: [string, Buffer][] = [
      ['resources.cnt', Buffer.from(Buffer.from(JSON.stringify({ resources })).toString('base64'))],
      [`${'0'.repeat(32)}_content`, await flowBundle(good('Good'))],
      [`${'1'.repeat(32)}_content`, await flowBundle(bad)],
    ]
    writeFileSync(join(folder, 'package.zip'), await writeZip(entries))
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const source of ['good.zip', 'flow']) {
    it(`accepts ${source}, without a server`, async () => {
      const { code, out, err } = await run(source)
      assert.deepEqual([code, err], [0, ''])
      assert.match(
        out,
        /^(Good|Folder) {2}IntegrationFlow {2}deployable\n\nRUNS +KIND +TYPE +NAME +PROCESS\nyes +channel +HTTPS/,
      )
    })
  }

  it('names what cannot be run, where it stands and what to do', async () => {
    const { code, out } = await run('bad.zip')
    assert.equal(code, 1)
    assert.match(out, /^Bad {2}IntegrationFlow {2}not deployable$/m)
    assert.match(out, /^no +step +NoSuchStep +Strange_1 +Integration Process$/m)
    assert.match(out, /\nProblems\n {2}'Strange_1' is a NoSuchStep.*\n {4}at .*Bad\.iflw.*Strange_1\n {4}\S/)
  })

  it('checks every artifact of a package export', async () => {
    const { code, out } = await run('package.zip')
    assert.equal(code, 1)
    assert.match(out, /1 of 2 artifacts are deployable\.\n$/)
  })

  it('takes values for parameters', async () => {
    assert.equal((await run('good.zip', '--param', 'size=lots')).code, 1)
  })

  it('is JSON for programs', async () => {
    const { out } = await run('package.zip', '--json')
    const reports = JSON.parse(out) as { id: string; supported: boolean; problems: unknown[] }[]
    assert.deepEqual(
      reports.map(({ id, supported, problems }) => [id, supported, problems.length]),
      [
        ['Good', true, 0],
        ['Bad', false, 1],
      ],
    )
  })

  it('says what is wrong with a file that is none', async () => {
    writeFileSync(join(folder, 'text.zip'), 'no zip')
    const { code, err } = await run('text.zip', '--json')
    assert.equal(code, 1)
    assert.deepEqual(Object.keys(JSON.parse(err) as object).slice(0, 3), ['code', 'message', 'remedy'])
  })

  it('says what is dangerous in scripts, and fails where it is told to', async () => {
    const { code, out } = await run('scripted.zip')
    assert.equal(code, 0)
    assert.match(out, /dynamic-code[\s\S]*at a\.groovy:1[\s\S]*print[\s\S]*at a\.groovy:2/)
    assert.equal((await run('scripted.zip', '--stop', 'print')).code, 1)
    assert.equal((await run('scripted.zip', '--stop', 'tls-checks-off')).code, 0)
    assert.equal((await run('scripted.zip', '--stop', 'nope')).code !== 0, true)
  })
})
