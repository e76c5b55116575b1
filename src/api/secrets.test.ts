import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'

import { generateKey } from 'openpgp'

import { newTestApi } from '../../test/kit/api.ts'
import { createOAuthRedirect } from './oauth-redirect.ts'

const canary = 'canary-7d1e55-secret'
const newer = 'canary-7d1e55-second'

const client = { TokenServiceUrl: 'https://login.example.com/token', ClientId: 'c', ClientSecret: canary }

/** The sets with an example each: what creates it, and the properties that are secret. */
const sets: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
  ['UserCredentials', { User: 'u', Password: canary }, ['Password']],
  ['UserCredentials', { Kind: 'successfactors', CompanyId: 'ACME', User: 'u', Password: canary }, ['Password']],
  [
    'UserCredentials',
    { Kind: 'openconnectors', Password: canary, Organization: canary, Element: canary },
    ['Password', 'Organization', 'Element'],
  ],
  ['SecureParameters', { SecureParam: canary }, ['SecureParam']],
  ['OAuth2ClientCredentials', client, ['ClientSecret']],
  [
    'OAuth2SamlBearerAssertions',
    {
      Audience: 'a',
      ClientKey: canary,
      TokenServiceUrl: 'https://api.example.com/token',
      TargetSystemType: 'cf',
      TokenServiceUser: 't',
      TokenServicePassword: canary,
    },
    ['ClientKey', 'TokenServicePassword'],
  ],
  [
    'OAuth2AuthorizationCodes',
    {
      AuthUrl: 'https://login.example.com/a',
      TokenUrl: 'https://login.example.com/t',
      ClientId: 'c',
      ClientSecret: canary,
    },
    ['ClientSecret'],
  ],
  [
    'JdbcDataSources',
    { DatabaseType: 'mysql', User: 'u', Password: canary, JdbcUrl: 'jdbc:mysql://db:3306/shop' },
    ['Password'],
  ],
]

