import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import {
  type AuthorizationWorld,
  type Answered,
  claimsIn,
  openAuthorizationWorld,
  password,
  redirectUri,
} from '../../test/kit/authorization.ts'

/** A browser: it keeps cookies, and follows redirects when told. */
function openBrowser(world: AuthorizationWorld) {
  const jar = new Map<string, string>()
  async function go(path: string, init: RequestInit = {}): Promise<Answered & { readonly location: string }> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answered = await world.call(path.replace(world.base(), ''), {
      ...init,
      headers: { ...(init.headers as Readonly<Record<string, string>> | undefined), cookie },
    })
    for (const line of answered.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return {
      ...answered,
      location: (answered.headers.get('location') ?? '').replace(world.base(), ''),
    }
  }
  const submit = (
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    go(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    })
  return { go, submit }
}

const hidden = (html: string): string => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? ''

describe('codes, refresh tokens and the log-on', () => {
  let world: AuthorizationWorld
  let client: Awaited<ReturnType<AuthorizationWorld['client']>>
  before(async () => {
    world = await openAuthorizationWorld()
    client = await world.client({ name: 'Order <app>' })
  })
  after(() => world.dispose())

  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const authorizePath = (more: Readonly<Record<string, string>> = {}): string => {
    const parameters = { response_type: 'code', client_id: client.clientId, redirect_uri: redirectUri, state: 'S' }
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    return `/oauth/authorize?${new URLSearchParams({ ...parameters, ...pkce, ...more })}`
  }

  /** Logs Ann on and gives the code. */
  async function codeOf(more: Readonly<Record<string, string>> = {}): Promise<string> {
    const browser = openBrowser(world)
    const { location } = await browser.go(authorizePath(more))
    const page = await browser.go(location)
    const form = { username: 'ann', password, decision: 'allow', token: hidden(page.text) }
    const resumed = await browser.go((await browser.submit(location, form)).location)
    const target = new URL(resumed.headers.get('location') ?? '')
    assert.equal(target.origin + target.pathname, redirectUri, resumed.text)
    assert.equal(target.searchParams.get('state'), 'S')
    assert.equal(target.searchParams.get('iss'), `${world.base()}/oauth/token`)
    return target.searchParams.get('code') ?? assert.fail(target.href)
  }

  it('lets an address begin only so many log-ons, and stores none beyond', async () => {
    const own = await openAuthorizationWorld()
    try {
      const { clientId } = await own.client({ name: 'app' })
      const path = authorizePath({ client_id: clientId })
      const statuses = new Map<number, number>()
      for (let tries = 0; tries < 40; tries++) {
        const { status, headers } = await own.call(path)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status === 429) assert.match(headers.get('retry-after') ?? '', /^[12]$/)
      }
      assert.ok((statuses.get(303) ?? 0) >= 30 && (statuses.get(429) ?? 0) >= 5, JSON.stringify([...statuses]))
      assert.equal(own.refusals.at(-1)?.code, 'oauth.logOnsTooMany')
      own.later(10_000)
      assert.equal((await own.call(path)).status, 303)
    } finally {
      await own.dispose()
    }
  })

  const redeem = (code: string, more: Readonly<Record<string, string>> = {}, basic = client.basic) =>
    world.form(
      { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...more },
      basic,
    )
  const refresh = (refresh_token: string, more: Readonly<Record<string, string>> = {}, basic = client.basic) =>
    world.form({ grant_type: 'refresh_token', refresh_token, ...more }, basic)

  it('lets a user log on and gives the client a token for the user', async () => {
    const { status, json } = await redeem(await codeOf())
    assert.equal(status, 200, JSON.stringify(world.refusals.at(-1)))
    assert.deepEqual([json.token_type, json.expires_in], ['bearer', 3600])
    const claims = claimsIn(json.access_token)
    assert.deepEqual([claims.user_name, claims.grant_type, claims.origin], ['Ann', 'authorization_code', 'sluice'])
    assert.deepEqual(claims.scope.toSorted(), ['ESBMessaging.send', 'Orders.read'])
    const owner = await world.verifier.verify(json.access_token, undefined)
    assert.ok('principal' in owner && owner.principal.name === 'Ann')
  })

  it('shows a plain page that no other site can use', async () => {
    const browser = openBrowser(world)
    const { location } = await browser.go(authorizePath({ scope: 'openid Orders.read' }))
    const { text, headers } = await browser.go(location)
    assert.match(text, /Order &#60;app&#62;/)
    assert.match(text, /<li>Orders\.read<\/li>/)
    assert.doesNotMatch(text, /<script|javascript:|openid/)
    assert.match(
      headers.get('content-security-policy') ?? '',
      /default-src 'none';.*form-action 'self' https:\/\/app\.example;/,
    )
    assert.equal(headers.get('x-frame-options'), 'DENY')
    const form = { username: 'ann', password, decision: 'allow', token: hidden(text) }
    assert.equal((await browser.submit(location, { ...form, token: 'x' })).status, 400)
    assert.equal((await browser.submit(location, form, { origin: 'https://evil.example' })).status, 403)
    assert.equal((await browser.submit(location, form, { 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await openBrowser(world).submit(location, form)).status, 400, 'another browser')
    const wrong = await browser.submit(location, { ...form, password: 'wrong' })
    assert.equal(wrong.status, 401)
    assert.match(wrong.text, /role="alert"/)
    assert.doesNotMatch(JSON.stringify(world.refusals), /correct horse/)
    const denied = await browser.go(
      (await browser.submit(location, { token: hidden(text), decision: 'deny' })).location,
    )
    assert.match(denied.headers.get('location') ?? '', /error=access_denied/)
  })

  it('asks a user who has logged on for another client only for consent', async () => {
    const browser = openBrowser(world)
    const first = await browser.go(authorizePath())
    const page = await browser.go(first.location)
    const form = { username: 'ann', password, decision: 'allow', token: hidden(page.text) }
    await browser.go((await browser.submit(first.location, form)).location)
    const other = await world.client({ name: 'other app' })
    const second = await browser.go(authorizePath({ client_id: other.clientId }))
    const consent = await browser.go(second.location)
    assert.match(consent.text, /You are logged on as <strong>Ann<\/strong>/)
    const given = await browser.submit(second.location, { decision: 'allow', token: hidden(consent.text) })
    const target = new URL((await browser.go(given.location)).headers.get('location') ?? '')
    const { json } = await redeem(target.searchParams.get('code') ?? '', {}, other.basic)
    assert.equal(claimsIn(json.access_token).user_name, 'Ann')
  })

  it('takes a code once; the second time takes everything back', async () => {
    const code = await codeOf()
    const first = await redeem(code)
    const again = await redeem(code)
    assert.deepEqual([again.status, again.json.error], [400, 'invalid_grant'])
    const owner = await world.verifier.verify(first.json.access_token, undefined)
    assert.ok('code' in owner && owner.code === 'revoked')
    assert.equal((await refresh(first.json.refresh_token)).json.error, 'invalid_grant')
  })

  it('gives one token when a code is redeemed several times at once', async () => {
    const code = await codeOf()
    const answers = await Promise.all(Array.from({ length: 6 }, () => redeem(code)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.ok(answers.every(({ status, json }) => status === 200 || json.error === 'invalid_grant'))
  })

  it('refuses a code of others', async () => {
    const other = await world.client()
    const rows = [
      [{ code_verifier: randomBytes(32).toString('base64url') }, client.basic],
      [{ code_verifier: '' }, client.basic],
      [{ redirect_uri: 'https://app.example/other' }, client.basic],
      [{}, other.basic],
    ] as const
    for (const [more, basic] of rows) {
      const { status, json } = await redeem(await codeOf(), more, basic)
      assert.deepEqual([status, json.error], [400, 'invalid_grant'], JSON.stringify(more))
    }
    const late = await codeOf()
    world.later(61_000)
    // The library has a clock of its own; what has ended is not found in ours.
    assert.equal((await redeem(late)).json.error, 'invalid_grant')
  })

  it('rotates refresh tokens; one that comes twice ends the family', async () => {
    const first = (await redeem(await codeOf())).json
    const second = await refresh(first.refresh_token, { scope: 'Orders.read' })
    assert.equal(second.status, 200)
    assert.notEqual(second.json.refresh_token, first.refresh_token)
    assert.equal(second.json.scope, 'Orders.read')
    const shown = await world.form({ token: second.json.refresh_token }, client.basic, '/oauth/introspect')
    assert.equal(shown.json.active, true)
    assert.equal((await refresh(first.refresh_token)).json.error, 'invalid_grant')
    assert.equal((await refresh(second.json.refresh_token)).json.error, 'invalid_grant')
    const owner = await world.verifier.verify(second.json.access_token, undefined)
    assert.ok('code' in owner && owner.code === 'revoked')
  })

  it('ends with the user, the grant type and a revocation', async () => {
    const tokens = (await redeem(await codeOf())).json
    assert.equal((await world.form({ token: tokens.refresh_token }, client.basic, '/oauth/revoke')).status, 200)
    assert.equal((await refresh(tokens.refresh_token)).json.error, 'invalid_grant')
    const others = (await redeem(await codeOf())).json
    await world.identity.users.update('Ann', { locked: true }, 'test')
    assert.equal((await refresh(others.refresh_token)).json.error, 'invalid_grant')
    await world.identity.users.update('Ann', { locked: false }, 'test')
    assert.equal((await refresh(others.refresh_token)).status, 200)
  })

  it('stores neither codes nor tokens in the clear', async () => {
    const code = await codeOf()
    const { refresh_token: token } = (await redeem(code)).json
    const pages = await world.stores.sealedRows
      .find(({ table }) => table === 'authorization_model')
      ?.read({ after: undefined, without: '', limit: 1000 })
    const text = JSON.stringify(pages)
    assert.ok(pages !== undefined && pages.length > 3)
    assert.ok(!text.includes(code) && !text.includes(token) && !/"Ann\\*"/.test(text))
  })

  it('lets nobody log on from where the tenant takes no calls', async () => {
    await world.identity.tenantPolicy.set({ networks: ['198.51.100.0/24'] }, 'test')
    const { status, text } = await world.call(authorizePath())
    await world.identity.tenantPolicy.set({ networks: [] }, 'test')
    assert.equal(status, 403)
    assert.match(text, /nobody can log on/)
  })

  it('refuses what is wrong with a request to log on, where it must not redirect with a page', async () => {
    const bad: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ client_id: 'sb-unknown!sluice' }, /not known here/],
      [{ redirect_uri: 'https://evil.example/' }, /not registered/],
      [{ redirect_uri: `${redirectUri}?x` }, /not registered/],
    ]
    for (const [more, words] of bad) {
      const { status, text, headers } = await world.call(authorizePath(more))
      assert.equal(status, 400)
      assert.match(headers.get('content-type') ?? '', /^text\/html/)
      assert.match(text, words)
      assert.match(text, /<code>R\d+<\/code>/)
    }
    const redirected = [
      [{ code_challenge: '' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ prompt: 'none' }, 'login_required'],
    ] as const
    for (const [more, error] of redirected) {
      const { headers } = await world.call(authorizePath(more))
      const target = headers.get('location') ?? ''
      assert.ok(target.startsWith(redirectUri), target)
      assert.match(target, new RegExp(`error=${error}`), JSON.stringify(more))
    }
  })
})
