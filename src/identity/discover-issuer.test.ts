import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'

import { selfSigned } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from '../keystore/index.ts'
import type { Identity } from './contracts.ts'
import { createIdentity } from './identity.ts'
import { createIssuerClient, refusedAddress } from './issuer-client.ts'

const jwk = (kid: string, more: object = {}) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
  ...more,
})
const one = jwk('one', { use: 'sig', alg: 'ES256' })
const two = jwk('two')

let server: Server
let issuer: string
let ca: string
/** What the issuer answers, by path; a function answers as it likes. */
let pages: Record<string, unknown>
let asked: string[]
let time: number
let identity: Identity
const loopback = true

before(async () => {
  const { chain, key } = await selfSigned({ subject: 'CN=localhost', forClients: false })
  ca = chain
  server = createServer({ cert: chain, key }, (request, response) => {
    asked.push(request.url ?? '')
    const page = pages[request.url ?? '']
    if (typeof page === 'function') (page as (to: typeof response) => void)(response)
    else if (page === undefined) response.writeHead(404).end()
    else response.end(typeof page === 'string' ? page : JSON.stringify(page))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  issuer = `https://localhost:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(async () => {
  asked = []
  time = Date.parse('2026-03-01T12:00:00Z')
  pages = {
    '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
    '/keys': { keys: [one] },
  }
  identity = await createIdentity({
    store: inMemoryRegistry(),
    sealer: createSealer({ key: randomBytes(32), tenant: 'default' }),
    clock: { now: () => time, monotonic: () => time },
    readIssuer: createIssuerClient({ trusted: () => [ca], patience: 2000 }),
  })
})

describe('the discovery of an issuer', () => {
  it('gives its keys and algorithms', async () => {
    pages['/keys'] = { keys: [one, two, jwk('x', { use: 'enc' }), { kty: 'oct', k: 'AA', kid: 'y' }, 7] }
    pages['/.well-known/openid-configuration'] = {
      issuer,
      jwks_uri: `${issuer}/keys`,
      id_token_signing_alg_values_supported: ['none', 'HS256', 'ES256', 'RS256'],
    }
    assert.deepEqual(await identity.discoverIssuer(issuer, { loopback }), {
      issuer,
      jwksUri: `${issuer}/keys`,
      loopback,
      jwks: [one, two],
      algorithms: ['RS256', 'ES256'],
    })
  })

  it('knows an issuer with a path, and one with a slash at the end', async () => {
    pages['/a/.well-known/openid-configuration'] = { issuer: `${issuer}/a/`, jwks_uri: `${issuer}/keys` }
    assert.equal((await identity.discoverIssuer(`${issuer}/a/`, { loopback })).issuer, `${issuer}/a/`)
    await assert.rejects(identity.discoverIssuer(`${issuer}/a`, { loopback }), { code: 'identity.issuerAnswerInvalid' })
  })

  const wellKnown = '/.well-known/openid-configuration'
  const refused: readonly (readonly [string, () => void, string, RegExp])[] = [
    [
      'another issuer',
      () => void (pages[wellKnown] = { issuer: 'https://other.example' }),
      'issuerAnswerInvalid',
      /"https:\/\/other.example"/,
    ],
    ['no issuer', () => void (pages[wellKnown] = []), 'issuerAnswerInvalid', /the issuer null/],
    ['no keys address', () => void (pages[wellKnown] = { issuer }), 'issuerAnswerInvalid', /no jwks_uri/],
    [
      'a keys address without TLS',
      () => void (pages[wellKnown] = { issuer, jwks_uri: 'http://localhost/keys' }),
      'issuerRefused',
      /https/,
    ],
    [
      'a keys address of a cloud',
      () => void (pages[wellKnown] = { issuer, jwks_uri: 'https://169.254.169.254/keys' }),
      'issuerRefused',
      /169\.254\.169\.254, which no issuer has/,
    ],
    ['a page', () => void (pages[wellKnown] = '<html>'), 'issuerAnswerInvalid', /no JSON/],
    ['nothing', () => void (pages = {}), 'issuerUnreachable', /answered 404/],
    [
      'a redirect',
      () =>
        void (pages[wellKnown] = (to: { writeHead: (status: number, headers: object) => { end: () => void } }) =>
          to.writeHead(302, { location: '/x' }).end()),
      'issuerUnreachable',
      /no redirect is followed/,
    ],
    ['far too much', () => void (pages['/keys'] = ' '.repeat(300_000)), 'issuerUnreachable', /more than 262144 bytes/],
    ['silence', () => void (pages['/keys'] = () => undefined), 'issuerUnreachable', /did not answer in time/],
    [
      'an end in the middle',
      () =>
        void (pages['/keys'] = (to: { write: (text: string) => void; destroy: () => void }) => (
          to.write('{'), to.destroy()
        )),
      'issuerUnreachable',
      /./,
    ],
    [
      'shared secrets alone',
      () => void (pages['/keys'] = { keys: [{ kty: 'oct', k: 'AA' }] }),
      'issuerAnswerInvalid',
      /no public signing key/,
    ],
    [
      'several keys without kid',
      () => void (pages['/keys'] = { keys: [jwk('', {}), jwk('')] }),
      'issuerAnswerInvalid',
      /no public signing key/,
    ],
  ]
  for (const [what, change, code, message] of refused)
    it(`is refused with ${what}`, async () => {
      change()
      await assert.rejects(identity.discoverIssuer(issuer, { loopback }), { code: `identity.${code}`, message })
    })

  it('does not call this machine itself unless that is said, by whatever name', async () => {
    const { port } = new URL(issuer)
    for (const address of [
      issuer,
      `https://127.0.0.1:${port}`,
      `https://[::1]:${port}`,
      `https://2130706433:${port}`,
      `https://[::ffff:127.0.0.1]:${port}`,
    ])
      await assert.rejects(
        identity.discoverIssuer(address, {}),
        { code: 'identity.issuerRefused', message: /this machine itself/ },
        address,
      )
    assert.deepEqual(asked, [])
  })

  it('does not speak to a server whose certificate is not trusted', async () => {
    const read = createIssuerClient()
    await assert.rejects(read(`${issuer}/keys`, { loopback }), {
      code: 'identity.issuerUnreachable',
      message: /SELF_SIGNED/,
    })
    assert.deepEqual(asked, [])
  })

  for (const address of [
    'http://localhost',
    'ftp://a',
    'idp.example',
    `https://user:secret@idp.example`,
    'https://idp.example?a=b',
  ])
    it(`does not call ${address}`, async () => {
      await assert.rejects(identity.discoverIssuer(address, { loopback }), (thrown: Error & { code?: string }) => {
        assert.deepEqual([thrown.code, thrown.message.includes('secret')], ['identity.issuerRefused', false])
        return true
      })
    })
})

