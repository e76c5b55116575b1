import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { after, before, describe, it } from 'node:test'

import ssh2 from 'ssh2'

import { newTestApi } from '../../../test/kit/api.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { listening, plainServer, testAuthority } from '../../../test/kit/connectivity.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'
import { readZip } from '../../formats/index.ts'

/** Audit log, connectivity tests and expiry by the command line, against the API itself. */
describe('watching over the vault', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>
  let target: Awaited<ReturnType<typeof listening>>

  const run = (...argv: string[]) => sluice(argv, { folder: server.folder })

  before(async () => {
    real = await newTestApi()
    server = await serveManagementApi({}, async ({ method, path, body, headers }) => {
      const type = headers['content-type']
      const given = { body: Buffer.from(body), ...(type !== undefined && { headers: { 'content-type': type } }) }
      const answer = await real.ask(`${method} /${path}`, given)
      return { status: answer.status, headers: answer.headers, raw: answer.body }
    })
    const { chain, key } = await (await testAuthority()).server(['localhost'])
    target = await listening(createServer({ cert: chain, key }))
    const { chain: certificate } = await real.issue('sender', { days: 20 })
    const { Id } = await created('ServiceInstances', { Name: 'orders', Plan: 'integration-flow' })
    const parameters = JSON.stringify({ 'X.509': certificate })
    await created('ServiceKeys', { InstanceId: Id, Name: 'k', Parameters: parameters })
  })
  after(async () => {
    await target[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })

  async function created(set: string, body: object) {
    const answer = await real.ask(`POST /${set}`, { body })
    assert.equal(answer.status, 201, String(answer.body))
    return JSON.parse(String(answer.body)).d
  }

  it('audit list shows who did what', async () => {
    const { code, out } = await run('audit', 'list', '--type', 'Service Key', '--action', 'Create')
    assert.equal(code, 0)
    assert.match(out, /ann .*Create +Service Key/)
    const [event] = JSON.parse((await run('audit', 'list', '--type', 'Service Key', '--json')).out)
    assert.equal(event.Attributes.name, 'k')
    assert.match((await run('audit', 'list', '--user', 'nobody')).out, /No event matches/)
  })

  it('audit export writes a new file, for its owner alone', async () => {
    assert.equal((await run('audit', 'export', '--format', 'csv', '--out', 'audit.csv')).code, 0)
    assert.match(readFileSync(join(server.folder, 'audit.csv'), 'utf8'), /^seq,.*\r\n1,/)
    assert.match((await run('audit', 'export', '--format', 'csv', '--out', 'audit.csv')).err, /exists already/)
    assert.ok(JSON.parse((await run('audit', 'export', '--since', '1d')).out).length >= 0)
  })

  it('audit verify takes the head that it printed', async () => {
    const { code, out } = await run('audit', 'verify')
    assert.equal(code, 0)
    const [, head = ''] = /head (\S+)/.exec(out) ?? []
    assert.equal((await run('audit', 'verify', '--head', head)).code, 0)
    const forged = await run('audit', 'verify', '--head', `${head.split(':')[0]}:${'a'.repeat(64)}`)
    assert.equal(forged.code, 1)
    assert.match(forged.out, /tampered with/)
  })

  it('test tls shows steps and chain, and keeps the certificates', async () => {
    const line = ['test', 'tls', 'localhost', String(target.port), '--no-validate-server-certificate']
    const { code, out, err } = await run(...line, '--certificates', 'chain.zip')
    assert.equal(code, 0, err)
    assert.match(out, /ok +handshake +\d+ ms/)
    assert.match(out, /2 +CN=Test CA/)
    assert.equal((await readZip(readFileSync(join(server.folder, 'chain.zip')))).size, 2)
  })

  it('test says why it failed, and what to do', async () => {
    const { code, out } = await run('test', 'tls', 'localhost', String(target.port))
    assert.equal(code, 1)
    assert.match(out, /failed +tls/)
    assert.match(out, /The chain of the server ends at/)
    assert.ok(!existsSync(join(server.folder, 'none.zip')))
  })

  it('test refuses wrong inputs before it asks', async () => {
    const { code, err } = await run('test', 'smtp', 'mail.example.com', '99999', '--protection', 'maybe')
    assert.equal(code, 2)
    assert.match(err, /<port>.*1 to 65535/)
    assert.match(err, /--protection must be one of/)
  })

  it('expiry lists what ends first, and rehearse what breaks', async () => {
    const { code, out } = await run('expiry', '--within', '30')
    assert.equal(code, 0)
    assert.match(out, /20 +Critical +client certificate .*service key k of the instance orders/)
    assert.match((await run('expiry', '--within', '2')).out, /Nothing expires/)
    const [entry] = JSON.parse((await run('expiry', '--json')).out)
    const rehearsed = await run('expiry', 'rehearse', 'client certificate', entry.Id)
    assert.equal(rehearsed.code, 1)
    assert.match(rehearsed.out, /service key k of the instance orders/)
    assert.match((await run('expiry', 'rehearse', 'trust anchor', 'none')).err, /There is no trust anchor 'none'/)
  })

  it('known-hosts fetch shows the keys of a server, which count once they are approved', async () => {
    const keys = (['ed25519', 'ecdsa'] as const).map((type) =>
      type === 'ed25519' ? ssh2.utils.generateKeyPairSync(type) : ssh2.utils.generateKeyPairSync(type, { bits: 256 }),
    )
    const sshd = new ssh2.Server({ hostKeys: keys.map((one) => one.private) }, (client) => client.on('error', () => {}))
    await using listens = await plainServer((socket) => sshd.injectSocket(socket))
    const fetched = await run('known-hosts', 'fetch', 'localhost', '--port', String(listens.port), '--json')
    assert.equal(fetched.code, 0, fetched.err)
    const { Id, Added } = JSON.parse(fetched.out)
    const name = `[localhost]:${listens.port}`
    assert.deepEqual(Added.map(({ Hosts, Algorithm }: Record<string, string>) => `${Hosts} ${Algorithm}`).sort(), [
      `${name} ecdsa-sha2-nistp256`,
      `${name} ssh-ed25519`,
    ])
    assert.match((await run('known-hosts', 'list')).out, /No host is known/)
    assert.equal((await run('known-hosts', 'approve', Id)).code, 0)
    const known = JSON.parse((await run('known-hosts', 'list', '--json')).out)
    assert.equal(known.length, 2)
    const silent = await run('known-hosts', 'fetch', 'localhost', '--port', String(target.port))
    assert.equal(silent.code, 1)
    assert.match(silent.err, /showed no host key/)
  })
})
