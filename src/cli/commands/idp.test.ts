import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { newTestApi } from '../../../test/kit/api.ts'
import { selfSigned } from '../../../test/kit/authority.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

const day = 86_400_000

/** The commands against the management API itself, over a real registry. */
describe('identity providers', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>
  let prints: Record<string, string>

  const run = (argv: readonly string[], input?: string) =>
    sluice(argv, { folder: server.folder, ...(input !== undefined && { input }) })
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  async function ask(...argv: readonly string[]): Promise<any> {
    const { code, out, err } = await run([...argv, '--json'])
    assert.equal(code, 0, `${argv.join(' ')}: ${err}`)
    return JSON.parse(out)
  }

  before(async () => {
    real = await newTestApi()
    server = await serveManagementApi({}, async ({ method, path, body, headers }) => {
      const type = headers['content-type']
      const given = { body: Buffer.from(body), ...(type !== undefined && { headers: { 'content-type': type } }) }
      const answer = await real.ask(`${method} /${path.replace(/\?.*$/s, encodeURI)}`, given)
      return { status: answer.status, headers: answer.headers, raw: answer.body }
    })
    prints = {}
    for (const name of ['one', 'two', 'three']) {
      const { now } = real.time
      const { chain, key } = await selfSigned({ subject: `CN=${name}`, from: now - day, until: now + 9 * day })
      writeFileSync(join(server.folder, `${name}.pem`), chain + key)
      prints[name] = createHash('sha256').update(new X509Certificate(chain).raw).digest('hex')
      const xml = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://${name}.example"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${new X509Certificate(chain).raw.toString('base64')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`
      writeFileSync(join(server.folder, `${name}.xml`), xml)
    }
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    writeFileSync(join(server.folder, 'keys.json'), JSON.stringify({ keys: [{ ...jwk, kid: 'k1', alg: 'ES256' }] }))
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })
  beforeEach(async () => {
    for (const { id } of real.services.identity.identityProviders.list())
      await real.services.identity.identityProviders.remove(id, 'test')
  })

  it('are added with all that can be said, shown and removed', async () => {
    const words = [
      'idp add Portal https://portal.example --cert one.pem --jwks keys.json --algorithm ES256 --algorithm RS256',
      '--user-id mail --audience aud --skew 0 --default-attribute region=EU --attribute mail=email --attribute *=*',
      '--default-group all --description d --group-rule',
    ]
    const line = [...words.join(' ').split(' '), 'buyers: urn:oid:1.2 contains buy er']
    await ask(...line)
    const shown = await ask('idp', 'show', 'https://portal.example')
    assert.deepEqual(shown.Algorithms, ['ES256', 'RS256'])
    assert.deepEqual(
      [shown.UserIdAttribute, shown.Skew, shown.Enabled, shown.Description, shown.Audiences],
      ['mail', 0, true, 'd', ['aud']],
    )
    assert.deepEqual(JSON.parse(shown.DefaultAttributes), { region: 'EU' })
    assert.deepEqual(JSON.parse(shown.Attributes), [
      { from: 'mail', to: 'email' },
      { from: '*', to: '*' },
    ])
    assert.deepEqual(JSON.parse(shown.GroupRules), [
      { group: 'buyers', attribute: 'urn:oid:1.2', operator: 'contains', value: 'buy er' },
    ])
    assert.deepEqual([shown.Certificates[0].fingerprint, shown.Jwks[0].kid], [prints['one'], 'k1'])
    const text = (await run(['idp', 'show', 'Portal'])).out
    assert.match(text, new RegExp(`certificate +${prints['one']} +CN=one +valid to`))
    assert.match((await run(['idp', 'list'])).out, /Portal +https:\/\/portal\.example/)
    assert.match((await run(['idp', 'remove', 'Portal'])).out, /^removed {2}Portal/)
    assert.deepEqual(await ask('idp', 'list'), [])
  })

  it('are changed where something is said, and lists can be emptied', async () => {
    await ask('idp', 'add', 'Portal', 'p', '--cert', 'one.pem', '--audience', 'a', '--user-id', 'mail')
    const changed = await run(['idp', 'update', 'Portal', '--sha1', 'on', '--audience', '', '--user-id', 'nameid'])
    assert.match(changed.err, /^warning {2}signatures by RSA with SHA-1/)
    const shown = await ask('idp', 'show', 'Portal')
    assert.deepEqual(
      [shown.Sha1, shown.Audiences, shown.UserIdAttribute, shown.Certificates.length],
      [true, [], null, 1],
    )
    await ask('idp', 'update', 'Portal', '--sha1', 'off', '--enabled', 'off', '--name', 'Old portal')
    const { Sha1, Enabled } = await ask('idp', 'show', 'Old portal')
    assert.deepEqual([Sha1, Enabled], [false, false])
    assert.equal((await run(['idp', 'update', 'Old portal'])).code, 2)
  })

  it('have certificates that overlap while one is rolled over', async () => {
    await ask('idp', 'add', 'Portal', 'p', '--cert', 'one.pem')
    const from = new Date(real.time.now + day).toISOString()
    await ask('idp', 'add-certificate', 'Portal', 'two.pem', '--from', from)
    const both = (await ask('idp', 'show', 'Portal')).Certificates as { fingerprint: string; from: string | null }[]
    assert.deepEqual(
      both.map((each) => [each.fingerprint, each.from]),
      [
        [prints['one'], null],
        [prints['two'], from],
      ],
    )
    await ask('idp', 'remove-certificate', 'Portal', (prints['one'] ?? '').slice(0, 12))
    const left = (await ask('idp', 'show', 'Portal')).Certificates as { fingerprint: string; from: string }[]
    assert.deepEqual([left.length, left[0]?.fingerprint, left[0]?.from], [1, prints['two'], from])
    assert.match((await run(['idp', 'remove-certificate', 'Portal', 'ffffffff'])).err, /certificate/)
  })

  it('come from metadata, which renews them, too', async () => {
    await ask('idp', 'import', 'one.xml', '--name', 'Meta', '--default-group', 'g')
    writeFileSync(
      join(server.folder, 'next.xml'),
      readFileSync(join(server.folder, 'two.xml'), 'utf8').replace('two.example', 'one.example'),
    )
    await ask('idp', 'import', 'next.xml', '--renew', 'Meta')
    const shown = await ask('idp', 'show', 'Meta')
    assert.deepEqual([shown.Certificates[0].fingerprint, shown.DefaultGroups], [prints['two'], ['g']])
    assert.match((await run(['idp', 'import', 'three.xml', '--renew', 'Meta'])).err, /but this is of 'https:\/\/three/)
    assert.match((await run(['idp', 'import', 'three.xml', '--signed-by', 'one.pem'])).err, /signature of the metadata/)
  })

  it('are discovered nowhere on this machine', async () => {
    assert.match((await run(['idp', 'discover', 'https://127.0.0.1:9'])).err, /this machine itself/)
    assert.match((await run(['idp', 'discover', 'http://idp.example'])).err, /https/)
  })

  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a rule of another form', ['--group-rule', 'buyers'], /must be like 'buyers: role equals buyer'/],
    ['a key set that is none', ['--jwks', 'one.pem'], /no JSON Web Key Set/],
    ['a word that is neither on nor off', ['--sha1', 'maybe'], /sha1/],
    ['a skew that is no number', ['--skew', '1m'], /number of seconds/],
  ]
  for (const [what, flags, problem] of wrong)
    it(`are refused with ${what} before anything is asked`, async () => {
      server.received.length = 0
      const { code, err } = await run(['idp', 'add', 'x', 'x', ...flags])
      assert.deepEqual([code, problem.test(err) ? '' : err], [2, ''])
      assert.deepEqual(server.received, [])
    })

  describe('trust-sender', () => {
    it('makes everything, writes the key and prints lines that a shell takes', async () => {
      const line = ['trust-sender', 'Shop', '--issuer', 'https://shop.example', '--cert', 'one.pem', '--out', 'it.json']
      const { code, out, err } = await run(line)
      assert.equal(code, 0, err)
      const { clientid, clientsecret } = JSON.parse(readFileSync(join(server.folder, 'it.json'), 'utf8'))
      assert.equal(statSync(join(server.folder, 'it.json')).mode & 0o777, 0o600)
      assert.ok(!out.includes(clientsecret))
      const [, , , , token = '', call = ''] = out.split('\n')
      assert.match(token, /grant_type=urn:ietf:params:oauth:grant-type:saml2-bearer/)
      execFileSync('bash', ['-n', '-c', `${token}\n${call}`])
      const { identity } = real.services
      const roles = identity.byToken({ clientId: clientid, user: 'anna', attributes: {}, groups: ['Shop'] })?.roles
      assert.deepEqual([...(roles ?? [])], ['ESBMessaging.send'])
      assert.ok(identity.byClientSecret(clientid, clientsecret))
    })

    it('takes metadata, a user and JSON Web Tokens', async () => {
      const saml = await ask('trust-sender', 'Meta', '--metadata', 'two.xml', '--user', 'anna')
      assert.deepEqual([saml.issuer, saml.user, saml.group], ['https://two.example', 'anna', null])
      assert.ok(saml.call.includes(`${saml.key.clientid}:${saml.key.clientsecret}`))
      const jwt = await ask('trust-sender', 'Tokens', '--issuer', 'https://t.example', '--jwks', 'keys.json')
      assert.equal(jwt.grantType, 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    })

    it('refuses what does not go together before anything is made', async () => {
      server.received.length = 0
      for (const flags of [
        [],
        ['--issuer', 'x', '--metadata', 'one.xml'],
        ['--issuer', 'x', '--user', 'a', '--group', 'b'],
        ['--issuer', 'x', '--signed-by', 'one.pem'],
      ])
        assert.equal((await run(['trust-sender', 'x', ...flags])).code, 2, flags.join(' '))
      assert.deepEqual(server.received, [])
    })
  })
})
