/** Client kits and PKCS#12 files in the hands of the programs for which they are made: openssl, keytool, curl. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'

import { systemClock } from '../../src/base/index.ts'
import { readZip } from '../../src/formats/index.ts'
import type { OpenedKey, ServiceInstance } from '../../src/identity/index.ts'
import {
  type BuiltInCa,
  createBuiltInCa,
  type Issued,
  openBuiltInCa,
  pemOf,
  readPkcs12,
  writePkcs12,
} from '../../src/keystore/index.ts'
import { createKit } from '../../src/kits/index.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const password = 'correct horse 1!'
const secret = 'a secret "of" #32 characters \\ and more'

let folder: string
let authority: string
let ca: BuiltInCa
let client: Issued
let server: Issued
let listener: Server
let url: string

/** What a program wrote, and how it ended. */
function run(
  program: string,
  args: readonly string[],
  given: { readonly cwd?: string; readonly environment?: Record<string, string> } = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    const options = { cwd: given.cwd ?? folder, env: { ...process.env, ...given.environment } }
    execFile(program, [...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err })
    })
  })
}

async function succeed(program: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(program, args)
  assert.equal(code, 0, `${program} ${args.join(' ')}: ${out}${err}`)
  return out
}

before(async () => {
  folder = temporaryFolder('kits')
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  authority = made.chain
  ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  client = await ca.issueClient({ commonName: 'sb-1!b2', days: 9, keySize: 2048 })
  server = await ca.issueServer({ hostNames: ['localhost'] })
  writeFileSync(join(folder, 'chain.pem'), client.chain)
  writeFileSync(join(folder, 'client.key'), client.key)
  writeFileSync(join(folder, 'ca.pem'), authority)
  listener = createServer(
    { cert: server.chain, key: server.key, ca: authority, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as TLSSocket
      const subject = socket.authorized ? socket.getPeerX509Certificate()?.subject : undefined
      const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const known = subject?.includes('CN=sb-1!b2') === true || basic === `sb-1!b2:${secret}`
        const body = Buffer.concat(chunks).toString()
        response.writeHead(known ? 200 : 401)
        response.end(
          JSON.stringify({ url: request.url, method: request.method, type: request.headers['content-type'], body }),
        )
      })
    },
  )
  await new Promise<void>((done) => listener.listen(0, 'localhost', done))
  url = `https://localhost:${(listener.address() as AddressInfo).port}`
})

after(async () => {
  listener?.closeAllConnections()
  await new Promise((done) => listener?.close(done))
})

const trusted = () => [{ certificate: authority, friendlyName: 'Server Root' }]
const pkcs12 = (): Promise<Buffer> =>
  writePkcs12({ chain: client.chain, privateKey: client.key, password, friendlyName: 'Orders', trusted: trusted() })

describe('a PKCS#12 file that Sluice writes', () => {
  before(async () => writeFileSync(join(folder, 'written.p12'), await pkcs12()))

  it('is read by openssl, key and certificates', async () => {
    const pass = ['-passin', `pass:${password}`]
    const { out, err } = await run('openssl', ['pkcs12', '-in', 'written.p12', '-info', '-nodes', ...pass])
    assert.match(err, /MAC: sha256/)
    assert.match(err, /PBES2, PBKDF2, AES-256-CBC.*hmacWithSHA256/)
    assert.ok(out.includes(client.key.split('\n')[3] ?? '-'))
    assert.equal(out.match(/BEGIN CERTIFICATE/g)?.length, 2)
  })

  it('is a key store and a trust store for keytool, and becomes JKS', async () => {
    const listed = await succeed('keytool', '-list', '-keystore', 'written.p12', '-storepass', password)
    assert.match(listed, /^orders,.*PrivateKeyEntry/m)
    assert.match(listed, /^server root,.*trustedCertEntry/m)
    const from = ['-srckeystore', 'written.p12', '-srcstoretype', 'PKCS12', '-srcstorepass', password]
    const to = ['-destkeystore', 'client.jks', '-deststoretype', 'JKS', '-deststorepass', password]
    await succeed('keytool', '-importkeystore', '-noprompt', ...from, ...to)
    const jks = await succeed('keytool', '-list', '-v', '-keystore', 'client.jks', '-storepass', password)
    assert.match(jks, /Certificate chain length: 2/)
  })
})

