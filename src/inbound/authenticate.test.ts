import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { principalOf } from '../../test/kit/http-request.ts'
import { trustedOf } from '../app/trusted.ts'
import { newTenant, type Tenant } from '../../test/kit/front-door.ts'
import { silentLog, systemClock } from '../base/index.ts'
import type { Identified } from '../identity/index.ts'
import { readCertificates } from '../keystore/index.ts'
import { createTrust } from '../trust/index.ts'
import { createAuthenticator } from './authenticate.ts'
import { newCall } from './call.ts'
import { newConnection, presentedOf } from './connection.ts'
import { isRefused } from './refusals.ts'
import type { TokenOwner, TokenVerifier } from './tokens.ts'

const password = 'correct horse battery'
const basic = (user: string) => ({ Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })
const callOf = (headers: Record<string, string>, connection = newConnection('10.0.0.1', undefined)) =>
  newCall(connection, 'integration-flow', 'GET', '/http/echo', Object.entries(headers).flat())
const codeOf = (outcome: object | undefined) =>
  outcome === undefined ? undefined : isRefused(outcome) ? outcome.code : 'accepted'

describe('a proof that takes its time', () => {
  it('is made anew when the registry changes meanwhile: whoever is locked while the password is checked stays out', async () => {
    const { identity, authenticator } = await newTenant()
    await identity.users.create({ name: 'ada', password }, 'test')
    const call = callOf(basic('ada'))
    const proving = authenticator.prove(call)
    await identity.users.update('ada', { locked: true }, 'test')
    await proving
    assert.equal(codeOf(call.byAuthorization), 'identity.userLocked')
  })

  it('is made once for all who ask for the same at the same time', async () => {
    const { identity, authenticator } = await newTenant()
    await identity.users.create({ name: 'ada', password }, 'test')
    const calls = Array.from({ length: 300 }, () => callOf(basic('ada')))
    await Promise.all(calls.map(async (call) => authenticator.prove(call)))
    assert.deepEqual([...new Set(calls.map(({ byAuthorization }) => codeOf(byAuthorization)))], ['accepted'])
  })
})

describe('what is remembered of a certificate', () => {
  async function remembering() {
    const tenant = await newTenant()
    const { identity } = tenant
    const trust = createTrust({ clock: systemClock, log: silentLog })
    const trusted = trustedOf(identity)
    trust.set(trusted)
    const authenticator = createAuthenticator({ identity, trust, clock: systemClock, log: silentLog })
    const { key, tls } = await tenant.certificateKey()
    const [leaf] = readCertificates(tls.cert)
    assert.ok(leaf)
    const connection = newConnection('10.0.0.1', presentedOf(leaf))
    return {
      identity,
      trust,
      trusted,
      key,
      prove: async () => {
        const call = callOf({}, connection)
        await authenticator.prove(call)
        const { byCertificate: owner } = call
        return owner === undefined || isRefused(owner) ? codeOf(owner) : owner.kind
      },
    }
  }

  it('ends when trust changes and the registry does not', async () => {
    const { prove, trust, trusted } = await remembering()
    assert.equal(await prove(), 'client')
    trust.set({ ...trusted, anchors: [] })
    assert.equal(await prove(), 'certificate.issuerMissing')
    trust.set(trusted)
    assert.equal(await prove(), 'client')
  })

  it('ends when the registry changes and trust does not', async () => {
    const { prove, identity, key } = await remembering()
    assert.equal(await prove(), 'client')
    await identity.keys.remove(key.id, 'test')
    assert.equal(await prove(), 'unregistered')
  })
})

describe('what cannot be checked is not let in', () => {
  const failing: readonly (readonly [string, (tenant: Tenant) => void])[] = [
    ['throws', ({ trust }) => Object.assign(trust, { validate: () => assert.fail('broken') })],
    ['rejects', ({ trust }) => Object.assign(trust, { validate: () => Promise.reject(new Error('broken')) })],
  ]
  for (const [name, spoil] of failing)
    it(`path validation ${name}`, async () => {
      const tenant = await newTenant()
      const { tls } = await tenant.certificateKey()
      const [leaf] = readCertificates(tls.cert)
      assert.ok(leaf)
      spoil(tenant)
      const connection = newConnection('10.0.0.1', presentedOf(leaf))
      const call = callOf({}, connection)
      await tenant.authenticator.prove(call)
      assert.equal(codeOf(call.byCertificate), 'identity.uncheckable')
      assert.equal(await Promise.try(() => tenant.authenticator.accepts(connection)).catch(() => false), false)
    })

  it('a verifier of tokens that fails', async () => {
    const { identity, trust } = await newTenant()
    const tokens: TokenVerifier = { revision: 1, verify: () => Promise.reject(new Error('broken')) }
    const authenticator = createAuthenticator({ identity, trust, tokens, clock: systemClock, log: silentLog })
    const call = callOf({ Authorization: 'Bearer x' })
    await authenticator.prove(call)
    assert.equal(codeOf(call.byCertificate), 'identity.uncheckable')
  })
})

describe('a token', () => {
  const owner: Identified = {
    principal: principalOf('ada', { method: 'bearer', clientId: 'c', issuer: 'us' }),
    roles: new Set(),
    plan: 'integration-flow',
    method: 'bearer',
    client: 'instance 1',
  }

  async function verifying() {
    let now = 1_000_000
    const given = { now: () => now, monotonic: () => now }
    const tenant = await newTenant()
    const { identity, trust } = tenant
    const asked: unknown[] = []
    const tokens = {
      revision: 1,
      verify(token: string, presented: { readonly fingerprint: string } | undefined): TokenOwner {
        asked.push([token, presented?.fingerprint])
        return { ...owner, until: now + 1000 }
      },
    }
    const authenticator = createAuthenticator({ identity, trust, tokens, clock: given, log: silentLog })
    const connection = newConnection('10.0.0.1', undefined)
    return {
      asked,
      tokens,
      role: (name: string) => tenant.role(name),
      pass: (millis: number) => (now += millis),
      prove: () => authenticator.prove(callOf({ Authorization: 'Bearer a.b-c' }, connection)),
    }
  }

  it('is verified once for a connection, until its time, its keys or the registry end it', async () => {
    const { asked, tokens, role, pass, prove } = await verifying()
    await prove()
    await prove()
    pass(999)
    await prove()
    assert.deepEqual(asked, [['a.b-c', undefined]])
    pass(1)
    await prove()
    assert.equal(asked.length, 2)
    tokens.revision++
    await prove()
    assert.equal(asked.length, 3)
    await role('Changed')
    await prove()
    assert.equal(asked.length, 4)
  })
})
