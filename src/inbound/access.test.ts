import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority, selfSigned } from '../../test/kit/authority.ts'
import { type Calling, echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'
import { principalOf } from '../../test/kit/http-request.ts'
import type { HttpRoute, Principal } from '../flow/index.ts'
import type { Identified } from '../identity/index.ts'
import { type Issued, readCertificates } from '../keystore/index.ts'
import { Body } from '../message/index.ts'

/** Whose a token is in these tests; the verifier of the authorization server is not part of this room. */
const owners = new Map<string, Identified & { readonly until: number }>()
const verify = (token: string) =>
  owners.get(token) ?? { code: 'unknown', reason: 'Nobody issued the token.', remedy: 'Fetch a new one.' }

let door: FrontDoor
let authority: Authority
let callers: Readonly<Record<string, Caller>>
let seen: Principal | undefined

interface Caller {
  readonly calling: Calling
  /** What the flow learns. */
  readonly name: string
  readonly method: Principal['method']
  /** Takes the role away. */
  readonly weaken: () => Promise<unknown>
  /** Takes the credential away, and what the next call is refused with. */
  readonly end: () => Promise<unknown>
  readonly ended: string
  /** The certificate's names, where there is one. */
  readonly listed?: HttpRoute['authorization']
}

const tlsOf = ({ chain, key }: Issued) => ({ cert: chain, key })
const password = 'correct horse battery'

function listing(chain: string): HttpRoute['authorization'] {
  const [leaf] = readCertificates(chain)
  const dn = (lines = '') => lines.split('\n').reverse().join(',')
  return { kind: 'certificate', certificates: [{ subjectDn: dn(leaf?.subject), issuerDn: dn(leaf?.issuer) }] }
}

before(async () => {
  door = await openFrontDoor({ tokens: { revision: 1, verify } })
  const { identity } = door
  authority = await newAuthority('CN=Partner CA')
  const between = await authority.intermediate('CN=Partner Issuing CA')
  await identity.anchors.create({ certificate: authority.certificate }, 'test')
  await door.role('Orders')

  async function byKey(calling: Calling, key: { readonly id: string; readonly clientId: string; instanceId: string }) {
    return {
      calling,
      name: key.clientId,
      weaken: () => identity.instances.update(key.instanceId, { roles: [] }, 'test'),
      end: () => identity.keys.remove(key.id, 'test'),
    }
  }
  async function byCertificate(own?: Issued, pinned = true): Promise<Caller> {
    const { key, tls } = await door.certificateKey(own, pinned)
    const common = await byKey(tls, key)
    const ended = own === undefined || own.chain.split('BEGIN').length > 2 ? 'identity.certificateUnknown' : ''
    return { ...common, method: 'certificate', ended, listed: listing(tls.cert) }
  }
  async function newUser(name: string, given: object = {}) {
    await identity.users.create({ name, roles: ['ESBMessaging.send'], ...given }, 'test')
    return { name, weaken: () => identity.users.update(name, { roles: [] }, 'test') }
  }

  const secret = await door.secretKey()
  const mapped = await newUser('mapped')
  const mappedTls = tlsOf(await between.issue({ subject: 'CN=mapped' }))
  const mapping = await identity.mappings.create({ user: 'mapped', certificate: mappedTls.cert }, 'test')
  const person = await newUser('ada', { password })
  const tokenClient = await door.instance()
  owners.set('good-token', {
    principal: principalOf('sb-token', { method: 'bearer', issuer: 'us' }),
    roles: new Set(['ESBMessaging.send']),
    plan: 'integration-flow',
    method: 'bearer',
    client: `instance ${tokenClient.id}`,
    until: Date.now() + 60_000,
  })

  callers = {
    'a generated certificate': await byCertificate(),
    'a certificate of a trusted CA, with its intermediate': await byCertificate(
      await between.issue({ subject: 'CN=pinned,O=Partner' }),
    ),
    'a self-signed certificate': {
      ...(await byCertificate(await selfSigned({ subject: 'CN=own,O=Dev' }))),
      ended: 'certificate.selfSigned',
    },
    'an unpinned certificate': await byCertificate(await between.issue({ subject: 'CN=unpinned,O=Partner' }), false),
    'a certificate that is mapped to a user': {
      ...mapped,
      calling: mappedTls,
      method: 'certificate',
      end: () => identity.mappings.remove(mapping.fingerprint, 'test'),
      ended: 'identity.certificateUnknown',
      listed: listing(mappedTls.cert),
    },
    'client id and secret': {
      ...(await byKey({ auth: secret.auth }, secret.key)),
      method: 'basic',
      ended: 'identity.secretWrong',
    },
    'a user and password': {
      ...person,
      calling: { auth: `Ada:${password}` },
      method: 'basic',
      end: () => identity.users.update('ada', { locked: true }, 'test'),
      ended: 'identity.userLocked',
    },
    'a bearer token': {
      calling: { headers: { Authorization: 'Bearer good-token' } },
      name: 'sb-token',
      method: 'bearer',
      weaken: async () => {
        const owner = owners.get('good-token')
        if (owner) owners.set('good-token', { ...owner, roles: new Set() })
        await door.role('Changed')
      },
      end: async () => {
        owners.clear()
        await door.role('Again')
      },
      ended: 'token.unknown',
    },
  }
})
after(() => door.close())
beforeEach(() => {
  door.refusals.length = 0
  seen = undefined
})

const serve = (given: Partial<HttpRoute> = {}) =>
  door.routes.swap('Echo', [
    echo({ handle: ({ principal }) => ((seen = principal), { status: 204, headers: [], body: Body.empty }), ...given }),
  ])

/** Status and code of a call. */
async function call(calling: Calling) {
  const { status } = await door.call('/http/echo', calling)
  return [status, door.refusals.at(-1)?.code]
}

const names = [
  'a generated certificate',
  'a certificate of a trusted CA, with its intermediate',
  'a self-signed certificate',
  'an unpinned certificate',
  'a certificate that is mapped to a user',
  'client id and secret',
  'a user and password',
  'a bearer token',
]

describe('whoever calls by', () => {
  for (const name of names)
    it(`${name}: is let in by role, by a listed certificate only with one, and not without the role or the credential`, async () => {
      const caller = callers[name] as Caller
      serve()
      assert.deepEqual(await call(caller.calling), [204, undefined])
      assert.deepEqual([seen?.name, seen?.method], [caller.name, caller.method])
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
        assert.deepEqual(await call({ ...caller.calling, maxVersion }), [204, undefined])

      serve({ authorization: { kind: 'role', role: 'Orders' } })
      assert.deepEqual(await call(caller.calling), [403, 'role.missing'])
      serve({ authorization: caller.listed ?? listing(door.ca.certificate) })
      door.refusals.length = 0
      assert.deepEqual(
        await call(caller.calling),
        caller.listed === undefined ? [403, 'role.certificateNeeded'] : [204, undefined],
      )
      serve({ authorization: listing(door.ca.certificate) })
      assert.deepEqual(await call(caller.calling), [
        403,
        caller.listed === undefined ? 'role.certificateNeeded' : 'role.certificateNotListed',
      ])

      serve()
      await caller.weaken()
      assert.deepEqual(await call(caller.calling), [403, 'role.missing'])
      await caller.end()
      assert.deepEqual(await call(caller.calling), [401, caller.ended])
    })
})

describe('a certificate in the channel', () => {
  it('must be registered, as what it is, and counts only where its names are listed', async () => {
    const sender = tlsOf(await authority.issue({ subject: 'CN=sender,O=Partner' }))
    serve({ authorization: listing(sender.cert) })
    assert.deepEqual(await call(sender), [401, 'identity.certificateUnknown'])
    const { fingerprint } = await door.identity.channelCertificates.create(
      { name: 'sender', certificate: sender.cert },
      'test',
    )
    assert.equal((await call(sender))[0], 204)
    assert.deepEqual([seen?.name, seen?.clientId, seen?.subject], ['', undefined, 'O=Partner,CN=sender'])
    for (const authorization of [{ kind: 'identity' }, { kind: 'role', role: 'ESBMessaging.send' }] as const) {
      serve({ authorization })
      assert.deepEqual(await call(sender), [403, 'role.namesOnly'])
    }
    serve({ authorization: listing(door.ca.certificate) })
    assert.deepEqual(await call(sender), [403, 'role.certificateNotListed'])
    const { auth } = await door.secretKey()
    assert.deepEqual(await call({ ...sender, auth }), [401, 'identity.contradictory'])
    await door.identity.channelCertificates.remove(fingerprint, 'test')
    serve({ authorization: listing(sender.cert) })
    assert.deepEqual(await call(sender), [401, 'identity.certificateUnknown'])
  })

  it('is enough by its names where the policy says so, and nowhere else', async () => {
    const sender = tlsOf(await authority.issue({ subject: 'CN=named,O=Partner' }))
    const stranger = tlsOf(await (await newAuthority('CN=Partner CA')).issue({ subject: 'CN=named,O=Partner' }))
    const listed = echo({ authorization: listing(sender.cert), flowId: 'A' })
    const others = ['/role', '/any', '/unlisted'].map((address, index) =>
      echo({
        address,
        flowId: 'A',
        authorization: [
          { kind: 'role', role: 'ESBMessaging.send' } as const,
          { kind: 'identity' } as const,
          listing(door.ca.certificate),
        ][index] as HttpRoute['authorization'],
      }),
    )
    door.routes.swap('Echo', [])
    door.routes.swap('A', [listed, ...others])
    const codes = async (calling: Calling) => {
      const found: unknown[] = []
      for (const path of ['/http/echo', '/http/role', '/http/any', '/http/unlisted', '/http/none']) {
        door.refusals.length = 0
        found.push((await door.call(path, calling)).status, door.refusals[0]?.code)
      }
      return found
    }
    const unknown = [401, 'identity.certificateUnknown']
    await door.identity.tenantPolicy.set({ channelCertificates: 'names' }, 'test')
    assert.deepEqual(await codes(sender), [200, undefined, ...unknown, ...unknown, ...unknown, ...unknown])
    assert.equal((await codes(stranger))[0], 401)
    // One endpoint can be stricter than the tenant, and the other way round.
    await door.identity.endpointPolicies.create({ address: '/http/echo', channelCertificates: 'registered' }, 'test')
    assert.deepEqual((await codes(sender)).slice(0, 2), unknown)
    await door.identity.tenantPolicy.set({ channelCertificates: 'registered' }, 'test')
    await door.identity.endpointPolicies.update('/http/echo', { channelCertificates: 'names' }, 'test')
    assert.deepEqual((await codes(sender)).slice(0, 4), [200, undefined, ...unknown])
    await door.identity.endpointPolicies.remove('/http/echo', 'test')
    door.routes.swap('A', [])
  })

  it('of a locked user is not taken for one that is merely named', async () => {
    const sender = tlsOf(await authority.issue({ subject: 'CN=leaver,O=Partner' }))
    await door.identity.users.create({ name: 'leaver', roles: [] }, 'test')
    await door.identity.mappings.create({ user: 'leaver', certificate: sender.cert }, 'test')
    await door.identity.users.update('leaver', { locked: true }, 'test')
    await door.identity.tenantPolicy.set({ channelCertificates: 'names' }, 'test')
    serve({ authorization: listing(sender.cert) })
    assert.deepEqual(await call(sender), [401, 'identity.userLocked'])
    await door.identity.tenantPolicy.set({ channelCertificates: 'registered' }, 'test')
  })
})

describe('the window of a registration', () => {
  it('opens and ends while the certificate is valid', async () => {
    const own = tlsOf(await authority.issue({ subject: 'CN=window' }))
    const { key } = await door.certificateKey({ chain: own.cert, key: own.key })
    const [registered] = door.identity.certificates.list({ kind: 'key', id: key.id })
    const set = (from: number | undefined, until: number | undefined) =>
      door.identity.certificates.setWindow(registered?.fingerprint ?? '', { from, until }, 'test')
    serve()
    await set(Date.now() + 60_000, undefined)
    assert.deepEqual(await call(own), [401, 'certificate.notYetRegistered'])
    await set(undefined, Date.now() - 1000)
    assert.deepEqual(await call(own), [401, 'certificate.noLongerRegistered'])
    await set(Date.now() - 1000, Date.now() + 60_000)
    assert.equal((await call(own))[0], 204)
  })
})

describe('a certificate that is wrong', () => {
  const cases: readonly (readonly [string, () => Promise<Issued>, string])[] = [
    ['expired', () => authority.issue({ subject: 'CN=x', until: Date.now() - 1000 }), 'certificate.expired'],
    ['not yet valid', () => authority.issue({ subject: 'CN=x', from: Date.now() + 60_000 }), 'certificate.notYetValid'],
    ['not for clients', () => authority.issue({ subject: 'CN=x', forClients: false }), 'certificate.notForClients'],
    ['self-signed', () => selfSigned({ subject: 'CN=x' }), 'certificate.selfSigned'],
    [
      'of a CA that nobody trusts',
      async () => (await newAuthority('CN=Other')).issue({ subject: 'CN=x' }),
      'certificate.issuerMissing',
    ],
    [
      'of a CA that only has the name of a trusted one',
      async () => (await newAuthority('CN=Partner CA')).issue({ subject: 'CN=x' }),
      'certificate.signatureInvalid',
    ],
    [
      'without its intermediate',
      async () => {
        const { chain, key } = await (await authority.intermediate('CN=Unseen CA')).issue({ subject: 'CN=x' })
        return { chain: readCertificates(chain)[0]?.toString() ?? '', key }
      },
      'certificate.issuerMissing',
    ],
    ['trusted but not registered', () => authority.issue({ subject: 'CN=x' }), 'identity.certificateUnknown'],
  ]
  for (const [name, issue, code] of cases)
    it(`${name}: ${code}`, async () => {
      serve()
      const own = tlsOf(await issue())
      assert.deepEqual(await call(own), [401, code])
      // A right credential besides does not help.
      const { auth } = await door.secretKey()
      assert.deepEqual(await call({ ...own, auth }), [401, code])
      const refusal = door.refusals.at(-1)
      assert.ok((refusal?.reason.length ?? 0) > 20 && (refusal?.remedy.length ?? 0) > 10)
    })
})