describe('a PKCS#12 file of another program', () => {
  const variants: readonly (readonly string[])[] = [
    [],
    ['-legacy'],
    ['-legacy', '-descert'],
    ['-legacy', '-keypbe', 'PBE-SHA1-2DES', '-certpbe', 'PBE-SHA1-RC2-128'],
    ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-192-CBC', '-macalg', 'sha512'],
    ['-keypbe', 'NONE', '-certpbe', 'NONE', '-macalg', 'sha1'],
  ]
  for (const variant of variants) {
    for (const word of ['päss€wort', '']) {
      it(`openssl ${variant.join(' ')} with ${word === '' ? 'no' : 'a'} password is read`, async () => {
        const inputs = ['-in', 'chain.pem', '-inkey', 'client.key', '-name', 'Entry', '-out', 'other.p12']
        await succeed('openssl', 'pkcs12', '-export', ...inputs, '-passout', `pass:${word}`, ...variant)
        const { keyPairs, certificates } = await readPkcs12(readFileSync(join(folder, 'other.p12')), word)
        assert.deepEqual(
          keyPairs.map(({ alias, chain, key }) => [alias, chain, pemOf(key)]),
          [['Entry', client.chain, client.key]],
        )
        assert.deepEqual(certificates, [])
      })
    }
  }

  for (const old of [false, true]) {
    it(`keytool ${old ? 'with the ciphers of Java 8 ' : ''}is read, several entries`, async () => {
      const store = ['-keystore', `java-${old}.p12`, '-storetype', 'PKCS12', '-storepass', password]
      const legacy = old ? ['-J-Dkeystore.pkcs12.legacy'] : []
      for (const alias of ['one', 'two']) {
        const key = [
          '-genkeypair',
          '-alias',
          alias,
          '-keyalg',
          'EC',
          '-groupname',
          'secp256r1',
          '-dname',
          `CN=${alias}`,
        ]
        await succeed('keytool', ...legacy, ...key, ...store)
      }
      await succeed('keytool', ...legacy, '-importcert', '-noprompt', '-alias', 'root', '-file', 'ca.pem', ...store)
      const { keyPairs, certificates } = await readPkcs12(readFileSync(join(folder, `java-${old}.p12`)), password)
      assert.deepEqual(keyPairs.map(({ alias }) => alias ?? '').sort(), ['one', 'two'])
      assert.deepEqual(
        certificates.map(({ alias, certificate }) => [alias, certificate.toString()]),
        [['root', authority]],
      )
    })
  }
})

describe('a certificate request of openssl', () => {
  for (const key of ['rsa:2048', 'ec:P-256', 'ec:secp521r1', 'ed25519']) {
    it(`with a key ${key} is signed, and openssl takes the certificate for a client`, async () => {
      const [type = '', size = ''] = key.split(':')
      const options =
        type === 'rsa' ? ['-pkeyopt', `rsa_keygen_bits:${size}`] : size ? ['-pkeyopt', `ec_paramgen_curve:${size}`] : []
      await succeed('openssl', 'genpkey', '-algorithm', type, ...options, '-out', 'own.key')
      await succeed('openssl', 'req', '-new', '-key', 'own.key', '-subj', '/O=ACME/CN=erp', '-out', 'own.csr')
      writeFileSync(join(folder, 'own.pem'), await ca.signRequest(readFileSync(join(folder, 'own.csr')), { days: 30 }))
      assert.match(await succeed('openssl', 'verify', '-CAfile', 'ca.pem', '-purpose', 'sslclient', 'own.pem'), /OK/)
      const asServer = await run('openssl', ['verify', '-CAfile', 'ca.pem', '-purpose', 'sslserver', 'own.pem'])
      assert.notEqual(asServer.code, 0)
    })
  }
})

