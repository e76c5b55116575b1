import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { promisify } from 'node:util'

import { echo, type FrontDoor, openFrontDoor } from '../kit/front-door.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const run = promisify(execFile)
let door: FrontDoor
let folder = ''
let auth = ''
const file = (name: string) => join(folder, name)

before(async () => {
  door = await openFrontDoor()
  folder = temporaryFolder('curl')
  auth = (await door.secretKey()).auth
  const { tls } = await door.certificateKey()
  await writeFile(file('ca.pem'), door.ca.certificate)
  await writeFile(file('server.pem'), door.server.chain)
  await writeFile(file('client.pem'), tls.cert)
  await writeFile(file('client.key'), tls.key)
})
after(async () => {
  await door.close()
})
beforeEach(() => {
  door.refusals.length = 0
  door.routes.swap('Echo', [echo()])
})

/** Runs curl against the echo route; gives the status and the body. */
async function curl(...options: readonly string[]) {
  const answered = file('answer')
  const args = ['-sS', '-o', answered, '-w', '%{http_code}', ...options, `https://localhost:${door.port}/http/echo`]
  const { stdout } = await run('curl', args)
  return { status: Number(stdout), body: await readFile(answered) }
}
const trusting = () => ['--cacert', file('ca.pem')]
const withCertificate = (name: string) => [...trusting(), '--cert', file(`${name}.pem`), '--key', file(`${name}.key`)]

describe('curl', () => {
  for (const version of ['--tls-max 1.2', '--tlsv1.3'])
    it(`calls by certificate, ${version}`, async () => {
      assert.equal((await curl(...withCertificate('client'), ...version.split(' '))).status, 200)
    })

  it('calls by client id and secret', async () => {
    assert.equal((await curl(...trusting(), '-u', auth)).status, 200)
  })

  it('is refused with a reference that the record has', async () => {
    const { status, body } = await curl(...trusting(), '-u', 'sb-x!sluice:guess')
    assert.equal(status, 401)
    assert.deepEqual(JSON.parse(String(body)), { error: 'unauthorized', reference: door.refusals[0]?.reference })
  })

  it('that does not trust the CA leaves a record which says so', async () => {
    await assert.rejects(curl('-u', auth), { code: 60 })
    await door.until(() => door.refusals.length > 0)
    assert.deepEqual(
      door.refusals.map(({ code, remoteAddress }) => [code, remoteAddress]),
      [['tls.serverNotTrusted', '127.0.0.1']],
    )
  })

  for (const [name, options] of [
    ['with a length', ['-H', 'Expect: 100-continue']],
    ['in chunks', ['-H', 'Transfer-Encoding: chunked']],
  ] as const)
    it(`sends 30 MB ${name} and gets them back`, async () => {
      const bytes = randomBytes(30_000_000)
      await writeFile(file('large'), bytes)
      const { status, body } = await curl(
        ...withCertificate('client'),
        ...options,
        '--data-binary',
        `@${file('large')}`,
      )
      assert.deepEqual([status, body.equals(bytes)], [200, true])
      await door.until(async () => (await door.spooled()).length === 0)
      assert.deepEqual(await door.spooled(), [])
    })

  for (const options of [
    ['-H', 'Expect:'],
    ['-H', 'Expect: 100-continue'],
    ['-H', 'Expect:', '-H', 'Transfer-Encoding: chunked'],
  ])
    it(`gets to read why 30 MB are too much, ${options.slice(1).join(' ')}`, async () => {
      door.routes.swap('Echo', [echo({ maxBodySize: 1_000_000, handle: () => assert.fail('the flow ran') })])
      await writeFile(file('large'), randomBytes(30_000_000))
      const { status } = await curl(...withCertificate('client'), ...options, '--data-binary', `@${file('large')}`)
      assert.equal(status, 413)
      assert.deepEqual(
        door.refusals.map(({ code }) => code),
        ['size.bodyTooLarge'],
      )
    })
})

describe('openssl', () => {
  it('accepts what the CA issues, each for its purpose only', async () => {
    const verify = (purpose: string, name: string) =>
      run('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', file('ca.pem'), file(`${name}.pem`)])
    await verify('sslclient', 'client')
    await verify('sslserver', 'server')
    await assert.rejects(verify('sslserver', 'client'))
    await assert.rejects(verify('sslclient', 'server'))
  })

  it('makes a certificate of its own that is accepted once it is registered', async () => {
    const make = (name: string, usage: string) =>
      run(
        'openssl',
        `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /O=Partner/CN=self -addext extendedKeyUsage=${usage}`
          .split(' ')
          .concat('-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)),
      )
    await make('self', 'clientAuth')
    assert.equal((await curl(...withCertificate('self'))).status, 401)
    assert.equal(door.refusals[0]?.code, 'certificate.selfSigned')
    await door.certificateKey({ chain: await readFile(file('self.pem'), 'utf8'), key: '' })
    assert.equal((await curl(...withCertificate('self'))).status, 200)

    await make('server-only', 'serverAuth')
    await assert.rejects(door.certificateKey({ chain: await readFile(file('server-only.pem'), 'utf8'), key: '' }), {
      code: 'identity.certificateOfAuthority',
    })
  })
})
