/**
 * The user goes through Sluice to the receiver: a second server says who has arrived, two users come at once, and
 * everything that ends the access of a user comes in between.
 */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { createApiCaller, tally, until } from '../kit/caller.ts'
import { deploy } from '../kit/deploy.ts'
import { signByXmlsec } from '../kit/foreign-assertions.ts'
import { walkForms } from '../kit/form-walk.ts'
import { flows, openPropagationWorld, propagating } from '../kit/propagation-world.ts'
import { filesBelow, ownFiles } from '../kit/secret-search.ts'

const interleaved = 10_000

const world = await openPropagationWorld()
after(world.dispose)
const { client, second, sender, say, wishFor, present, tokenOf, callFlow, arrived, recordOf, whoFlow } = world

describe('the user at the receiver', () => {
  it('agreed in a browser, for the authorization code', async () => {
    const url = (await say(['oauth-credential', 'authorize', 'SECOND_CODE'])).trim()
    const back = `${world.sluice.controlUrl}/itspaces/`
    const { end } = await walkForms(client, url, back, { user: 'carol', password: 'anything' })
    const { status, text } = await client.ask(end.href)
    assert.equal(status, 200, text)
    assert.match(text, /SECOND_CODE is authorized/)
  })

  for (const id of propagating)
    it(`is the one who called: ${flows[id]?.['authenticationMethod']}`, async () => {
      for (const user of ['alice', 'bob', 'Ümläut & Söhne']) assert.equal(await arrived(id, await tokenOf(user)), user)
    })

  for (const [id, user] of [
    ['Code', 'carol'],
    ['Technical', 'technical'],
  ] as const)
    it(`is the one whom an administrator chose: ${flows[id]?.['authenticationMethod']}`, async () => {
      for (const caller of ['alice', 'bob']) assert.equal(await arrived(id, await tokenOf(caller)), user)
    })

  it('is asked for only once', async () => {
    const token = await tokenOf('dora')
    const before = second.issued().length
    const answers = await Promise.all(Array.from({ length: 50 }, () => arrived('Saml', token)))
    assert.deepEqual([...new Set(answers)], ['dora'])
    assert.deepEqual(second.issued().slice(before), ['dora'])
  })

  it('has another token fetched where the receiver has forgotten the first, once, and that of nobody else', async () => {
    const tokens = await Promise.all(['alice', 'bob'].map(tokenOf))
    for (const token of tokens) await arrived('Saml', token)
    const before = second.issued().length
    second.forget('bob')
    const lanes = Array.from({ length: 40 }, async (_, nth) => arrived('Saml', tokens[nth % 2] ?? ''))
    assert.deepEqual(tally(await Promise.all(lanes)), { alice: 20, bob: 20 })
    assert.deepEqual(second.issued().slice(before), ['bob'])
  })

  it(`is never another: two users, ${interleaved} calls over connections that stay open`, async () => {
    const users = ['alice', 'bob'] as const
    const tokens = await Promise.all(users.map(tokenOf))
    const wrong: string[] = []
    let next = 0
    const worker = async () => {
      for (let nth = next++; nth < interleaved; nth = next++) {
        const user = users[nth % 2] ?? ''
        // Each way to pass a user on has its share.
        const id = propagating[Math.floor(nth / 2) % propagating.length] ?? ''
        const { status, text, json } = await callFlow(id, tokens[nth % 2] ?? '')
        if (status !== 200 || json.user !== user) wrong.push(`${nth} ${id} ${user}: ${status} ${text}`)
      }
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    assert.deepEqual(wrong.slice(0, 5), [])
    assert.deepEqual(second.mixed(), [])
  })
})

describe('the token of the receiver', () => {
  it('is nowhere in the log, even at TRACE and where the receiver sends it back', async () => {
    const settings = { ...flows['Saml'], allowedResponseHeaders: '*' }
    await deploy(world.sluice, await whoFlow('Echo', settings, '/whoami/echo'))
    await say(['log-level', 'Echo', 'TRACE'])
    const { status, text, headers } = await callFlow('Echo', await tokenOf('eve'))
    assert.equal(status, 200)
    const token = second.tokens().at(-1) ?? ''
    assert.ok(token.length > 20 && text.includes(token))
    const id = String(headers['sap_messageprocessinglogid'])
    await until('the message is in the log', async () => /COMPLETED/.test(await say(['logs', id])))
    const trace = await say(['logs', id, '--trace', '--json'])
    assert.match(trace, /x-shown/i)
    assert.match(trace, /eve/)
    assert.ok(!trace.includes(token))
    const held = filesBelow(world.sluice.folder, ownFiles).filter(([, content]) =>
      second.tokens().some((each) => content.includes(each)),
    )
    assert.deepEqual(
      held.map(([name]) => name),
      [],
    )
  })
})

describe('what ends the access of a user ends it on the next request, with a token that has not ended', () => {
  it('a locked user', async () => {
    await say(['user', 'create', 'lou', '--no-password'])
    const token = await tokenOf('lou')
    assert.equal(await arrived('Saml', token), 'lou')
    await say(['user', 'lock', 'lou'])
    const refused = await callFlow('Saml', token)
    assert.equal(refused.status, 401)
    assert.match(await recordOf(refused, token), /token\.userGone/)
    const answer = await present(signByXmlsec(wishFor('lou'), sender))
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant'])
    await say(['user', 'unlock', 'lou'])
    assert.equal(await arrived('Saml', token), 'lou')
  })

  it('a revoked token, and no other', async () => {
    const [one, other] = [await tokenOf('alice'), await tokenOf('alice')]
    assert.equal(await arrived('Saml', one), 'alice')
    await world.revoke(one)
    const refused = await callFlow('Saml', one)
    assert.equal(refused.status, 401)
    assert.match(await recordOf(refused, one), /token\.revoked/)
    assert.equal(await arrived('Saml', other), 'alice')
  })

  it('a provider that is switched off', async () => {
    const token = await tokenOf('alice')
    await say(['idp', 'update', 'Portal', '--enabled', 'off'])
    const refused = await callFlow('Saml', token)
    assert.equal(refused.status, 401)
    assert.match(await recordOf(refused, token), /token\.providerGone/)
    const answer = await present(signByXmlsec(wishFor('alice'), sender))
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant'])
    await say(['idp', 'update', 'Portal', '--enabled', 'on'])
    assert.equal(await arrived('Saml', token), 'alice')
  })

  it('a group that loses its role', async () => {
    const token = await tokenOf('alice')
    const api = createApiCaller(world.sluice)
    const change = async (roles: readonly string[]) => {
      const { status, text } = await api.write('PUT', "UserGroups('Portal')", { Roles: JSON.stringify(roles) })
      assert.ok(status < 300, text)
    }
    try {
      await change([])
      const { status } = await callFlow('Saml', token)
      assert.equal(status, 403)
      await change(['ESBMessaging.send'])
      assert.equal(await arrived('Saml', token), 'alice')
    } finally {
      api.close()
    }
  })

  it('a service key that is deleted', async () => {
    const other = await world.newKey('Portal', 'second', 'secret')
    const { json } = await present(signByXmlsec(wishFor('alice'), sender), 'base64url', other)
    assert.equal(await arrived('Saml', json.access_token), 'alice')
    await say(['service-key', 'delete', 'Portal/second'])
    const refused = await callFlow('Saml', json.access_token)
    assert.equal(refused.status, 401)
    assert.match(await recordOf(refused, json.access_token), /token\.clientGone/)
    const answer = await present(signByXmlsec(wishFor('alice'), sender), 'base64url', other)
    assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client'])
    // The other key of the instance is none of its business.
    assert.equal(await arrived('Saml', await tokenOf('alice')), 'alice')
  })
})

describe('another key that signs tokens', () => {
  const keys = async (): Promise<string[]> => {
    const { json } = await client.ask(`${world.sluice.controlUrl}/token_keys`)
    return json.keys.map(({ kid }: { readonly kid: string }) => kid)
  }

  it('is published before it signs, and what the old one has signed counts on', async () => {
    const token = await tokenOf('alice')
    const [old] = await keys()
    await say(['keys', 'rotate', '--tokens'])
    assert.equal(await arrived('Saml', token), 'alice')
    const published = await keys()
    assert.deepEqual([published.length, published.includes(old ?? '')], [2, true])
    assert.equal(await arrived('Saml', await tokenOf('bob')), 'bob')
  })

  it('in an emergency ends every token, on the next request', async () => {
    const token = await tokenOf('alice')
    await say(['keys', 'rotate', '--tokens', '--urgent'])
    const refused = await callFlow('Saml', token)
    assert.equal(refused.status, 401)
    assert.match(await recordOf(refused, token), /token\.keyUnknown/)
    assert.equal((await keys()).length, 1)
    assert.equal(await arrived('Saml', await tokenOf('alice')), 'alice')
  })
})

describe('a restart', () => {
  it('forgets no spent assertion and no revoked token, and lets good tokens live', async () => {
    const spent = signByXmlsec(wishFor('alice'), sender)
    const first = await present(spent)
    assert.equal(first.status, 200)
    const revoked = await tokenOf('bob')
    await world.revoke(revoked)
    await world.restart()
    const again = await present(spent)
    assert.deepEqual([again.status, again.json?.error], [400, 'invalid_grant'])
    assert.equal(await arrived('Saml', first.json.access_token), 'alice')
    assert.equal(await arrived('Code', first.json.access_token), 'carol')
    assert.equal((await callFlow('Saml', revoked)).status, 401)
  })

  it('by a crash loses neither', async () => {
    const spent = signByXmlsec(wishFor('alice'), sender)
    const { json } = await present(spent)
    await world.restart('SIGKILL')
    assert.equal((await present(spent)).status, 400)
    assert.equal(await arrived('Saml', json.access_token), 'alice')
  })
})
