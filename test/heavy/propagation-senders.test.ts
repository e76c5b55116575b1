/** Senders get tokens for their users by assertions that tools of others have made, and flows see who it is. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { SignJWT } from 'jose'

import { grant, withGrants } from '../kit/authorization-world.ts'
import { flowBundle, mainProcess, messageEnd, messageStart, senderChannel, step } from '../kit/bundle.ts'
import { tally } from '../kit/caller.ts'
import { deploy } from '../kit/deploy.ts'
import { newSigner, signByPysaml, signBySamlify, signByXmlsec } from '../kit/foreign-assertions.ts'
import { issuer, openPropagationWorld } from '../kit/propagation-world.ts'

const world = await openPropagationWorld(['Saml'])
after(world.dispose)
const { client, sender, key, say, file, wishFor, present, tokenOf, callFlow, arrived, recordOf } = world

describe('an assertion of a sender', () => {
  const tools = { xmlsec1: signByXmlsec, 'python3-pysaml2': signByPysaml, samlify: signBySamlify }
  for (const [name, sign] of Object.entries(tools))
    for (const encoding of ['base64url', 'base64'] as const)
      it(`by ${name}, in ${encoding}, gets a token, and the user arrives`, async () => {
        const user = `user.of.${name}@portal.example`
        const answer = await present(await sign(wishFor(user, { attributes: { mail: [user] } }), sender), encoding)
        assert.equal(answer.status, 200, answer.text)
        const { access_token: token, token_type: type, expires_in: seconds } = answer.json
        assert.deepEqual([type, Number.isInteger(seconds)], ['bearer', true])
        assert.equal(answer.headers['cache-control'], 'no-store')
        assert.equal(await arrived('Saml', token), user)
      })

  it('counts once', async () => {
    const assertion = signByXmlsec(wishFor('alice'), sender)
    assert.equal((await present(assertion)).status, 200)
    const again = await present(assertion, 'base64')
    assert.deepEqual([again.status, again.json.error], [400, 'invalid_grant'])
    assert.match(await recordOf(again), /saml\.\w*(?:replay|spent|once)/i)
  })

  it('counts once, however many present it at the same moment', async () => {
    const assertion = signByXmlsec(wishFor('alice'), sender)
    const answers = await Promise.all(Array.from({ length: 20 }, () => present(assertion)))
    assert.deepEqual(tally(answers.map(({ status }) => String(status))), { 200: 1, 400: 19 })
  })

  it('counts at the second address of the token endpoint, too', async () => {
    const assertion = signByXmlsec(wishFor('alice'), sender)
    const old = { ...key, tokenurl: key.tokenurl.replace('/oauth/token', '/oauth2/api/v1/token') }
    assert.equal((await present(assertion, 'base64', old)).status, 200)
  })

  const stranger = () => newSigner('portal.example')
  const bad: readonly (readonly [string, () => string | Promise<string>, RegExp])[] = [
    ['by the key of a stranger', () => signByXmlsec(wishFor('alice'), stranger()), /saml\.signature/],
    ['of another issuer', () => signByXmlsec(wishFor('alice', { issuer: 'https://other' }), sender), /issuer/],
    ['for another audience', () => signByXmlsec(wishFor('alice', { audience: 'https://other' }), sender), /audience/],
    [
      'for another recipient',
      () => signByXmlsec(wishFor('alice', { recipient: 'https://other' }), sender),
      /recipient/,
    ],
    [
      'that has ended',
      () => signByXmlsec(wishFor('alice', { until: Date.now() - 90_000 }), sender),
      /expired|ended|notOnOrAfter/i,
    ],
    ['whose user was changed', () => signByXmlsec(wishFor('alice'), sender).replace('>alice<', '>admin<'), /digest/],
  ]
  for (const [name, make, check] of bad)
    it(`${name} is refused: the caller gets the code, the administrator the check`, async () => {
      const assertion = await make()
      const answer = await present(assertion)
      assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant'])
      assert.doesNotMatch(answer.text, /digest|signature|audience|recipient|expected/i)
      const encoded = Buffer.from(assertion).toString('base64url')
      const signature = /<(?:\w+:)?SignatureValue>\s*([^<]+?)\s*</.exec(assertion)?.[1] ?? ''
      const record = await recordOf(answer, encoded, encoded.slice(40, 140), signature.slice(0, 60))
      assert.match(record, /oauth\.assertion/)
      assert.match(record, check)
      assert.match(record, /expected .*, found /)
    })

  it('is refused from a client that the provider does not know', async () => {
    const words = ['--grant-type', grant('saml2-bearer'), '--role', 'ESBMessaging.send']
    await say(['service-instance', 'create', 'foreign', ...words])
    await say(['service-key', 'create', 'foreign', 'secret', '--type', 'secret', '--out', file('foreign.json')])
    const foreign = world.readKey('foreign.json')
    const answer = await present(signByXmlsec(wishFor('alice'), sender), 'base64url', foreign)
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant'])
    assert.match(await recordOf(answer), /client/)
  })

  it('about somebody who administers this tenant opens no way into its API', async () => {
    const token = await tokenOf('admin')
    const { status } = await client.bearer(`${world.sluice.controlUrl}/api/v1/IntegrationPackages`, token)
    assert.equal(status, 403)
  })

  it('is refused from a client that may not use the grant', async () => {
    const { clientid, clientsecret } = JSON.parse(readFileSync(world.sluice.file('service-key.json'), 'utf8')).oauth
    const other = { ...key, clientid, clientsecret }
    const answer = await present(signByXmlsec(wishFor('alice'), sender), 'base64url', other)
    assert.deepEqual([answer.status, answer.json.error], [400, 'unauthorized_client'])
  })
})

describe('a JWT of a sender', () => {
  it('by keys that are published as a set gets a token, and the user arrives', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }]
    writeFileSync(file('keys.json'), JSON.stringify({ keys }))
    const words = ['--issuer', 'https://login.example', '--jwks', file('keys.json'), '--out', file('login.json')]
    await say(['trust-sender', 'Login', ...words])
    const by = world.readKey('login.json')
    const made = new SignJWT({ groups: ['buyers'] })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer('https://login.example')
      .setSubject('jo')
      .setAudience(by.tokenurl)
      .setExpirationTime('2 min')
      .setJti(randomUUID())
    const form = { grant_type: grant('jwt-bearer'), assertion: await made.sign(privateKey) }
    const { status, text, json } = await client.post(by.tokenurl, form, by)
    assert.equal(status, 200, text)
    assert.equal(await arrived('Saml', json.access_token), 'jo')
  })
})

describe('the flow', () => {
  before(async () => {
    const fields = [
      'principal',
      'principal.issuer',
      'principal.groups',
      'principal.actors',
      'principal.attributes.mail',
    ]
    const properties = [...fields, 'SAP_AuthHeaderName'].map((name) => `"${name}": "\${property.${name}}"`)
    const headers = ['SapAuthenticatedUserName', 'Authorization', 'SAP-Connectivity-Authentication', 'X-Free'].map(
      (name) => `"${name}": "\${header.${name}}"`,
    )
    const seen = await flowBundle({
      id: 'Seen',
      settings: { allowedHeaderList: '*' },
      channels: [senderChannel('HTTPS', { urlPath: '/propagation/Seen', xsrfProtection: '0' })],
      processes: [
        mainProcess([
          messageStart(),
          step('Set', 'Enricher', {
            bodyType: 'expression',
            wrapContent: `{${[...properties, ...headers].join(', ')}}`,
          }),
          messageEnd(),
        ]),
      ],
    })
    await deploy(world.sluice, seen)
    await say(['idp', 'update', 'Portal', '--attribute', 'mail=mail', '--group-rule', 'buyers: role equals buyer'])
  })

  const attributes = { mail: ['alice@portal.example'], role: ['seller', 'buyer'] }
  const aliceWithAttributes = () => present(signByXmlsec(wishFor('alice', { attributes }), sender))

  it('sees the user, and neither the token nor what the call says of itself', async () => {
    const { json } = await aliceWithAttributes()
    const { status, json: seen } = await client.bearer(
      `${world.sluice.runtimeUrl}/http/propagation/Seen`,
      json.access_token,
      { headers: { SapAuthenticatedUserName: 'admin', 'SAP-Connectivity-Authentication': 'forged', 'X-Free': 'yes' } },
    )
    assert.equal(status, 200)
    const { 'SAP-Connectivity-Authentication': told, ...rest } = seen as Record<string, string>
    assert.deepEqual(rest, {
      principal: 'alice',
      'principal.issuer': issuer,
      'principal.groups': 'Portal,buyers',
      'principal.actors': '',
      'principal.attributes.mail': 'alice@portal.example',
      SAP_AuthHeaderName: 'SAP-Connectivity-Authentication',
      SapAuthenticatedUserName: 'alice',
      Authorization: '',
      'X-Free': 'yes',
    })
    const { name } = JSON.parse(Buffer.from(told ?? '', 'base64').toString()) as { readonly name: string }
    assert.equal(name, 'alice')
  })

  it('sees who stood in between, where a token was exchanged', async () => {
    const flags = withGrants(grant('token-exchange'))
    await say(['service-instance', 'create', 'middle', '--role', 'ESBMessaging.send', ...flags])
    await say(['service-key', 'create', 'middle', 'key', '--type', 'secret', '--out', file('middle.json')])
    const middle = world.readKey('middle.json')
    const { json: first } = await aliceWithAttributes()
    const exchange = {
      grant_type: grant('token-exchange'),
      subject_token: first.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const { status, text, json } = await client.post(middle.tokenurl, exchange, middle)
    assert.equal(status, 200, text)
    assert.equal(json.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token')
    const { json: seen } = await callFlow('Seen', json.access_token)
    assert.deepEqual([seen.principal, seen['principal.actors']], ['alice', middle.clientid])
    assert.equal(await arrived('Saml', json.access_token), 'alice')
  })
})