const now = Date.now()
const authored = { createdBy: 'me', createdAt: now, modifiedBy: 'me', modifiedAt: now }
const instance: ServiceInstance = {
  ...authored,
  id: 'i1',
  name: 'Sales',
  plan: 'integration-flow',
  roles: [],
  grantTypes: [],
  redirectUris: [],
  tokenValidity: 3600,
}

/** Makes a kit and unpacks it; gives its folder. */
async function unpacked(
  type: 'secret' | 'certificate' | 'certificate_external',
  endpoints = [{ address: '/http/orders', methods: [] as string[] }],
): Promise<string> {
  const key = { ...authored, id: 'k1', instanceId: 'i1', name: 'erp', clientId: 'sb-1!b2', secretHash: undefined }
  const opened: OpenedKey = {
    key: { ...key, type, sealedSecret: undefined, pinned: true, until: undefined },
    secret: type === 'secret' ? secret : undefined,
    certificate: type === 'secret' ? undefined : client.chain,
    privateKey: type === 'certificate' ? client.key : undefined,
  }
  const addresses = { url, tokenUrl: `${url}/oauth/token` }
  const zip = await createKit({
    opened,
    instance,
    addresses,
    endpoints,
    server: { chain: server.chain },
    password,
    now,
  })
  const target = temporaryFolder('kit')
  for (const [path, content] of await readZip(zip)) {
    mkdirSync(dirname(join(target, path)), { recursive: true })
    writeFileSync(join(target, path), content)
    if (path.endsWith('.sh')) chmodSync(join(target, path), 0o755)
  }
  return target
}

describe('the curl script of a kit', () => {
  const answerOf = (out: string): unknown => JSON.parse(out.slice(out.indexOf('{')))
  const environment = { CLIENT_KEY: '' }

  for (const type of ['secret', 'certificate', 'certificate_external'] as const) {
    it(`calls with a key of the type ${type}`, async () => {
      const kit = await unpacked(type)
      writeFileSync(join(folder, 'message.xml'), '<order/>')
      environment.CLIENT_KEY = join(folder, 'client.key')
      const args = ['/http/orders', 'message.xml', 'application/xml']
      const { code, out, err } = await run(join(kit, 'curl.sh'), args, { environment })
      assert.equal(code, 0, err)
      assert.match(out, /^HTTP\/1\.1 200/)
      assert.deepEqual(answerOf(out), {
        url: '/http/orders',
        method: 'POST',
        type: 'application/xml',
        body: '<order/>',
      })
    })
  }

  it('calls the only address when none is named, and lists several instead of calling one', async () => {
    const one = await run(join(await unpacked('secret'), 'curl.sh'), [])
    assert.match(one.out, /^HTTP\/1\.1 200/)
    const kit = await unpacked('secret', [
      { address: '/http/orders', methods: [] },
      { address: '/http/stock/*', methods: ['GET'] },
    ])
    const several = await run(join(kit, 'curl.sh'), [])
    assert.deepEqual([several.code, several.out], [2, ''])
    assert.match(several.err, /POST \/http\/orders\n {2}GET \/http\/stock\/\.\.\.\n/)
    const deeper = await run(join(kit, 'curl.sh'), ['/http/stock/7?unit=kg'])
    assert.deepEqual(answerOf(deeper.out), { url: '/http/stock/7?unit=kg', method: 'GET', body: '' })
  })

  it('runs nothing that stands in an address', async () => {
    const kit = await unpacked('secret', [{ address: "/http/$(touch ran)`touch ran`';touch ran;'", methods: [] }])
    await run(join(kit, 'curl.sh'), [], { cwd: kit })
    assert.throws(() => readFileSync(join(kit, 'ran')), { code: 'ENOENT' })
  })

  it('that has no key of its own asks for it', async () => {
    const { code, err } = await run(join(await unpacked('certificate_external'), 'curl.sh'), [], {
      environment: { CLIENT_KEY: '' },
    })
    assert.notEqual(code, 0)
    assert.match(err, /Set CLIENT_KEY/)
  })
})
