import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'

import {
  accessTokenType,
  type AuthorizationWorld,
  basicOf,
  exchangeType,
  jwtType,
  openAuthorizationWorld,
  password,
  samlType,
} from '../../test/kit/authorization.ts'

/** Status, error of the RFC, request. `$id`, `$secret`, `$user` (a user's token) and `$own` (a client's) are filled in. */
type Row = readonly [
  status: number,
  error: string,
  body: string,
  options?: {
    readonly basic?: false | string
    readonly method?: string
    readonly path?: string
    readonly type?: string | undefined
    readonly headers?: Readonly<Record<string, string>>
  },
]

const token = '/oauth/token'
const none = { basic: false } as const
const anonymous = (path = token) => ({ basic: false, path }) as const
const cc = 'grant_type=client_credentials'
const clientAssertion = 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const saml = `grant_type=${samlType}`
const jwt = `grant_type=${jwtType}`
const exchange = `grant_type=${exchangeType}`
const subject = `subject_token=$user&subject_token_type=${accessTokenType}`
const pass = 'grant_type=password'
const code = 'grant_type=authorization_code'
const refresh = 'grant_type=refresh_token'
const introspect = { path: '/oauth/introspect' }
const revoke = { path: '/oauth/revoke' }
const basic = (text: string) => ({ basic: `Basic ${Buffer.from(text).toString('base64')}` })
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const unsigned = (header: object, payload: object) => `${part(header)}.${part(payload)}.AAAA`

