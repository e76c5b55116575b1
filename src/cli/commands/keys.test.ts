import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../../test/kit/api.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'
import { writePkcs12 } from '../../keystore/index.ts'

const password = 'correct horse'

/** The commands for keys against the API itself, over a real keystore. */
describe('the key commands', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>

  const run = (words: readonly string[], input?: string) =>
    sluice(words, { folder: server.folder, ...(input !== undefined && { input }) })
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  async function ask(line: string, input?: string): Promise<any> {
    const { code, out, err } = await run([...line.split(' '), '--json'], input)
    assert.equal(code, 0, `${line}: ${err}`)
    return JSON.parse(out)
  }
  const aliases = async (more = '') => ((await ask(`key list${more}`)) as { Alias: string }[]).map(({ Alias }) => Alias)
  const file = (name: string): string => join(server.folder, name)

  before(async () => {
    real = await newTestApi()
    server = await serveManagementApi({}, async ({ method, path, body, headers }) => {
      const type = headers['content-type']
      const given = { body: Buffer.from(body), ...(type !== undefined && { headers: { 'content-type': type } }) }
      const answer = await real.ask(`${method} /${path.replace(/\?.*$/s, encodeURI)}`, given)
      return { status: answer.status, headers: answer.headers, raw: answer.body }
    })
    for (const name of ['one', 'two']) {
      const { chain, key } = await real.issue(name)
      const content = await writePkcs12({ chain, privateKey: key, password, friendlyName: name })
      writeFileSync(file(`${name}.p12`), content)
      writeFileSync(file(`${name}.both`), key + chain)
    }
    writeFileSync(file('ca.pem'), real.ca.certificate)
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })

  it('import a keystore, a key pair and a certificate; an unknown issuer is asked about with its fingerprint', async () => {
    const [first] = await ask('key import one.p12', `${password}\n`)
    assert.deepEqual([first.Alias, first.Status], ['one', 'created'])
    const refused = await run(['key', 'import', 'ca.pem', '--as', 'certificate', '--alias', 'ca'])
    assert.equal(refused.code, 0)
    await ask('key delete ca')
    await ask('key delete one')
    const words = ['key', 'import', 'two.p12', '--as', 'key', '--alias', 'my two']
    const distrusted = await run(words, `${password}\n`)
    assert.notEqual(distrusted.code, 0)
    assert.match(distrusted.err, /CN=two,O=Sluice.*SHA-256 [0-9A-F:]{95}/)
    assert.match(distrusted.err, /--fingerprint-verified/)
    assert.equal((await run([...words, '--fingerprint-verified'], `${password}\n`)).code, 0)
    assert.deepEqual(await aliases(), ['my two'])
    const wrong = await run(['key', 'import', 'one.p12'], 'wrong one\n')
    assert.notEqual(wrong.code, 0)
    assert.match(wrong.err, /password/)
  })

  it('never send a private key where a certificate is wanted', async () => {
    for (const words of [
      ['key', 'import', 'one.both', '--as', 'certificate', '--alias', 'x'],
      ['key', 'sign-response', 'my two', 'one.both'],
    ]) {
      const { code, err } = await run(words)
      assert.deepEqual([code !== 0, /private key/.test(err)], [true, true])
    }
  })

  it('generate, sign, show, rename, copy and delete', async () => {
    const [made] = await ask('key generate orders --type EC --cn orders --country DE --days 30')
    assert.deepEqual([made.Alias, made.Type], ['orders', 'Key Pair'])
    await ask('key csr orders --out orders.csr')
    writeFileSync(file('orders.pem'), await real.ca.signRequest(readFileSync(file('orders.csr')), { days: 9 }))
    await ask('key sign-response orders orders.pem --fingerprint-verified')
    const shown = await ask('key show orders')
    assert.deepEqual([shown.chain.length, shown.KeySize, shown.Validity], [2, 256, 'valid'])
    const [ssh] = await ask('key generate sftp --ssh --type ED25519 --cn sftp --country DE')
    assert.equal(ssh.Type, 'SSH Key')
    assert.match((await ask('key export-public sftp --as ssh')).content, /^ssh-ed25519 /)
    await ask('key export-public orders --as p7b --out orders.p7b')
    assert.match(readFileSync(file('orders.p7b'), 'utf8'), /BEGIN PKCS7/)
    await ask('key export-public --out all.jceks')
    assert.equal(readFileSync(file('all.jceks')).readUInt32BE(), 0xcececece)
    await ask('key rename orders o1')
    await ask('key copy o1 o2')
    assert.deepEqual(await aliases(), ['my two', 'o1', 'o2', 'sftp'])
    const { code, out } = await run(['key', 'delete', 'o1', 'none'])
    assert.deepEqual([code, /none\s+not removed/.test(out)], [1, true])
    const forbidden = await run(['key', 'export-private', 'o2', '--out', 'o2.p12'], `${password}\n`)
    assert.match(forbidden.err, /settings do not allow/)
  })

  it('back up, restore, activate and take from the history', async () => {
    await ask('key backup')
    await ask('key delete o2')
    await ask('key restore')
    assert.ok((await aliases()).includes('o2'))
    assert.ok((await aliases(' --keystore backup')).includes('o2'))
    const { keystore } = real.services
    await keystore.maintain(real.ca)
    real.time.now += 310 * 86_400_000
    await keystore.maintain(real.ca)
    await ask('key activate')
    const [old] = await ask('key history')
    await ask(`key history --restore ${old.Alias}`)
    assert.deepEqual(await aliases(' --keystore new'), ['sap_cloudintegrationcertificate'])
  })
})