describe('addresses that no issuer has', () => {
  const rows: readonly (readonly [string, boolean, boolean])[] = [
    ['93.184.216.34', true, true],
    ['10.0.0.7', true, true],
    ['192.168.1.1', true, true],
    ['2001:db8::1', true, true],
    ['127.0.0.1', false, true],
    ['127.9.9.9', false, true],
    ['::1', false, true],
    ['::ffff:127.0.0.1', false, true],
    ['169.254.169.254', false, false],
    ['::ffff:169.254.169.254', false, false],
    ['100.100.100.200', false, false],
    ['168.63.129.16', false, false],
    ['fd00:ec2::254', false, false],
    ['fe80::1', false, false],
    ['0.0.0.0', false, false],
    ['::', false, false],
    ['224.0.0.1', false, false],
    ['255.255.255.255', false, false],
    ['64:ff9b::a9fe:a9fe', false, false],
    ['nobody', false, false],
  ]
  for (const [address, usual, withLoopback] of rows)
    it(`${address} is called ${usual ? 'always' : withLoopback ? 'where loopback is allowed' : 'never'}`, () => {
      assert.equal(refusedAddress(address, { loopback: false }) === undefined, usual)
      assert.equal(refusedAddress(address, { loopback: true }) === undefined, withLoopback)
    })
})

describe('keys that are fetched again', () => {
  const create = async () => {
    const { jwksUri, jwks } = await identity.discoverIssuer(issuer, { loopback })
    asked = []
    return identity.identityProviders.create({ name: 'OIDC', issuer, jwksUri, jwks, loopback }, 'ada')
  }

  it('are written down, and the address is called once a minute, however many ask', async () => {
    const provider = await create()
    pages['/keys'] = { keys: [one, two] }
    const [a, b] = await Promise.all([identity.refreshKeys(provider), identity.refreshKeys(provider)])
    assert.deepEqual(
      [a, b],
      [
        [one, two],
        [one, two],
      ],
    )
    assert.deepEqual(identity.identityProviderOf(issuer)?.jwks, [one, two])
    assert.equal(identity.identityProviderOf(issuer)?.modifiedBy, 'ada')
    time += 59_999
    pages['/keys'] = { keys: [two] }
    assert.deepEqual(await identity.refreshKeys(provider), [one, two])
    assert.deepEqual(asked, ['/keys'])
    time += 1
    assert.deepEqual(await identity.refreshKeys(provider), [two])
    assert.deepEqual(asked, ['/keys', '/keys'])
  })

  it('change nothing where they are the same', async () => {
    const provider = await create()
    const { revision } = identity
    await identity.refreshKeys(provider)
    assert.equal(identity.revision, revision)
  })

  it('stay as they are while the issuer fails, and it is not called more often for that', async () => {
    const provider = await create()
    pages = {}
    await assert.rejects(identity.refreshKeys(provider), { code: 'identity.issuerUnreachable' })
    await assert.rejects(identity.refreshKeys(provider), { code: 'identity.issuerUnreachable' })
    assert.deepEqual(asked, ['/keys'])
    assert.deepEqual(identity.identityProviderOf(issuer)?.jwks, [one])
  })

  it('are those that were given where there is no address', async () => {
    const provider = await identity.identityProviders.create({ name: 'x', issuer: 'x', jwks: [one] }, 'ada')
    assert.deepEqual(await identity.refreshKeys(provider), [one])
    assert.deepEqual(asked, [])
  })
})
