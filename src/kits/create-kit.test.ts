import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { rootCertificates } from 'node:tls'

import { fromBufferPromise } from 'yauzl'

import { systemClock } from '../base/index.ts'
import { readZip } from '../formats/index.ts'
import type { OpenedKey, ServiceInstance } from '../identity/index.ts'
import { createBuiltInCa, type Issued, openBuiltInCa, readCertificates, readPkcs12 } from '../keystore/index.ts'
import { createKit, type KitRequest } from './index.ts'
import { serverFiles } from './server-files.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const authored = { createdBy: 'me', createdAt: now, modifiedBy: 'me', modifiedAt: now }
const secret = 'kR7-secret_of_the_client_0123456789abcdef'
const password = 'correct horse'

const instance: ServiceInstance = {
  ...authored,
  id: 'i1',
  name: 'Sales',
  plan: 'integration-flow',
  roles: ['ESBMessaging.send'],
  grantTypes: ['client_credentials'],
  redirectUris: [],
  tokenValidity: 3600,
}

let server: Issued
let client: Issued
let authority: string

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  authority = made.chain
  server = await ca.issueServer({ hostNames: ['sluice.example'] })
  client = await ca.issueClient({ commonName: 'sb-1!b2', days: 9, keySize: 2048 })
})

function opened(type: 'secret' | 'certificate' | 'certificate_external', name = 'ERP prod/1'): OpenedKey {
  const key = { ...authored, id: 'k1', instanceId: 'i1', name, clientId: 'sb-1!b2', secretHash: undefined }
  return {
    key: { ...key, type, sealedSecret: undefined, pinned: true, until: undefined },
    secret: type === 'secret' ? secret : undefined,
    certificate: type === 'secret' ? undefined : client.chain,
    privateKey: type === 'certificate' ? client.key : undefined,
  }
}

const kit = (change: Partial<KitRequest> = {}): Promise<Buffer> =>
  createKit({
    opened: opened('certificate'),
    instance,
    addresses: { url: 'https://sluice.example:8443/', tokenUrl: 'https://sluice.example:8443/oauth/token' },
    endpoints: [
      { address: '/http/orders', methods: [] },
      { address: '/http/stock/*', methods: ['GET'] },
    ],
    server: { chain: server.chain },
    password,
    now,
    ...change,
  })

const textsOf = async (zip: Buffer): Promise<Map<string, string>> =>
  new Map([...(await readZip(zip))].map(([path, content]) => [path, content.toString('latin1')]))

async function permissionsOf(zip: Buffer): Promise<Map<string, number>> {
  const modes = new Map<string, number>()
  for await (const entry of (await fromBufferPromise(zip)).eachEntry())
    modes.set(entry.fileName, (entry.externalFileAttributes >>> 16) & 0o777)
  return modes
}

const certificateFiles = ['client.key', 'ERP-prod-1.p12', 'ERP-prod-1-keystore.p12']
const common = [
  'README.md',
  'service-key.json',
  'service-key-oauth.json',
  'server/root.cer',
  'server/server.cer',
  'server/ca.pem',
  'curl.sh',
  'newman.sh',
  'postman_collection.json',
  'postman_environment.json',
]