describe('security material', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  const logged: unknown[] = []
  const seen: string[] = []
  before(async () => {
    const line = (...words: unknown[]) => void logged.push(words)
    api = await newTestApi({ log: { debug: line, info: line, warn: line, error: line } })
  })
  after(() => api.dispose())
  const ask = async (line: string, given?: Parameters<typeof api.ask>[1]) => {
    const answer = await api.ask(line, given)
    seen.push(JSON.stringify(answer.headers), String(answer.body))
    return answer
  }
  const read = async (line: string) => JSON.parse(String((await ask(line)).body)).d

  for (const [index, [set, body, hidden]] of sets.entries()) {
    it(`${set} ${String(body.Kind ?? '')} is written and never shows its secrets`, async () => {
      const name = `M${index}`
      const created = await ask(`POST /${set}`, { body: { Name: name, Description: 'd', ...body } })
      assert.deepEqual([created.status, String(created.body)], [202, ''])
      assert.equal((await ask(`POST /${set}`, { body: { Name: name, ...body } })).status, 409)
      const entity = await read(`GET /${set}('${name}')`)
      for (const [property, value] of Object.entries(body))
        assert.equal(entity[property], hidden.includes(property) ? null : value, property)
      assert.equal(entity.SecurityArtifactDescriptor?.DeployedBy ?? entity.DeployedBy, 'ann')
      assert.equal((await ask(`PUT /${set}('${name}')`, { body: { Description: 'e' } })).status, 202)
      const { secret } = api.services.secrets.materials.lend(set.replace(/s$/, '') as never, name)
      assert.ok(Object.values(secret).includes(canary), 'a PUT without the secret keeps it')
      const changed = Object.fromEntries(hidden.map((property) => [property, newer]))
      assert.equal((await ask(`PUT /${set}('${name}')`, { body: changed })).status, 202)
      assert.ok(
        Object.values(api.services.secrets.materials.lend(set.replace(/s$/, '') as never, name).secret).includes(newer),
      )
      for (const property of hidden) {
        assert.deepEqual((await read(`GET /${set}?$filter=startswith(${property},'canary')`)).results, [])
        await ask(`GET /${set}('${name}')/${property}/$value`)
      }
      const wrong = { Name: `X${index}`, ...body, Colour: canary }
      assert.equal((await ask(`POST /${set}`, { body: wrong })).status, 400)
      const refused = await ask(`POST /${set}`, { body: { ...body, Name: `${canary}\n` } })
      assert.equal(refused.status, 400)
      assert.equal((await ask(`DELETE /${set}('${name}')`)).status, 202)
      for (const line of [`GET /${set}('${name}')`, `PUT /${set}('${name}')`, `DELETE /${set}('${name}')`]) {
        const missing = await ask(line, { ...(line.startsWith('PUT') && { body: {} }) })
        assert.equal(missing.status, 404)
        assert.match(String(missing.body), /Requested entity could not be found/)
      }
    })
  }

  it('custom parameters come with their credential in a deep insert', async () => {
    const parameters = [
      { Key: 'k', Value: 'v', SendAsPartOf: 'body' },
      { Key: 'X-Tenant', Value: 'w', SendAsPartOf: 'header' },
    ]
    const body = { Name: 'Deep', ...client, CustomParameters: parameters }
    assert.equal((await ask('POST /OAuth2ClientCredentials', { body })).status, 202)
    const found = await read("GET /OAuth2ClientCredentials('Deep')/CustomParameters")
    const plain = found.results.map(({ Key, Value, SendAsPartOf }: Record<string, string>) => ({
      Key,
      Value,
      SendAsPartOf,
    }))
    assert.deepEqual(plain, parameters)
    const expanded = await read("GET /OAuth2ClientCredentials('Deep')?$expand=CustomParameters")
    assert.equal(expanded.CustomParameters.results.length, 2)
    // What was read can be written back.
    assert.equal(
      (await ask("PUT /OAuth2ClientCredentials('Deep')", { body: { ...expanded, ClientSecret: newer } })).status,
      202,
    )
    const forbidden = { ...body, Name: 'D2', CustomParameters: [{ Key: 'client_id', Value: 'v', SendAsPartOf: 'url' }] }
    assert.match(
      String((await ask('POST /OAuth2ClientCredentials', { body: forbidden })).body),
      /client_id is set by Sluice/,
    )
    const odd = { ...body, Name: 'D3', CustomParameters: 'x' }
    assert.match(
      String((await ask('POST /OAuth2ClientCredentials', { body: odd })).body),
      /'CustomParameters' must be a list/,
    )
  })

  it('an address that secrets are sent to changes only together with them', async () => {
    const change = { TokenServiceUrl: 'https://evil.example/token' }
    const refused = await ask("PUT /OAuth2ClientCredentials('Deep')", { body: change })
    assert.equal(refused.status, 400)
    assert.match(String(refused.body), /clientSecret/)
  })

  it('an authorization code goes through the browser', async () => {
    const server = createServer((_, response) =>
      response.end(JSON.stringify({ access_token: canary, expires_in: 3600, refresh_token: canary })),
    )
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const TokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/t`
    const code = { Name: 'Mail', AuthUrl: 'https://login.example/a', TokenUrl, ClientId: 'c', ClientSecret: canary }
    await ask('POST /OAuth2AuthorizationCodes', { body: code })
    const statusOf = async () => (await read("GET /OAuth2AuthorizationCodes('Mail')")).SecurityArtifactDescriptor.Status
    assert.equal(await statusOf(), 'UNAUTHORIZED')
    const url = new URL(String((await ask("POST /AuthorizeOAuth2AuthorizationCode?Name='Mail'")).body))
    assert.equal(
      url.searchParams.get('redirect_uri'),
      'https://localhost:9443/itspaces/odata/api/v1/OAuthTokenFromCode',
    )
    const redirect = createOAuthRedirect(api.services.secrets)
    const back = async (query: string) => {
      const page = await redirect(query)
      seen.push(String(page.body))
      return page.status
    }
    const state = url.searchParams.get('state') ?? ''
    assert.equal(await back(`state=${'x'.repeat(43)}&code=c`), 403)
    assert.equal(await back(`state=${state}&code=c`), 200)
    assert.equal(await back(`state=${state}&code=c`), 403)
    assert.equal(await statusOf(), 'DEPLOYED')
    server.close()
  })

  it('known hosts are imported, reviewed and approved', async () => {
    const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    const blob = Buffer.concat([
      Buffer.from([0, 0, 0, 11]),
      Buffer.from('ssh-ed25519'),
      Buffer.from([0, 0, 0, 32]),
      Buffer.from(x, 'base64url'),
    ])
    const line = (host: string) => `${host} ssh-ed25519 ${blob.toString('base64')}`
    assert.equal((await ask('POST /KnownHosts', { body: { Lines: line('a') } })).status, 202)
    const changes = JSON.parse(String((await ask('POST /ImportKnownHosts', { body: Buffer.from(line('b')) })).body))
    assert.deepEqual([changes.Added[0].Hosts, changes.Removed[0].Hosts, changes.Kept], ['b', 'a', 0])
    assert.deepEqual(JSON.parse(String((await ask('GET /ReviewKnownHosts')).body)), changes)
    assert.equal((await ask(`POST /ApproveKnownHosts?Id='${changes.Id}'`)).status, 202)
    assert.equal((await ask(`POST /ApproveKnownHosts?Id='${changes.Id}'`)).status, 409)
    assert.equal(String((await ask('GET /DownloadKnownHosts')).body), `${line('b')}\n`)
    const [{ Id, Hosts }] = (await read('GET /KnownHosts')).results
    assert.equal(Hosts, 'b')
    assert.equal((await ask(`DELETE /KnownHosts('${Id}')`)).status, 202)
    assert.equal((await ask('POST /KnownHosts', { body: { Lines: 'nonsense' } })).status, 400)
  })

  it('PGP keys are imported, shown, exported and deleted', async () => {
    const { privateKey, publicKey } = await generateKey({
      userIDs: [{ name: 'anna' }],
      passphrase: canary,
      format: 'armored',
    })
    const content = (text: string) => Buffer.from(text).toString('base64')
    const imported = await ask('POST /ImportPgpPublicKeys', { body: { Content: content(publicKey) } })
    const [{ KeyId, Outcome }] = JSON.parse(String(imported.body))
    assert.equal(Outcome, 'added')
    const secret = { Content: content(privateKey), Passphrase: canary }
    assert.equal((await ask('POST /ImportPgpSecretKeys', { body: secret })).status, 200)
    assert.equal((await ask('POST /ImportPgpSecretKeys', { body: { ...secret, Passphrase: newer } })).status, 400)
    const keys = (await read('GET /PgpKeyEntries')).results
    assert.deepEqual(
      keys.map((key: Record<string, string>) => `${key.Id} ${key.Type} ${key.ValidityState}`),
      [`${KeyId} public Valid`, `${KeyId}-secret secret Valid`],
    )
    assert.equal((await read(`GET /PgpKeyEntries('${KeyId}')/SubKeys`)).results[0].Algorithm, 'ECDH')
    assert.equal((await read(`GET /PgpKeyEntries('${KeyId}-secret')/UserIds`)).results[0].UserId, 'anna')
    assert.match(String((await ask(`GET /PgpKeyEntries('${KeyId}-secret')/$value`)).body), /BEGIN PGP PUBLIC KEY/)
    assert.match(String((await ask('POST /ExportPgpPublicKeys', { body: {} })).body), /BEGIN PGP PUBLIC KEY/)
    const exported = await ask('POST /ExportPgpSecretKeys', { body: { Passphrase: newer } })
    assert.match(String(exported.body), /BEGIN PGP PRIVATE KEY/)
    assert.equal((await ask('POST /ExportPgpSecretKeys', { body: {} })).status, 400)
    assert.equal(
      (await ask('POST /ImportPgpPublicKeys', { body: { Content: content('x'), Mode: 'maybe' } })).status,
      400,
    )
    for (const id of [KeyId, `${KeyId}-secret`]) assert.equal((await ask(`DELETE /PgpKeyEntries('${id}')`)).status, 202)
    assert.equal((await ask(`DELETE /PgpKeyEntries('${KeyId}')`)).status, 404)
  })

  it('no answer, log or stored record held a secret', async () => {
    const { records } = await api.stores.secrets.load(0)
    const all = [...seen, JSON.stringify(logged), JSON.stringify(records)].join('\n')
    assert.ok(seen.length > 200 && records.length > 0)
    for (const secret of [canary, newer]) {
      // A name that somebody gave is no secret, also where it is made of one.
      const found = all.replaceAll(JSON.stringify(`${canary}\n`).slice(1, -1), '')
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64').slice(0, -2),
        Buffer.from(secret).toString('hex'),
      ])
        assert.ok(!found.includes(form), form)
    }
  })
})
