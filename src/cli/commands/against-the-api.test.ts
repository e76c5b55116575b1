import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../../test/kit/api.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'
import { loadX509 } from '../../keystore/x509-library.ts'

/** The command line and the API know the same names: each command against the API itself, over a real registry. */
describe('the commands against the management API', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>

  const run = (line: string, input?: string) =>
    sluice(line.split(' '), { folder: server.folder, ...(input !== undefined && { input }) })

  /** What the command says as JSON; it must succeed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  async function ask(line: string, input?: string): Promise<any> {
    const { code, out, err } = await run(`${line} --json`, input)
    assert.equal(code, 0, `${line}: ${err}`)
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
    const x509 = await loadX509()
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=own',
      keys,
      signingAlgorithm: algorithm,
    })
    writeFileSync(join(server.folder, 'own.csr'), request.toString('pem'))
    for (const name of ['one', 'two', 'three'])
      writeFileSync(join(server.folder, `${name}.pem`), (await real.issue(name)).chain)
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })

  it('roles', async () => {
    await ask('role create Orders.send --description sending')
    const roles = (await ask('role list')) as { Name: string; Description: string }[]
    assert.equal(roles.find(({ Name }) => Name === 'Orders.send')?.Description, 'sending')
    assert.deepEqual(await ask('role download Orders.send'), { roles: ['Orders.send'] })
    await ask('role create Spare')
    await ask('role delete Spare')
  })

  it('service instances', async () => {
    await ask('service-instance create sales --role Orders.send --token-validity 7200')
    await ask('service-instance update sales --name Sales')
    const shown = await ask('service-instance show Sales')
    assert.deepEqual([shown.Roles, shown.TokenValidity, shown.Plan], [['Orders.send'], 7200, 'integration-flow'])
  })

  it('service keys of each type', async () => {
    const secret = await ask('service-key create Sales plain --shape oauth')
    assert.ok(secret.oauth.clientsecret.length >= 32)
    const issued = await ask('service-key create Sales made --type certificate --days 30')
    assert.match(issued.key, /BEGIN PRIVATE KEY/)
    const own = await ask('service-key create Sales own --cert one.pem --no-pin')
    assert.match(own.certificate, /BEGIN CERTIFICATE/)
    const keys = (await ask('service-key list --instance Sales')) as { Name: string; Type: string }[]
    assert.deepEqual(keys.map(({ Name, Type }) => `${Name} ${Type}`).sort(), [
      'made certificate',
      'own certificate_external',
      'plain secret',
    ])
    const chosen = await ask(
      'service-key create Sales chosen --client-id my-client --own-secret',
      'a secret that somebody chose himself, long enough\n',
    )
    assert.deepEqual(
      [chosen.clientid, chosen.clientsecret],
      ['my-client', 'a secret that somebody chose himself, long enough'],
    )
  })

  it('rotation, further certificates, kits', async () => {
    const before = await ask('service-key show Sales/plain --credential')
    const after = await ask('service-key rotate Sales/plain --overlap 3')
    assert.notEqual(after.clientsecret, before.clientsecret)
    await ask('service-key rotate Sales/own --cert two.pem')
    await ask('service-key add-certificate Sales/own --cert three.pem --from 2026-02-05')
    const shown = await ask('service-key show Sales/own')
    assert.equal(shown.Certificates.length, 3)
    assert.ok(shown.Certificates.some(({ From }: { From: string }) => From === '2026-02-05T00:00:00.000Z'))
    await ask('service-key kit Sales/made --out kit.zip', 'correct horse\n')
    assert.match(JSON.stringify(real.kits.at(-1)), /"password":"correct horse"/)
    await ask('service-key delete Sales/chosen')
    assert.equal((await run('service-key show Sales/chosen')).code, 1)
  })

  it('users and groups', async () => {
    await ask('user create alice --role Orders.send', 'a password of hers\n')
    await ask('user create erp --no-password')
    await ask('user set-password alice', 'another password of hers\n')
    await ask('user lock alice')
    await ask('user roles erp --add ESBMessaging.send')
    await ask('group create crew --role Orders.send --member alice')
    await ask('group members crew --add erp --remove alice')
    await ask('group roles crew --add ESBMessaging.send')
    const users = (await ask('user list')) as Record<string, unknown>[]
    assert.deepEqual(
      users.map(({ Name, HasPassword, Locked, Roles, Groups }) => [Name, HasPassword, Locked, Roles, Groups]),
      [
        ['alice', true, true, ['Orders.send'], []],
        ['erp', false, false, ['ESBMessaging.send'], ['crew']],
      ],
    )
    await ask('user unlock alice')
    await ask('group delete crew')
    await ask('user delete alice')
    assert.equal(((await ask('user list')) as unknown[]).length, 1)
  })

  it('mappings and trust', async () => {
    writeFileSync(join(server.folder, 'mapped.pem'), (await real.issue('mapped')).chain)
    const { id } = await ask('mapping add --user erp --cert mapped.pem')
    const [mapping] = (await ask('mapping list')) as { Id: string; User: string }[]
    assert.deepEqual([mapping?.Id, mapping?.User], [id, 'erp'])
    await ask('mapping remove erp')
    writeFileSync(join(server.folder, 'authority.pem'), server.caCertificate)
    const anchor = await ask('trust add authority.pem --name Partner')
    assert.equal(anchor.kind, 'ca')
    const anchors = (await ask('trust list')) as { Name: string }[]
    assert.ok(anchors.some(({ Name }) => Name === 'Partner'))
    await ask('trust remove Partner')
  })

  it('policies', async () => {
    await ask(
      'policy set methods=certificate,bearer lock-after=5 certificate-outside=10.0.0.0/8 client-rate=50 client-burst=100',
    )
    const shown = await ask('policy show')
    assert.deepEqual(
      [shown.methods, shown['lock-after'], shown['certificate-outside'], shown['client-rate']],
      [['certificate', 'bearer'], 5, ['10.0.0.0/8'], 50],
    )
    await ask('policy set certificate-outside=off')
    assert.equal((await ask('policy show'))['certificate-outside'], undefined)
    await ask('policy set --endpoint /http/orders methods=certificate networks=10.0.0.0/8')
    await ask('policy set --endpoint /http/orders methods=')
    const endpoint = await ask('policy show --endpoint /http/orders')
    assert.deepEqual([endpoint.methods, endpoint.networks], [undefined, ['10.0.0.0/8']])
    for (const name of ['one', 'two']) {
      const [leaf = ''] = readFileSync(join(server.folder, `${name}.pem`), 'utf8').split(
        /(?<=-----END CERTIFICATE-----\n)/,
      )
      writeFileSync(join(server.folder, `leaf-${name}.pem`), leaf)
    }
    await ask(
      'policy set publishers=@leaf-one.pem,@leaf-two.pem require-signature=true groovy=4 script-networks=127.0.0.0/8',
    )
    await ask('policy set lint-stop=error,print')
    const asked = await ask('policy show')
    assert.deepEqual(
      [asked.groovy, asked['require-signature'], asked['script-networks'], asked['lint-stop']],
      ['4', true, ['127.0.0.0/8'], ['error', 'print']],
    )
    const { fingerprint, subject } = asked.publishers[1]
    assert.deepEqual([asked.publishers.length, subject, fingerprint.length], [2, 'CN=two,O=Sluice', 64])
    const { out } = await run('policy show')
    assert.match(
      out,
      new RegExp(`^publishers +CN=one,O=Sluice \\([0-9a-f]{64}\\); CN=two,O=Sluice \\(${fingerprint}\\)$`, 'm'),
    )
    assert.match((await run('policy set publishers=one.pem')).err, /such as @publishers\.pem/)
    assert.match((await run('policy set publishers=')).err, /requireSignature needs publishers/)
    await ask('policy set publishers= require-signature=false lint-stop=')
    assert.deepEqual((await ask('policy show')).publishers, [])
    await ask('policy remove /http/orders')
    assert.equal((await run('policy show --endpoint /http/orders')).code, 1)
  })

  it('certificates', async () => {
    const issued = await ask('cert issue --name tester --days 7')
    assert.match(issued.key, /^-----BEGIN PRIVATE KEY-----/)
    assert.match(issued.chain, /^-----BEGIN CERTIFICATE-----/)
    const signed = await ask('cert sign own.csr --days 7')
    assert.match(signed.chain, /^-----BEGIN CERTIFICATE-----/)
    const refused = await run('cert sign one.pem --days 7')
    assert.match(refused.err, /certificate already/)
  })

  it('explain', async () => {
    const answer = await ask('explain --cert one.pem --basic alice --from 10.0.0.9 --endpoint /http/orders', 'word\n')
    assert.equal(answer.accepted, true)
    const { certificate, ...question } = real.questions.at(-1) ?? { certificate: '' }
    assert.match(certificate ?? '', /BEGIN CERTIFICATE/)
    assert.deepEqual(question, {
      endpoint: '/http/orders',
      method: 'POST',
      basic: { user: 'alice', password: 'word' },
      remoteAddress: '10.0.0.9',
    })
  })

  it('security material of every type', async () => {
    await ask('secure-parameter set PARAMETER', 'value\n')
    const client = '--token-url https://login.example.com/token --client-id abc'
    await ask(`oauth-credential set CLIENT ${client} --custom header:X-Tenant=7`, 'secret\n')
    await ask('oauth-credential set CLIENT --scope mail --keep-secret')
    const code = '--type authorization-code --authorization-url https://login.example.com/authorize'
    await ask(`oauth-credential set CODE ${code} ${client}`, 'secret\n')
    const { url } = await ask('oauth-credential authorize CODE')
    assert.match(url, /^https:\/\/login\.example\.com\/authorize\?client_id=abc&/)
    await ask('credentials set SF --user u --type successfactors --company-id ACME', 'password\n')
    const listed = await ask('credentials list --type oauth2-client-credentials')
    assert.deepEqual(listed, [
      { Name: 'CLIENT', Description: '', ClientId: 'abc', TokenServiceUrl: 'https://login.example.com/token' },
    ])
    assert.equal((await ask('credentials list --type oauth2-authorization-code'))[0].Name, 'CODE')
    await ask('credentials remove CLIENT --type oauth2-client-credentials')
    assert.equal((await run('oauth-credential set CLIENT --user u', 'secret\n')).code, 2)
    assert.equal((await run('credentials list --type other')).code, 2)
  })

  it('known hosts', async () => {
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIGJvZ3VzIGJvZ3VzIGJvZ3VzIGJvZ3VzIGJvZ3VzIGJv'
    writeFileSync(join(server.folder, 'one.hosts'), `one ssh-ed25519 ${key}\n`)
    writeFileSync(join(server.folder, 'two.hosts'), `two ssh-ed25519 ${key}\n`)
    await ask('known-hosts add one.hosts')
    const changes = await ask('known-hosts import two.hosts')
    assert.deepEqual([changes.Added[0].Hosts, changes.Removed[0].Hosts], ['two', 'one'])
    assert.equal((await ask('known-hosts review')).Id, changes.Id)
    await ask(`known-hosts approve ${changes.Id}`)
    const [line] = await ask('known-hosts list')
    assert.equal(line.Hosts, 'two')
    await ask(`known-hosts remove ${line.Id}`)
    assert.equal((await run(`known-hosts discard ${changes.Id}`)).code, 1)
  })

  it('PGP keys', async () => {
    const { generateKey } = await import('openpgp')
    const { privateKey, publicKey } = await generateKey({ userIDs: [{ name: 'own' }], passphrase: 'old passphrase' })
    writeFileSync(join(server.folder, 'own.asc'), privateKey)
    writeFileSync(join(server.folder, 'public.asc'), publicKey)
    const [{ Outcome, KeyId }] = await ask('pgp import public.asc')
    assert.equal(Outcome, 'added')
    await ask('pgp import own.asc --secret', 'old passphrase\n')
    assert.equal((await run('pgp import own.asc --secret', 'wrong\n')).code, 1)
    const listed = (await ask('pgp list')) as { Id: string }[]
    assert.deepEqual(
      listed.map(({ Id }) => Id),
      [KeyId, `${KeyId}-secret`],
    )
    await ask('pgp export --out all.gpg')
    await ask(`pgp export --secret --key ${KeyId} --out exported.asc`, 'a new passphrase\n')
    assert.match(readFileSync(join(server.folder, 'exported.asc'), 'utf8'), /BEGIN PGP PRIVATE KEY BLOCK/)
    assert.equal(statSync(join(server.folder, 'exported.asc')).mode & 0o777, 0o600)
    await ask(`pgp delete ${KeyId}-secret`)
  })
})