const rows: Readonly<Record<string, readonly Row[]>> = {
  'methods, types and bodies': [
    ...['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].flatMap((method): readonly Row[] =>
      [token, '/oauth2/api/v1/token', '/oauth/introspect', '/oauth/revoke'].map((path) => [
        405,
        'invalid_request',
        '',
        { method, path },
      ]),
    ),
    [405, 'invalid_request', '', { method: 'POST', path: '/token_keys' }],
    [405, 'invalid_request', '', { method: 'POST', path: '/.well-known/openid-configuration' }],
    [405, 'invalid_request', '', { method: 'DELETE', path: '/.well-known/oauth-authorization-server' }],
    [405, 'invalid_request', cc, { path: '/oauth/authorize' }],
    [405, 'invalid_request', '', { path: '/oauth/authorize/abc', method: 'PUT' }],
    [405, 'invalid_request', '', { path: '/oauth/log-on/abc', method: 'DELETE' }],
    [404, 'invalid_request', cc, { path: '/oauth/other' }],
    [404, 'invalid_request', cc, { path: '/oauth/token/' }],
    [404, 'invalid_request', cc, { path: '/oauth//token' }],
    [404, 'invalid_request', cc, { path: '/oauth/authorize/%2e%2e' }],
    [404, 'invalid_request', '', { path: '/oauth/log-on/', method: 'GET' }],
    [400, 'invalid_request', '{"grant_type":"client_credentials"}', { type: 'application/json' }],
    [400, 'invalid_request', cc, { type: 'text/plain' }],
    [400, 'invalid_request', cc, { type: 'multipart/form-data; boundary=x' }],
    [400, 'invalid_request', cc, { type: '' }],
    [400, 'invalid_request', cc, { type: 'application/x-www-form-urlencoded; charset=utf-16' }],
    [400, 'invalid_request', cc, { type: 'application/x-www-form-urlencodedx' }],
    [400, 'invalid_request', cc, { type: 'application/x-www-form-urlencoded, text/plain' }],
    [400, 'invalid_request', cc, { headers: { 'content-encoding': 'gzip' } }],
    [413, 'invalid_request', `${cc}&x=${'y'.repeat(300_000)}`],
    [400, 'invalid_request', `${cc}&${Array.from({ length: 60 }, (_, index) => `p${index}=1`).join('&')}`],
    [400, 'invalid_request', `${cc}&x=%`],
    [400, 'invalid_request', `${cc}&x=%zz`],
    [400, 'invalid_request', `${cc}&x=%ff`],
    [400, 'invalid_request', `${cc}&x=%c0%80`],
    [400, 'invalid_request', `${cc}&x=%00`],
    [400, 'invalid_request', `${cc}&%00=x`],
    [400, 'invalid_request', `${cc}%00`],
    [400, 'invalid_request', `${cc}&x=\0`],
    [400, 'invalid_request', `${cc}&${cc}`],
    [400, 'invalid_request', `${cc}&grant_type=`],
    [400, 'invalid_request', `grant_type=&${cc}`],
    [400, 'invalid_request', `${cc}&scope=a&scope=b`],
    [400, 'invalid_request', `${cc}&unknown=1&unknown=2`],
    [400, 'invalid_request', `${cc}&client_id=$id&client_id=$id`],
    [400, 'invalid_request', cc, { path: `${token}?grant_type=client_credentials` }],
    [400, 'invalid_request', cc, { path: `${token}?assertion=x` }],
    [400, 'invalid_request', cc, { path: `${token}?password=x` }],
    [400, 'invalid_request', cc, { path: `${token}?username=x` }],
    [400, 'invalid_request', cc, { path: `${token}?refresh_token=x` }],
    [400, 'invalid_request', cc, { path: `${token}?code=x` }],
    [400, 'invalid_request', cc, { path: `${token}?x=%` }],
    [400, 'invalid_request', cc, { path: `${token}?scope=${'x'.repeat(9000)}` }],
    [400, 'invalid_request', 'grant_type', {}],
    [400, 'invalid_request', '', {}],
    [400, 'invalid_request', '&&&', {}],
    [400, 'invalid_request', '=client_credentials', {}],
    [400, 'invalid_request', 'grant_type=', {}],
    [400, 'invalid_request', 'grant_type[]=client_credentials'],
    [400, 'invalid_request', 'grant_type[0]=client_credentials'],
    [400, 'invalid_request', 'GRANT_TYPE=client_credentials'],
  ],
  'client authentication': [
    [401, 'invalid_client', cc, none],
    [401, 'invalid_client', '', none],
    [401, 'invalid_client', `${cc}&client_id=$id`, none],
    [401, 'invalid_client', `${cc}&client_id=$id&client_secret=`, none],
    [400, 'invalid_request', `${cc}&client_secret=$secret`, none],
    [400, 'invalid_request', `${cc}&client_id=&client_secret=$secret`, none],
    [401, 'invalid_client', `${cc}&client_id=unknown&client_secret=$secret`, none],
    [401, 'invalid_client', `${cc}&client_id=$id&client_secret=$id`, none],
    [401, 'invalid_client', `${cc}&client_id=$secret&client_secret=$id`, none],
    [400, 'invalid_request', `${cc}&client_id=$id&client_secret=$secret`],
    [400, 'invalid_request', `${cc}&client_secret=$secret`],
    [400, 'invalid_request', `${cc}&client_assertion=x&${clientAssertion}`],
    [400, 'invalid_request', `${cc}&client_id=$id&client_secret=$secret&client_assertion=x&${clientAssertion}`, none],
    [400, 'invalid_request', cc, { path: `${token}?client_id=$id&client_secret=$secret` }],
    [400, 'invalid_request', `${cc}&client_secret=$secret`, anonymous(`${token}?client_secret=$secret`)],
    [401, 'invalid_client', `${cc}&client_id=other`],
    [401, 'invalid_client', cc, { basic: 'Basic' }],
    [401, 'invalid_client', cc, { basic: 'Basic ' }],
    [401, 'invalid_client', cc, { basic: 'Basic !!!' }],
    [401, 'invalid_client', cc, { basic: 'Basic a b' }],
    [401, 'invalid_client', cc, { basic: 'Bearer abc' }],
    [401, 'invalid_client', cc, { basic: 'Digest username="x"' }],
    [401, 'invalid_client', cc, { basic: 'Negotiate abc' }],
    [401, 'invalid_client', cc, basic('nocolon')],
    [401, 'invalid_client', cc, basic(':')],
    [401, 'invalid_client', cc, basic(':secret')],
    [401, 'invalid_client', cc, basic('id:')],
    [401, 'invalid_client', cc, basic('a%zz:b%zz')],
    [401, 'invalid_client', cc, basic('__proto__:constructor')],
    [401, 'invalid_client', cc, basic('Ann:correct horse battery')],
    [401, 'invalid_client', cc, basic('x\0:y\0')],
    [400, 'invalid_request', `${cc}&client_assertion=x`, none],
    [400, 'invalid_request', `${cc}&client_assertion=x&client_assertion_type=other`, none],
    [400, 'invalid_request', `${cc}&client_assertion=x&client_assertion_type=${samlType}`, none],
    [401, 'invalid_client', `${cc}&client_assertion=x&${clientAssertion}`, none],
    [401, 'invalid_client', `${cc}&client_assertion=a.b.c&${clientAssertion}`, none],
    [401, 'invalid_client', `${cc}&client_assertion=$own&${clientAssertion}`, none],
    [401, 'invalid_client', `${cc}&client_assertion=${unsigned({ alg: 'none' }, {})}&${clientAssertion}`, none],
    [401, 'invalid_client', `${cc}&client_assertion=${unsigned({ alg: 'HS256' }, {})}&${clientAssertion}`, none],
    [
      401,
      'invalid_client',
      `${cc}&client_assertion=${unsigned({ alg: 'ES256', crit: ['x'] }, {})}&${clientAssertion}`,
      none,
    ],
    [401, 'invalid_client', `${cc}&client_assertion=${unsigned({ alg: ['ES256'] }, {})}&${clientAssertion}`, none],
    [401, 'invalid_client', `${cc}&client_assertion=${'a'.repeat(20_000)}&${clientAssertion}`, none],
    [401, 'invalid_client', 'token=x', anonymous('/oauth/introspect')],
    [401, 'invalid_client', 'token=x', anonymous('/oauth/revoke')],
    [401, 'invalid_client', cc, { basic: false, headers: { 'x-forwarded-client-cert': 'x', 'ssl-client-cert': 'y' } }],
  ],
  'grant types and scopes': [
    [400, 'unsupported_grant_type', 'grant_type=implicit'],
    [400, 'unsupported_grant_type', 'grant_type=Client_Credentials'],
    [400, 'unsupported_grant_type', 'grant_type=client_credentials%20'],
    [400, 'unsupported_grant_type', 'grant_type=__proto__'],
    [400, 'unsupported_grant_type', 'grant_type=constructor'],
    [400, 'unsupported_grant_type', 'grant_type=toString'],
    [400, 'unsupported_grant_type', 'grant_type=urn:ietf:params:oauth:grant-type:device_code'],
    [400, 'unsupported_grant_type', 'grant_type=urn:ietf:params:oauth:grant-type:saml1-bearer'],
    [400, 'unsupported_grant_type', 'grant_type=user_token'],
    [400, 'unsupported_grant_type', `grant_type=${'x'.repeat(5000)}`],
    [400, 'unsupported_grant_type', 'grant_type=%22%3Cscript%3E'],
    [400, 'invalid_scope', `${cc}&scope=Other`],
    [400, 'invalid_scope', `${cc}&scope=ESBMessaging.send%20Other`],
    [400, 'invalid_scope', `${cc}&scope=esbmessaging.send`],
    [400, 'invalid_scope', `${cc}&scope=%22`],
    [400, 'invalid_scope', `${cc}&scope=a%0ab`],
    [400, 'invalid_scope', `${cc}&scope=%09`],
    [400, 'invalid_scope', `${cc}&scope=ä`],
    [400, 'invalid_scope', `${cc}&scope=${'x'.repeat(5000)}`],
    [400, 'invalid_scope', `${cc}&scope=__proto__`],
  ],
  'assertions (RFC 7521, 7522, 7523)': [
    ...[saml, jwt].flatMap((grant): readonly Row[] => [
      [400, 'invalid_request', grant],
      [400, 'invalid_request', `${grant}&assertion=`],
      [400, 'invalid_request', `${grant}&Assertion=user:bob`],
      [400, 'invalid_request', `${grant}&assertion=user:bob&assertion=user:bob`],
      [400, 'invalid_request', `${grant}&assertion[]=user:bob`],
      [400, 'invalid_grant', `${grant}&assertion=x`],
      [400, 'invalid_grant', `${grant}&assertion=%3CAssertion%3E`],
      [400, 'invalid_grant', `${grant}&assertion=${'A'.repeat(100_000)}`],
      [400, 'invalid_grant', `${grant}&assertion=a.b.c`],
      [400, 'invalid_scope', `${grant}&assertion=user:bob&scope=Orders.read`],
      [400, 'invalid_grant', `${grant}&assertion=user:locked`],
      [401, 'invalid_client', `${grant}&assertion=user:bob`, none],
    ]),
    [400, 'invalid_grant', `${jwt}&assertion=$own`],
    [400, 'invalid_grant', `${jwt}&assertion=$userx`],
  ],
  'token exchange (RFC 8693)': [
    [400, 'invalid_request', exchange],
    [400, 'invalid_request', `${exchange}&subject_token=$user`],
    [400, 'invalid_request', `${exchange}&subject_token_type=${accessTokenType}`],
    [400, 'invalid_request', `${exchange}&subject_token=$user&subject_token_type=x`],
    [
      400,
      'invalid_request',
      `${exchange}&subject_token=$user&subject_token_type=urn:ietf:params:oauth:token-type:saml2`,
    ],
    [400, 'invalid_request', `${exchange}&subject_token=x&subject_token_type=${accessTokenType}`],
    [400, 'invalid_request', `${exchange}&subject_token=$own&subject_token_type=${accessTokenType}`],
    [400, 'invalid_request', `${exchange}&subject_token=$userA&subject_token_type=${accessTokenType}`],
    [400, 'invalid_request', `${exchange}&subject_token=$user=&subject_token_type=${accessTokenType}`],
    [
      400,
      'invalid_request',
      `${exchange}&${subject}&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token`,
    ],
    [400, 'invalid_request', `${exchange}&${subject}&requested_token_type=urn:ietf:params:oauth:token-type:id_token`],
    [400, 'invalid_request', `${exchange}&${subject}&actor_token=$user`],
    [400, 'invalid_request', `${exchange}&${subject}&actor_token_type=${accessTokenType}`],
    [400, 'invalid_request', `${exchange}&${subject}&actor_token=x&actor_token_type=${accessTokenType}`],
    [400, 'invalid_request', `${exchange}&${subject}&actor_token=$user&actor_token_type=x`],
    [400, 'invalid_request', `${exchange}&${subject}&subject_token=$user`],
    [400, 'invalid_target', `${exchange}&${subject}&audience=other`],
    [400, 'invalid_target', `${exchange}&${subject}&resource=https://other.example`],
    [400, 'invalid_target', `${exchange}&${subject}&audience=$id&audience=other`],
    [400, 'invalid_scope', `${exchange}&${subject}&scope=Other`],
    [401, 'invalid_client', `${exchange}&${subject}`, none],
  ],
  'passwords, codes and refresh tokens': [
    [400, 'invalid_request', pass],
    [400, 'invalid_request', `${pass}&username=Ann`],
    [400, 'invalid_request', `${pass}&password=x`],
    [400, 'invalid_request', `${pass}&username=&password=`],
    [400, 'invalid_request', `${pass}&username=Ann&username=Ann&password=x`],
    [400, 'invalid_grant', `${pass}&username=Ann&password=x`],
    [400, 'invalid_grant', `${pass}&username=nobody&password=x`],
    [400, 'invalid_grant', `${pass}&username=locked&password=${password}`],
    [400, 'invalid_scope', `${pass}&username=Ann&password=${password}&scope=Other`],
    [400, 'invalid_request', code],
    [400, 'invalid_request', `${code}&code=`],
    [400, 'invalid_grant', `${code}&code=x&redirect_uri=https://app.example/callback&code_verifier=${'v'.repeat(43)}`],
    [400, 'invalid_grant', `${code}&code=$user&redirect_uri=https://app.example/callback`],
    [400, 'invalid_grant', `${code}&code=__proto__&redirect_uri=https://app.example/callback`],
    [400, 'invalid_request', `${code}&code=x&code=y`],
    [400, 'invalid_request', `${code}&code[]=x`],
    [400, 'invalid_request', refresh],
    [400, 'invalid_grant', `${refresh}&refresh_token=x`],
    [400, 'invalid_grant', `${refresh}&refresh_token=$own`],
    [400, 'invalid_grant', `${refresh}&refresh_token=${'x'.repeat(50_000)}`],
    [400, 'invalid_request', `${refresh}&refresh_token=x&refresh_token=x`],
    [401, 'invalid_client', `${refresh}&refresh_token=x`, none],
  ],
  'introspection and revocation': [
    [400, 'invalid_request', 'token=x', { path: `${revoke.path}?token=x` }],
    ...[introspect, revoke].flatMap((at): readonly Row[] => [
      [400, 'invalid_request', '', at],
      [400, 'invalid_request', 'token=', at],
      [400, 'invalid_request', 'token=x&token=y', at],
      [400, 'invalid_request', 'token_type_hint=access_token', at],
      [400, 'invalid_request', 'token=%00', at],
      [400, 'invalid_request', '{"token":"x"}', { ...at, type: 'application/json' }],
      [400, 'invalid_request', '', { path: `${at.path}?token=x` }],
    ]),
  ],
}

