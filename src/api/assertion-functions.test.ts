import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { allRoles, newTestApi } from '../../test/kit/api.ts'
import type { Explanation } from '../assertions/index.ts'

const control = 'https://localhost:9443'
const wish = {
  alias: 'idp',
  issuer: 'https://idp.example',
  user: 'alice',
  audience: control,
  recipient: `${control}/oauth/token`,
  attributes: { mail: 'alice@example.com', groups: ['a', 'b'] },
}

describe('the workbench of assertions', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  const call = async (name: string, body: object, roles: readonly string[] = allRoles) => {
    const { status, body: answer } = await api.ask(`POST /${name}`, { body, roles })
    return { status, value: JSON.parse(String(answer)) }
  }
  const made = async (more: object = {}) =>
    (await call('MakeAssertion', { ...wish, ...more })).value as { assertion: string; sent: string }
  const wrong = async (name: string, assertion: string, client = 'erp'): Promise<string[]> => {
    const { value } = await call(name, { assertion, ...(name === 'VerifyAssertion' && { client }) })
    return (value as Explanation).findings
      .filter(({ state }) => state !== 'ok')
      .map(({ check, state }) => `${check} ${state}`)
  }

  before(async () => {
    api = await newTestApi()
    const { chain, key } = await api.issue('idp')
    await api.services.keystore.putKeyPair(
      'idp',
      { chain, key },
      { owner: 'tenant', user: 'ann', fingerprintVerified: true },
    )
    const own = await api.issue('system')
    await api.services.keystore.putKeyPair(
      'sap_ca',
      { chain: own.chain, key: own.key },
      { owner: 'system', user: 'x', fingerprintVerified: true },
    )
    await api.identity.identityProviders.create(
      {
        name: 'Test',
        issuer: wish.issuer,
        certificates: [{ certificate: chain.slice(0, chain.indexOf('-----END') + 25) }],
      },
      'ann',
    )
  })
  after(() => api.dispose())

  it('makes an assertion that this server accepts, and says what is wrong with others', async () => {
    const { assertion, sent } = await made()
    assert.equal(sent, Buffer.from(assertion).toString('base64url'))
    for (const form of [assertion, sent]) assert.deepEqual(await wrong('VerifyAssertion', form), [])
    assert.deepEqual(await wrong('VerifyAssertion', assertion.replace('>alice<', '>bob<')), ['saml.digest wrong'])
    const elsewhere = await made({ audience: 'x', recipient: 'y' })
    assert.deepEqual(await wrong('VerifyAssertion', elsewhere.sent), ['saml.recipient wrong', 'saml.audience wrong'])
    const stranger = await made({ issuer: 'https://stranger.example' })
    assert.ok((await wrong('VerifyAssertion', stranger.sent)).includes('saml.issuer wrong'))
    const { value } = await call('VerifyAssertion', { assertion })
    assert.equal((value as Explanation).asserted?.user, 'alice')
  })

  it('makes a JWT, signs what is written by hand, and decodes without trust', async () => {
    const { assertion, sent } = await made({ type: 'jwt', kid: 'k1' })
    assert.equal(assertion, sent)
    assert.deepEqual(await wrong('VerifyAssertion', sent), [])
    assert.ok((await wrong('DecodeAssertion', sent)).every((each) => each.endsWith('unchecked')))
    const unsigned = (await made()).assertion.replace(/<ds:Signature .*<\/ds:Signature>/s, '')
    assert.deepEqual((await wrong('VerifyAssertion', unsigned)).slice(0, 1), ['saml.signature.missing missing'])
    const signed = await call('SignAssertion', { alias: 'idp', assertion: unsigned })
    assert.deepEqual(await wrong('VerifyAssertion', (signed.value as { sent: string }).sent), [])
    const claims = await call('SignAssertion', { alias: 'idp', assertion: '{"iss":"x","sub":"y"}' })
    assert.equal(claims.status, 200)
  })

  const refused: [string, string, object, number, string][] = [
    ['no alias', 'MakeAssertion', { ...wish, alias: '' }, 400, 'api.parametersInvalid'],
    ['no recipient', 'MakeAssertion', { ...wish, recipient: '' }, 400, 'api.parametersInvalid'],
    ['another type', 'MakeAssertion', { ...wish, type: 'x' }, 400, 'api.parametersInvalid'],
    ['a name that is not known', 'MakeAssertion', { ...wish, userr: 'x' }, 400, 'api.parametersInvalid'],
    ['attributes that are numbers', 'MakeAssertion', { ...wish, attributes: { a: 1 } }, 400, 'api.parametersInvalid'],
    ['a long life', 'MakeAssertion', { ...wish, seconds: 86_401 }, 400, 'assertions.draftInvalid'],
    ['an algorithm that does not fit', 'MakeAssertion', { ...wish, algorithm: 'HS256' }, 400, 'assertions.keyUnfit'],
    [
      'a claim that is given otherwise',
      'MakeAssertion',
      { ...wish, type: 'jwt', attributes: { exp: '1' } },
      400,
      'assertions.draftInvalid',
    ],
    ['a key that is not there', 'MakeAssertion', { ...wish, alias: 'none' }, 404, 'keystore.aliasUnknown'],
    ['a key of the system', 'MakeAssertion', { ...wish, alias: 'sap_ca' }, 403, 'assertions.keyReserved'],
    ['a key of the system', 'SignAssertion', { alias: 'sap_ca', assertion: '{}' }, 403, 'assertions.keyReserved'],
    ['what is no assertion', 'SignAssertion', { alias: 'idp', assertion: '<a/>' }, 400, 'assertions.textUnreadable'],
  ]
  for (const [what, name, body, status, code] of refused)
    it(`${name} refuses ${what}`, async () => {
      const answer = await call(name, body)
      assert.deepEqual([answer.status, answer.value.error.code], [status, code])
    })

  it('signs for administrators only', async () => {
    const roles = allRoles.filter((role) => role !== 'TenantAdministrator')
    for (const name of ['MakeAssertion', 'SignAssertion']) assert.equal((await call(name, wish, roles)).status, 403)
    for (const name of ['DecodeAssertion', 'VerifyAssertion']) {
      assert.equal((await call(name, { assertion: 'x' }, ['MonitoringDataRead'])).status, 200)
      assert.equal((await call(name, { assertion: 'x' }, [])).status, 403)
    }
  })

  it('is recorded with key and user, and without the assertion', async () => {
    const { sent } = await made({ user: 'carol' })
    const events = (await api.read("GET /AuditLogEntries?$filter=ObjectType eq 'X.509 Key-Pair'&$top=500"))
      .results as Record<string, string>[]
    const event = events.find((each) => JSON.stringify(each).includes('carol'))
    assert.deepEqual([event?.['ObjectId'], event?.['Action']], ['idp', 'Read'])
    assert.ok(!JSON.stringify(events).includes(sent.slice(-40)))
  })
})
