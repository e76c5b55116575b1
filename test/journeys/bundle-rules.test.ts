import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { systemClock as clock } from '../../src/base/index.ts'
import { readZip, writeZip } from '../../src/formats/index.ts'
import { createBuiltInCa, openBuiltInCa } from '../../src/keystore/index.ts'
import { textOf } from '../kit/caller.ts'
import { scriptFlow } from '../kit/flows.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const javaScript = (id: string, script: string) =>
  scriptFlow(id, 'JavascriptScript', { 's.js': `function processData(message) {\n${script}\nreturn message\n}` })

/** A tenant that runs only what a trusted publisher signed, and no script that prints. */
describe('what is asked of a bundle before it runs', () => {
  const folder = temporaryFolder('rules')
  const file = (name: string): string => join(folder, name)
  let sluice: RunningSluice
  before(async () => {
    const made = await createBuiltInCa({ clock, name: 'Publishers' })
    const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock })
    const publisher = await ca.issueClient({ commonName: 'publisher', days: 1, keySize: 2048 })
    writeFileSync(file('publisher.pem'), publisher.chain)
    writeFileSync(file('publisher.key'), publisher.key)
    writeFileSync(file('publishers.pem'), publisher.chain)
    sluice = await startSluice()
    await sluice.cli('policy', 'set', `publishers=@${file('publishers.pem')}`, 'lint-stop=print')
  })
  after(async () => {
    await sluice.dispose()
  })

  async function signed(id: string, script: string): Promise<string> {
    return signedBundle(id, await javaScript(id, script))
  }
  async function signedBundle(id: string, bundle: Buffer): Promise<string> {
    writeFileSync(file(`${id}.zip`), bundle)
    const out = file(`${id}-signed.zip`)
    await sluice.cli(
      'sign',
      file(`${id}.zip`),
      '--key',
      file('publisher.key'),
      '--cert',
      file('publisher.pem'),
      '--out',
      out,
    )
    return out
  }

  const call = (path: string, body: string): Promise<string> => textOf(sluice.runtimeUrl, sluice, path, body)

  it('what will hold scripts is known before there is one', async () => {
    const shown = async () =>
      JSON.parse(await sluice.cli('sandbox', '--json')) as { language: string; layers: object[] }[]
    while ((await shown()).length === 0) await pause(200)
    assert.deepEqual(
      (await shown()).map(({ language, layers }) => `${language} ${layers.length}`),
      ['javascript 9'],
    )
  })

  it('a signed flow in JavaScript runs', async () => {
    await sluice.cli('deploy', await signed('Good', `message.setBody(message.getBody() + '!')`))
    assert.equal(await call('/http/Good', 'hello'), 'hello!')
  })

  it('an unsigned one runs until signatures are required, and goes on then, also after a restart', async () => {
    writeFileSync(file('plain.zip'), await javaScript('Plain', ''))
    await sluice.cli('deploy', file('plain.zip'))
    await sluice.cli('policy', 'set', 'require-signature=true')
    assert.equal(await call('/http/Plain', 'hello'), 'hello')
    await sluice.end()
    sluice = await sluice.startAgain()
    assert.equal(await call('/http/Plain', 'hello'), 'hello')
    await assert.rejects(sluice.cli('deploy', file('plain.zip')), /'Plain' is not signed/)
    assert.equal(await call('/http/Plain', 'hello'), 'hello')
    const status = await sluice.cli('status')
    assert.match(status, /^Good {2}signed by .*CN=publisher \([0-9a-f]{64}\): trusted$/m)
    assert.match(await sluice.cli('status', 'Plain'), /^Plain {2}not signed$/m)
  })

  it('one that was changed after it was signed is refused', async () => {
    const files = new Map(await readZip(readFileSync(await signed('Changed', ''))))
    const script = [...files.keys()].find((path) => path.endsWith('s.js')) ?? ''
    files.set(script, Buffer.from('function processData(message) { return message } // changed'))
    writeFileSync(file('changed.zip'), await writeZip(files))
    await assert.rejects(sluice.cli('deploy', file('changed.zip')), /the files are not those that were signed/)
  })

  it('a script that prints is refused with its place', async () => {
    await assert.rejects(
      sluice.cli('deploy', await signed('Prints', `print('x')\nconsole.log(message.getBody())`)),
      /print at s\.js:2; print at s\.js:3/,
    )
  })

  it('what holds scripts is told, by language', async () => {
    assert.deepEqual(Object.keys(await sandbox()), ['javascript'], 'Groovy is not tried before there is a script')
    assert.ok((await sandbox())['javascript']?.layers.some(({ name }) => name === 'network'))
  })

  it('another Groovy is taken for the next message, and told', async () => {
    const says = `def processData(message) { message.setBody(GroovySystem.version); message }`
    await sluice.cli(
      'deploy',
      await signedBundle('Groovy', await scriptFlow('Groovy', 'GroovyScript', { 'g.groovy': says })),
    )
    const before = await call('/http/Groovy', '')
    assert.equal((await sandbox())['groovy']?.version, before)
    await sluice.cli('policy', 'set', 'groovy=4')
    assert.match(await call('/http/Groovy', ''), /^4\./)
    assert.match((await sandbox())['groovy']?.version ?? '', /^4\./)
    assert.match(await sluice.cli('policy', 'show'), /^groovy +4$/m)
  })

  async function sandbox(): Promise<Record<string, { version?: string; layers: { name: string }[] }>> {
    const text = await textOf(sluice.controlUrl, sluice, '/healthz')
    return (JSON.parse(text) as { scripts: { sandbox: Record<string, { layers: { name: string }[] }> } }).scripts
      .sandbox
  }
})