describe('a client kit', () => {
  const kinds = [
    [
      'secret',
      [...common, 'netrc'],
      ['service-key.json', 'service-key-oauth.json', 'netrc', 'postman_environment.json'],
    ],
    [
      'certificate',
      [...common, 'client.pem', ...certificateFiles],
      ['service-key.json', 'service-key-oauth.json', ...certificateFiles],
    ],
    ['certificate_external', [...common, 'client.pem'], ['service-key.json', 'service-key-oauth.json']],
  ] as const
  for (const [type, files, closed] of kinds) {
    it(`for a key of the type ${type} has what can be had, and closes what is secret`, async () => {
      const zip = await kit({ opened: opened(type), password: type === 'certificate' ? password : undefined })
      const modes = await permissionsOf(zip)
      assert.deepEqual([...modes.keys()].sort(), [...files].sort())
      const shut = [...modes].filter(([, mode]) => mode === 0o600).map(([path]) => path)
      assert.deepEqual(shut.sort(), [...closed].sort())
      assert.deepEqual([modes.get('curl.sh'), modes.get('newman.sh'), modes.get('README.md')], [0o755, 0o755, 0o644])
      const lines = client.key.split('\n')
      for (const [path, text] of await textsOf(zip)) {
        if (closed.some((each) => each === path)) continue
        assert.ok(!text.includes(secret) && !text.includes(lines[3] ?? '-'), `${path} holds a secret`)
      }
    })
  }

  it('holds its password nowhere', async () => {
    for (const [path, text] of await textsOf(await kit())) assert.ok(!text.includes(password), path)
  })

  it('has PKCS#12 files of the key, for Java with the root of the server', async () => {
    const files = await readZip(await kit())
    const plain = await readPkcs12(files.get('ERP-prod-1.p12') ?? Buffer.alloc(0), password)
    assert.deepEqual([plain.keyPairs[0]?.alias, plain.keyPairs[0]?.chain], ['erp prod/1', client.chain])
    assert.deepEqual(plain.certificates, [])
    const java = await readPkcs12(files.get('ERP-prod-1-keystore.p12') ?? Buffer.alloc(0), password)
    assert.deepEqual(
      java.certificates.map(({ alias, certificate }) => [alias, certificate.toString()]),
      [['server root', authority]],
    )
  })

  it('has the service key in both shapes', async () => {
    const texts = await textsOf(await kit({ opened: opened('secret') }))
    const flat = JSON.parse(texts.get('service-key.json') ?? '') as Record<string, unknown>
    const { oauth } = JSON.parse(texts.get('service-key-oauth.json') ?? '') as { oauth: Record<string, unknown> }
    assert.deepEqual([flat.clientid, flat.clientsecret], ['sb-1!b2', secret])
    assert.deepEqual(
      [oauth.clientid, oauth.clientsecret, oauth.createdate],
      ['sb-1!b2', secret, '2026-03-01T12:00:00.000Z'],
    )
  })

  it('has the certificates of the server as DER, and what to trust as PEM', async () => {
    const files = await readZip(await kit())
    assert.equal(readCertificates(files.get('server/root.cer') ?? '')[0]?.toString(), authority)
    assert.equal(files.get('server/ca.pem')?.toString(), authority)
    assert.match(readCertificates(files.get('server/server.cer') ?? '')[0]?.subject ?? '', /CN=sluice\.example/)
  })

  it('finds the root that a server of a public CA does not send', () => {
    const [leaf = ''] = readCertificates(server.chain).map((each) => each.toString())
    const found = serverFiles(leaf, [rootCertificates[0] ?? '', authority])
    assert.deepEqual(
      found.files.map(({ path }) => path),
      ['server/root.cer', 'server/server.cer'],
    )
    assert.equal(found.authority, authority)
    assert.equal(serverFiles(leaf, []).authority, leaf)
  })

  it('has a collection with one request for each address, and who calls in the environment alone', async () => {
    const texts = await textsOf(await kit({ opened: opened('secret') }))
    const collection = JSON.parse(texts.get('postman_collection.json') ?? '') as {
      auth: { type: string }
      item: { name: string; request: { method: string; url: { raw: string } } }[]
    }
    assert.deepEqual(
      collection.item.map(({ request }) => `${request.method} ${request.url.raw}`),
      ['POST {{baseUrl}}/http/orders', 'GET {{baseUrl}}/http/stock/'],
    )
    assert.equal(collection.auth.type, 'basic')
    const environment = JSON.parse(texts.get('postman_environment.json') ?? '') as {
      values: { key: string; value: string; type: string }[]
    }
    assert.deepEqual(
      environment.values.map(({ key, value, type }) => [key, value, type]),
      [
        ['baseUrl', 'https://sluice.example:8443', 'default'],
        ['clientId', 'sb-1!b2', 'default'],
        ['clientSecret', secret, 'secret'],
      ],
    )
  })

  it('of a client of the API calls the API', async () => {
    const texts = await textsOf(await kit({ instance: { ...instance, plan: 'api' }, endpoints: [] }))
    assert.match(texts.get('README.md') ?? '', /`GET https:\/\/sluice\.example:8443\/api\/v1\//)
  })

  it('says in its README what each file is, and until when the key counts', async () => {
    const zip = await kit()
    const texts = await textsOf(zip)
    const readme = texts.get('README.md') ?? ''
    for (const path of texts.keys()) if (path !== 'README.md') assert.ok(readme.includes(path), `${path} is not named`)
    const until = new Date(readCertificates(client.chain)[0]?.validTo ?? 0).toISOString().slice(0, 10)
    assert.match(readme, new RegExp(`It counts until ${until}\\.`))
    for (const heading of ['curl', 'Postman', 'newman', 'Java', 'SAP systems'])
      assert.match(readme, new RegExp(`^## ${heading}`, 'm'))
  })

  it('is the same for the same key, apart from what is drawn for each file', async () => {
    const given = { opened: opened('secret' as const) }
    assert.deepEqual(await kit(given), await kit(given))
  })

  it('with a private key needs a fit password', async () => {
    await assert.rejects(kit({ password: undefined }), { code: 'kits.passwordMissing' })
    await assert.rejects(kit({ password: 'short' }), { code: 'keystore.passwordUnfit' })
  })

  it('lets no name out of its place', async () => {
    const texts = await textsOf(
      await kit({
        opened: opened('secret', '`x` $(id)\n# Head'),
        endpoints: [{ address: "/http/it's $(id) `id`", methods: [] }],
      }),
    )
    const code = /^curl.*$/m.exec(texts.get('README.md') ?? '')?.[0]
    assert.doesNotMatch(texts.get('README.md') ?? '', /^# Head|`x`/m)
    // What the shell would look into, once all quoted words are gone.
    for (const text of [texts.get('curl.sh'), code])
      assert.doesNotMatch(text?.replaceAll(String.raw`\'`, '').replaceAll(/'[^']*'/g, '') ?? '$(id)', /\$\(id\)/)
  })
})