describe('requests that are wrong', () => {
  let world: AuthorizationWorld
  let fill: (text: string) => string
  let refill: () => Promise<void>
  let authorization = ''
  before(async () => {
    world = await openAuthorizationWorld()
    await world.identity.users.create({ name: 'locked', password, locked: true }, 'test')
    const client = await world.client({ tokenValidity: 86_400 })
    authorization = client.basic.authorization
    refill = async () => {
      const user = await world.form({ grant_type: 'password', username: 'Ann', password }, client.basic)
      const own = await world.form({ grant_type: 'client_credentials' }, client.basic)
      const values: readonly (readonly [string, string])[] = [
        ['$id', encodeURIComponent(client.clientId)],
        ['$secret', client.secret],
        ['$user', user.json.access_token],
        ['$own', own.json.access_token],
      ]
      fill = (text) => values.reduce((filled, [name, value]) => filled.replaceAll(name, value), text)
    }
  })
  after(() => world.dispose())

  it('are at least 150', () => {
    const count = Object.values(rows).flat().length
    assert.ok(count >= 150, String(count))
  })

  for (const [title, group] of Object.entries(rows)) {
    it(`${title}: the right error, in JSON, with a record`, async () => {
      await refill()
      for (const [status, error, body, options = {}] of group) {
        const { method = 'POST', path = token, type = 'application/x-www-form-urlencoded' } = options
        // Guessing has tests of its own.
        if (status === 401 || error === 'invalid_grant') world.later(16 * 60_000 + 1)
        const basicHeader = options.basic === undefined ? authorization : options.basic
        const headers = {
          ...(type !== '' && { 'content-type': type }),
          ...(basicHeader !== false && { authorization: basicHeader }),
          ...options.headers,
        }
        const before = world.refusals.length
        const content = method === 'GET' ? {} : { body: Buffer.from(fill(body)) }
        const answer = await world.call(fill(path), { method, headers, ...content })
        const row = JSON.stringify([error, body.slice(0, 200), options, answer.text, world.refusals.at(-1)])
        assert.equal(answer.status, status, row)
        assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, row)
        assert.match(answer.headers.get('cache-control') ?? '', /no-store/, row)
        assert.equal(answer.json.error, error, row)
        assert.match(answer.json.error_description, /^Refused; reference R\d+\.$/, row)
        assert.equal(world.refusals.length, before + 1, row)
        if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic/, row)
        if (status === 405) assert.ok(answer.headers.get('allow'), row)
      }
      assert.deepEqual(world.errors, [])
    })
  }

  it('no secret, password or token is in a record', () => {
    const text = JSON.stringify(world.refusals)
    for (const secret of [fill('$secret'), fill('$user'), fill('$own'), password]) assert.ok(!text.includes(secret))
  })

  it('several Authorization headers, a body that is cut off', async () => {
    const { port } = new URL(world.url)
    const raw = (lines: readonly string[], body: string) =>
      new Promise<string>((resolve, reject) => {
        let text = ''
        const socket = connect(Number(port), '127.0.0.1', () => {
          socket.write([`POST ${token} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', body].join('\r\n'))
        })
        socket.on('data', (data) => (text += data))
        socket.on('end', () => resolve(text))
        socket.on('error', reject)
      })
    const type = 'Content-Type: application/x-www-form-urlencoded'
    const length = `Content-Length: ${cc.length}`
    const twice = await raw(
      [type, length, `Authorization: ${authorization}`, `Authorization: ${basicOf('a', 'b')}`],
      cc,
    )
    assert.match(twice, /^HTTP\/1\.1 400 [\s\S]*"invalid_request"/)
  })
})
