import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, describe, it } from 'node:test'

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
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import { writeZip } from '../../formats/index.ts'
import { findJava } from '../../scripts/index.ts'

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

const java = await findJava(process.env).catch(() => undefined)

interface Checked {
  readonly findings: readonly { readonly code: string; readonly file: string; readonly line: number }[]
  readonly codeNarc: { readonly status: string; readonly why?: string }
}

describe('check', () => {
  const folder = temporaryFolder('check')
  const environment = { PATH: process.env.PATH ?? '', XDG_CACHE_HOME: join(folder, 'cache') }
  const run = (...argv: string[]) => sluice(['check', ...argv], { folder, environment })

  before(async () => {
    writeFileSync(join(folder, 'good.zip'), await flowBundle(good('Good')))
    writeFileSync(join(folder, 'bad.zip'), await flowBundle(bad))
    const scripted = { ...good('Scripted'), files: { 'a.groovy': `Eval.me('1')\nprintln 'x'` } }
    writeFileSync(join(folder, 'scripted.zip'), await flowBundle(scripted))
    const dead = `def processData(message) {\n  def body = message.body\n  return body\n  body = ''\n  println body\n}`
    const files = { 'dead.groovy': dead, 'broken.groovy': 'def a = 1\ndef b = (' }
    writeFileSync(join(folder, 'dead.zip'), await flowBundle({ ...good('Dead'), files }))
    const alive = { ...good('Alive'), files: { 'dead.groovy': dead } }
    writeFileSync(join(folder, 'alive.zip'), await flowBundle(alive))
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

  it('says what CodeNarc finds beside it', { skip: java === undefined && 'no Java here' }, async () => {
    const { code, out } = await run('dead.zip')
    assert.equal(code, 0)
    assert.match(out, /info {2}The script prints\.[\s\S]*at dead\.groovy:5/)
    assert.match(out, /codenarc\.DeadCode\n +\S.*https:\/\/codenarc\.org\/\S+deadcode-rule\n +at dead\.groovy:4\n/)
    assert.match(out, /not-reviewed\n.*\n +at broken\.groovy:2 {2}\S/)
    assert.doesNotMatch(out, /did not run/)
    const reports = JSON.parse((await run('dead.zip', 'good.zip', '--json')).out) as Checked[]
    assert.deepEqual(
      reports.map(({ codeNarc }) => codeNarc),
      [{ status: 'ran' }, { status: 'nothing to read' }],
    )
    assert.deepEqual(
      reports[0]?.findings.filter(({ file }) => file === 'dead.groovy').map(({ code, line }) => `${line} ${code}`),
      ['4 codenarc.DeadCode', '5 print'],
    )
    assert.equal((await run('dead.zip', '--stop', 'codenarc.InsecureRandom')).code, 1, 'one was not looked at')
    assert.equal((await run('alive.zip', '--stop', 'codenarc.InsecureRandom')).code, 0)
    assert.equal((await run('alive.zip', '--stop', 'codenarc.DeadCode')).code, 1)
  })

  it('says where CodeNarc did not run', async () => {
    const without = (...argv: string[]) => sluice(['check', ...argv], { folder, environment: { PATH: '/nowhere' } })
    const { code, out } = await without('alive.zip')
    assert.equal(code, 0)
    assert.match(out, /\n\nCodeNarc did not run: Groovy scripts need Java, and none was found\.\n$/)
    const [report] = JSON.parse((await without('alive.zip', '--json')).out) as Checked[]
    assert.deepEqual([report?.codeNarc.status, /need Java/.test(report?.codeNarc.why ?? '')], ['failed', true])
    assert.equal((await without('alive.zip', '--stop', 'codenarc.DeadCode')).code, 1, 'nobody knows')
    assert.equal((await without('alive.zip', '--stop', 'error')).code, 0)
    const left = await without('alive.zip', '--no-codenarc', '--json')
    assert.equal((JSON.parse(left.out) as Checked[])[0]?.codeNarc.status, 'left out')
    assert.equal((await without('alive.zip', '--no-codenarc', '--stop', 'warning')).code, 1)
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
