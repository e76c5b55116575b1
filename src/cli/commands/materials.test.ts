import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { newTestApi } from '../../../test/kit/api.ts'
import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

/** Security material of several secrets or of keys, by the command line against the API itself. */
describe('security material', () => {
  let real: Awaited<ReturnType<typeof newTestApi>>
  let server: Awaited<ReturnType<typeof serveManagementApi>>

  const run = (line: string, input = '') => sluice(line.split(' '), { folder: server.folder, input })
  const lent = (type: 'OAuth2SamlBearerAssertion' | 'JdbcDataSource' | 'OAuth2ClientCredential', name: string) =>
    real.services.secrets.materials.lend(type, name)
  async function done(line: string, input?: string): Promise<void> {
    const { code, out, err } = await run(line, input)
    assert.equal(code, 0, err)
    for (const secret of (input ?? '').split('\n').filter(Boolean)) assert.ok(!(out + err).includes(secret))
  }

  before(async () => {
    real = await newTestApi()
    server = await serveManagementApi({}, async ({ method, path, body, headers }) => {
      const type = headers['content-type']
      const given = { body: Buffer.from(body), ...(type !== undefined && { headers: { 'content-type': type } }) }
      const answer = await real.ask(`${method} /${path}`, given)
      return { status: answer.status, headers: answer.headers, raw: answer.body }
    })
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await real.dispose()
  })

  it('a SAML bearer assertion has all its fields, and a line for each of its secrets', async () => {
    const fields =
      '--target generic --audience aud --token-url https://t.example/token --token-user u --user-id principal --user-id-source mail --key-pair signer --issuer me --name-id-format emailAddress --recipient https://r.example --authn-context urn:x --attribute a=1 --attribute a=2=3 --validity 60 --scope s'
    await done(`saml-bearer set BTP ${fields}`, 'the-client-key\nthe-password\n')
    const { shown, secret } = lent('OAuth2SamlBearerAssertion', 'BTP')
    assert.deepEqual(secret, { clientKey: 'the-client-key', tokenServicePassword: 'the-password' })
    assert.deepEqual(shown, {
      targetSystemType: 'generic',
      audience: 'aud',
      tokenServiceUrl: 'https://t.example/token',
      tokenServiceUser: 'u',
      companyId: '',
      userId: 'principal',
      userIdSource: 'mail',
      keyPairAlias: 'signer',
      issuer: 'me',
      nameIdFormat: 'emailAddress',
      recipient: 'https://r.example',
      authnContext: 'urn:x',
      assertionAttributes: '[{"name":"a","value":"1"},{"name":"a","value":"2=3"}]',
      assertionValidity: '60',
      scope: 's',
    })
    await done('saml-bearer set BTP --audience other --keep-secret')
    const changed = lent('OAuth2SamlBearerAssertion', 'BTP')
    assert.deepEqual([changed.shown['audience'], changed.secret], ['other', secret])
  })

  it('a client key is left out where the target does without', async () => {
    const line = 'saml-bearer set NOKEY --target generic --audience a --token-url https://t.example/t --token-user u'
    await done(`${line} --no-client-key`, 'the-password\n')
    assert.deepEqual(lent('OAuth2SamlBearerAssertion', 'NOKEY').secret, { tokenServicePassword: 'the-password' })
  })

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'saml-bearer set X --target cf --audience a --token-url https://t.example/t --token-user u',
      'key\n',
      /token service password/,
    ],
    [
      'saml-bearer set X --target cf --audience a --token-url https://t.example/t --no-client-key --token-user u',
      'p\n',
      /clientKey is required/,
    ],
    [
      'saml-bearer set X --target cf --audience a --token-url https://t.example/t --token-user u --attribute API_KEY=x',
      'k\np\n',
      /api_key is set by Sluice/,
    ],
    [
      'saml-bearer set X --target cf --audience a --token-url https://t.example/t --token-user u --validity 10',
      'k\np\n',
      /assertionValidity/,
    ],
    ['saml-bearer set X --attribute nothing', 'k\n', /name=value/],
    [
      'jdbc set Bad --database postgresql --url jdbc:postgresql://a:b@h/x --user u',
      'p\n',
      /must not hold a user or password/,
    ],
  ]
  for (const [line, input, words] of refused)
    it(`refused: ${line}`, async () => {
      const { code, err } = await run(line, input)
      assert.deepEqual([code !== 0, words.test(err) ? '' : err], [true, ''])
      assert.equal(real.services.secrets.materials.list().filter(({ name }) => ['X', 'Bad'].includes(name)).length, 0)
    })

  it('a JDBC data source is made with a password or an access token', async () => {
    const url = 'jdbc:postgresql://db.example.com:5432/orders'
    await done(`jdbc set Orders --database postgresql --url ${url} --user flow`, 'the-password\n')
    await done('jdbc set Orders --max-pool-size 5 --keep-secret')
    const { shown, secret } = lent('JdbcDataSource', 'Orders')
    assert.deepEqual([shown['jdbcUrl'], shown['maxPoolSize'], secret['password']], [url, '5', 'the-password'])
    await done('jdbc set Hana --database hana --database-id db1', 'the-token\n')
    assert.equal(lent('JdbcDataSource', 'Hana').secret['accessToken'], 'the-token')
  })

  it('a client that proves itself by a key has no secret', async () => {
    const line = 'oauth-credential set MTLS --token-url https://t.example/t --client-id c --send-as certificate'
    await done(`${line} --key-pair mine --grant-type body --content-type json`)
    const { shown, secret } = lent('OAuth2ClientCredential', 'MTLS')
    assert.deepEqual(
      [shown['clientAuthentication'], shown['keyPairAlias'], shown['grantType'], shown['contentType'], secret],
      ['certificate', 'mine', 'body', 'json', {}],
    )
    assert.notEqual((await run('oauth-credential set MTLS --type authorization-code --key-pair x')).code, 0)
  })
})
