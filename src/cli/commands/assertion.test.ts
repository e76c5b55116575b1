import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

const who = '--issuer https://idp.example --user alice --audience https://sluice.example'
const recipient = '--recipient https://sluice.example/oauth/token'
const trusted = `--cert client.pem --audience https://sluice.example ${recipient}`

describe('assertions on the command line', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  const run = (line: string, input?: string) =>
    sluice(['assertion', ...line.split(' ')], { folder: api.folder, ...(input !== undefined && { input }) })
  const put = (name: string, content: string): void => writeFileSync(join(api.folder, name), content)
  const codeOf = (ran: { readonly err: string }): string => (JSON.parse(ran.err) as { code: string }).code

  before(async () => {
    api = await serveManagementApi({})
    const read = (name: string): string => readFileSync(join(api.folder, 'data/quickstart', name), 'utf8')
    put('client.pem', read('client.pem'))
    put('client.key', read('client.key'))
    put('both.pem', read('client.key') + read('client.pem'))
    const key = createPrivateKey(read('client.key'))
    put(
      'locked.key',
      key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' }).toString(),
    )
    put('garbage.key', 'hello')
  })
  after(() => api[Symbol.asyncDispose]())

  it('makes, verifies and decodes with files alone', async () => {
    for (const key of ['--key both.pem', '--key client.key --cert client.pem', '--key client.key']) {
      const made = await run(`make ${key} ${who} ${recipient} --attribute mail=a@b`)
      assert.equal(made.code, 0, made.err)
      put('a.xml', made.out)
      const verified = await run(`verify a.xml ${trusted}`)
      assert.match(verified.out, /^accepted {2}as alice of https:\/\/idp\.example {2}\(saml, xml\)/)
      assert.equal(verified.code, 0)
    }
    const decoded = await run('decode a.xml')
    assert.match(decoded.out, /^not decided/)
    assert.match(decoded.out, /Assertion\/Subject\/NameID +alice/)
    assert.deepEqual(api.received, [])
  })

  it('says what is wrong, what was found and what to do, with exit code 1', async () => {
    put('b.xml', (await run(`make --key both.pem ${who} ${recipient}`)).out.replace('>alice<', '>bob<'))
    const ran = await run(`verify b.xml ${trusted}`)
    assert.equal(ran.code, 1)
    assert.match(ran.out, /^refused {2}\(saml, xml\)/)
    assert.match(ran.out, /saml\.digest: .*\n {2}wanted .*\n {2}expected {2}\S{44}\n {2}found {5}\S{44}\n {2}do /)
    const json = JSON.parse((await run(`verify b.xml ${trusted} --json`)).out) as { accepted: boolean }
    assert.equal(json.accepted, false)
  })

  it('makes the form that is sent, a JWT, and signs what is written by hand', async () => {
    put('sent.txt', (await run(`make --key both.pem ${who} ${recipient} --form sent`)).out)
    assert.match((await run(`verify sent.txt ${trusted}`)).out, /^accepted .*\(saml, base64url\)/)
    put('jwt.txt', (await run(`make --type jwt --key both.pem ${who} --kid k`)).out)
    assert.match((await run(`verify jwt.txt ${trusted}`)).out, /^accepted .*\(jwt, compact\)/)
    put('c.xml', (await run('sign - --key both.pem', readFileSync(join(api.folder, 'a.xml'), 'utf8'))).out)
    assert.match((await run(`verify c.xml ${trusted}`)).out, /^accepted/)
    assert.match((await run('sign - --key both.pem', '{"iss":"x"}')).out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  })

  it('opens an encrypted key by a passphrase from standard input', async () => {
    const line = `make --key locked.key ${who} ${recipient} --json`
    assert.equal((await run(line, 'open sesame\n')).code, 0)
    const refused = await run(line, 'wrong\n')
    assert.deepEqual([refused.code, codeOf(refused)], [1, 'cli.fileUnreadable'])
    assert.ok(!refused.err.includes('wrong'))
  })

  it('has the server sign with a key of the keystore, and verify', async () => {
    api.routes['POST MakeAssertion'] = { raw: '{"assertion":"<a/>","sent":"PGEvPg"}' }
    api.routes['POST SignAssertion'] = { raw: '{"assertion":"<b/>","sent":"PGIvPg"}' }
    api.routes['POST VerifyAssertion'] = {
      raw: '{"kind":"saml","form":"xml","accepted":false,"findings":[],"facts":[]}',
    }
    assert.equal((await run(`make --alias idp ${who} ${recipient} --attribute mail=a@b --form sent`)).out, 'PGEvPg\n')
    const asked = JSON.parse(api.received.at(-1)?.body ?? '') as Record<string, unknown>
    assert.deepEqual(
      [asked['alias'], asked['user'], asked['attributes'], asked['kid']],
      ['idp', 'alice', { mail: ['a@b'] }, undefined],
    )
    assert.equal((await run('sign a.xml --alias idp')).out, '<b/>\n')
    assert.equal((await run('verify a.xml --client erp')).code, 1)
    assert.equal((JSON.parse(api.received.at(-1)?.body ?? '') as { client: string }).client, 'erp')
  })

  it('refuses what it cannot do, each with its own words', async () => {
    const cases: [string, number, string][] = [
      [`make ${who} ${recipient}`, 2, 'cli.usage'],
      [`make --key client.key --alias idp ${who} ${recipient}`, 2, 'cli.usage'],
      [`make --key client.key ${who}`, 2, 'cli.usage'],
      [`make --key none.key ${who} ${recipient}`, 1, 'cli.fileUnreadable'],
      [`make --key garbage.key ${who} ${recipient}`, 1, 'cli.fileUnreadable'],
      [`make --key client.key ${who} ${recipient} --algorithm ES999`, 1, 'assertions.keyUnfit'],
      ['sign garbage.key --key client.key', 1, 'assertions.textUnreadable'],
      ['verify a.xml --cert client.pem', 2, 'cli.usage'],
      ['decode none.xml', 1, 'cli.fileUnreadable'],
    ]
    for (const [line, exit, code] of cases) {
      const ran = await run(`${line} --json`)
      assert.deepEqual([ran.code, codeOf(ran)], [exit, code], line)
    }
  })
})
