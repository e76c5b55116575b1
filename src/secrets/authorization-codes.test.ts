import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from '../keystore/index.ts'
import { createSecrets, type Secrets } from './create-secrets.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const type = 'OAuth2AuthorizationCode'
const redirect = 'https://control.example/itspaces/odata/api/v1/OAuthTokenFromCode'

interface Asked {
  readonly url: string
  readonly authorization: string | undefined
  readonly body: URLSearchParams
}

describe('authorization codes', () => {
  const asked: Asked[] = []
  let answer: { status: number; body: string; location?: string }
  let address: string
  let secrets: Secrets
  let now: number
  const server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      asked.push({
        url: request.url ?? '',
        authorization: request.headers.authorization,
        body: new URLSearchParams(body),
      })
      const { status, body: text, location } = answer
      response.writeHead(status, { ...(location !== undefined && { location }) }).end(text)
    })
  })
  const tokens = (more: object = {}) =>
    JSON.stringify({ access_token: 'at-1', token_type: 'Bearer', expires_in: 3600, refresh_token: 'rt-1', ...more })

  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())
  beforeEach(async () => {
    asked.length = 0
    answer = { status: 200, body: tokens() }
    now = 1_000
    const clock = { now: () => now, monotonic: () => now }
    secrets = await createSecrets({ store: inMemoryRegistry(), sealer, clock })
  })

  async function begin(fields: Readonly<Record<string, string>> = {}): Promise<URL> {
    const usual = {
      authorizationUrl: 'https://login.example/authorize?prompt=consent',
      tokenServiceUrl: `${address}/token?token_format=JWT`,
      clientId: 'client 1',
      clientSecret: 's3cret+ä',
      scope: 'mail files',
      userName: 'anna',
    }
    await secrets.materials.create({ type, name: 'Mail', fields: { ...usual, ...fields } }, 'ann')
    return new URL(await secrets.authorizationCodes.authorizationUrl('Mail', redirect, 'ann'))
  }
  const stateOf = (url: URL) => url.searchParams.get('state') ?? ''
  const statusNow = () => secrets.materials.find(type, 'Mail')?.status

  it('leads to the provider and back, and keeps the refresh token', async () => {
    const url = await begin()
    const { prompt, client_id, response_type, redirect_uri, scope } = Object.fromEntries(url.searchParams)
    assert.deepEqual(
      [prompt, client_id, response_type, redirect_uri, scope],
      ['consent', 'client 1', 'code', redirect, 'mail files'],
    )
    assert.equal(statusNow(), 'UNAUTHORIZED')
    await assert.rejects(secrets.authorizationCodes.accessToken('Mail'), { code: 'secrets.notAuthorized' })
    assert.equal(await secrets.authorizationCodes.finishAuthorization({ state: stateOf(url), code: 'c0de' }), 'Mail')
    assert.equal(statusNow(), 'DEPLOYED')
    const [{ body, url: path } = { body: new URLSearchParams(), url: '' }] = asked
    assert.equal(path, '/token?token_format=JWT&scope=mail+files')
    assert.deepEqual(
      [body.get('grant_type'), body.get('code'), body.get('redirect_uri'), body.get('client_secret')],
      ['authorization_code', 'c0de', redirect, 's3cret+ä'],
    )
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    assert.equal(challenge, url.searchParams.get('code_challenge'))
    assert.doesNotMatch(JSON.stringify(secrets.materials.list()), /rt-1|s3cret/)
  })

  it('gives access tokens from memory, and a new one before the old one expires', async () => {
    await secrets.authorizationCodes.finishAuthorization({ state: stateOf(await begin()), code: 'c' })
    const [one, two] = await Promise.all([1, 2].map(() => secrets.authorizationCodes.accessToken('Mail')))
    assert.deepEqual([one?.token, one?.user, two], ['at-1', 'anna', one])
    now += 3_299_000
    await secrets.authorizationCodes.accessToken('Mail')
    assert.ok(asked.length <= 3)
    const before = asked.length
    answer = { status: 200, body: tokens({ access_token: 'at-2', refresh_token: 'rt-2' }) }
    now += 2_000
    assert.equal((await secrets.authorizationCodes.accessToken('Mail')).token, 'at-2')
    assert.equal(asked[before]?.body.get('refresh_token'), 'rt-1')
    assert.equal(asked[before]?.url, '/token?token_format=JWT')
    assert.equal(secrets.materials.lend(type, 'Mail').secret['refreshToken'], 'rt-2')
    assert.equal((await secrets.authorizationCodes.accessToken('Mail')).token, 'at-2')
    assert.equal(asked.length, before + 1)
  })

  it('gives no token that was refused, and asks once for all who were', async () => {
    await secrets.authorizationCodes.finishAuthorization({ state: stateOf(await begin()), code: 'c' })
    const { token } = await secrets.authorizationCodes.accessToken('Mail')
    answer = { status: 200, body: tokens({ access_token: 'at-2' }) }
    const before = asked.length
    const renewed = await Promise.all([1, 2, 3].map(() => secrets.authorizationCodes.accessToken('Mail', token)))
    assert.deepEqual([...new Set(renewed.map((each) => each.token))], ['at-2'])
    assert.equal((await secrets.authorizationCodes.accessToken('Mail', token)).token, 'at-2')
    assert.equal(asked.length, before + 1)
  })

  it('keeps a token that lives for a few minutes only', async () => {
    await secrets.authorizationCodes.finishAuthorization({ state: stateOf(await begin()), code: 'c' })
    answer = { status: 200, body: tokens({ expires_in: 200 }) }
    await secrets.authorizationCodes.accessToken('Mail')
    const before = asked.length
    now += 159_000
    await secrets.authorizationCodes.accessToken('Mail')
    assert.equal(asked.length, before)
    now += 2_000
    await secrets.authorizationCodes.accessToken('Mail')
    assert.equal(asked.length, before + 1)
  })

  it('sends client ID and secret in a header where that is asked for', async () => {
    await secrets.authorizationCodes.finishAuthorization({
      state: stateOf(await begin({ sendAs: 'header' })),
      code: 'c',
    })
    const basic = Buffer.from('client+1:s3cret%2B%C3%A4').toString('base64')
    assert.deepEqual([asked[0]?.authorization, asked[0]?.body.get('client_secret')], [`Basic ${basic}`, null])
  })

  it('asks Microsoft for a refresh token', async () => {
    const url = await begin({ provider: 'microsoft365', refreshTokenExpiry: '90' })
    assert.equal(url.searchParams.get('scope'), 'mail files offline_access')
  })

  it('counts a state once, for ten minutes, and no other', async () => {
    const state = stateOf(await begin())
    const unknown = { code: 'secrets.authorizationStateUnknown' }
    const finish = (given: string) => secrets.authorizationCodes.finishAuthorization({ state: given, code: 'c' })
    await assert.rejects(finish('made up'), unknown)
    await finish(state)
    await assert.rejects(finish(state), unknown)
    const late = new URL(await secrets.authorizationCodes.authorizationUrl('Mail', redirect, 'ann'))
    now += 600_001
    await assert.rejects(finish(stateOf(late)), unknown)
    assert.equal(asked.length, 1)
  })

  it('needs new consent for another client, and keeps it for another description', async () => {
    await secrets.authorizationCodes.finishAuthorization({ state: stateOf(await begin()), code: 'c' })
    await secrets.materials.update({ type, name: 'Mail', description: 'x', fields: {} }, 'ann')
    assert.equal(statusNow(), 'DEPLOYED')
    await secrets.materials.update({ type, name: 'Mail', fields: { clientId: 'c2' } }, 'ann')
    assert.equal(statusNow(), 'UNAUTHORIZED')
    await assert.rejects(secrets.authorizationCodes.accessToken('Mail'), { code: 'secrets.notAuthorized' })
  })

  for (const [what, given, code, words] of [
    [
      'an error',
      { status: 400, body: '{"error":"invalid_grant","error_description":"s3cret"}' },
      'secrets.tokenRefused',
      /answered 400: invalid_grant/,
    ],
    ['an error of its own', { status: 500, body: 's3cret' }, 'secrets.tokenRefused', /no reason that is known/],
    ['a redirect', { status: 302, body: '', location: 'https://evil.example/' }, 'secrets.tokenRefused', /302/],
    ['no JSON', { status: 200, body: '<html>' }, 'secrets.tokenAnswerInvalid', /no access token/],
    [
      'no refresh token',
      { status: 200, body: tokens({ refresh_token: undefined }) },
      'secrets.tokenAnswerInvalid',
      /no refresh token/,
    ],
    ['too much', { status: 200, body: 'x'.repeat(300_000) }, 'secrets.tokenServiceUnreachable', /too large/],
  ] as const)
    it(`explains ${what} of the token service, without a secret`, async () => {
      const state = stateOf(await begin())
      answer = given
      await assert.rejects(
        secrets.authorizationCodes.finishAuthorization({ state, code: 'c' }),
        (error: Error & { code: string }) => {
          assert.equal(error.code, code)
          assert.match(error.message, words)
          assert.doesNotMatch(error.message, /s3cret/)
          return true
        },
      )
      assert.equal(statusNow(), 'UNAUTHORIZED')
    })

  it('explains a token service that is not there, and a person who did not agree', async () => {
    const state = stateOf(await begin({ tokenServiceUrl: 'http://127.0.0.1:1/token' }))
    const gone = { code: 'secrets.tokenServiceUnreachable', message: /ECONNREFUSED/ }
    await assert.rejects(secrets.authorizationCodes.finishAuthorization({ state, code: 'c' }), gone)
    const again = new URL(await secrets.authorizationCodes.authorizationUrl('Mail', redirect, 'ann'))
    const refused = { code: 'secrets.authorizationRefused', message: /access_denied/ }
    const answered = { state: stateOf(again), error: 'access_denied' }
    await assert.rejects(secrets.authorizationCodes.finishAuthorization(answered), refused)
  })
})
