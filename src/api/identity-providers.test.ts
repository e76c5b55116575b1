import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, beforeEach, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { selfSigned } from '../../test/kit/authority.ts'

const api = await newTestApi()
after(api.dispose)

const issuedAt = api.time.now
const certificateOf = async (subject: string) =>
  (await selfSigned({ subject, from: issuedAt - 3_600_000, until: issuedAt + 864_000_000 })).chain
const first = await certificateOf('CN=idp')
const second = await certificateOf('CN=idp')
const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()

type Shown = Record<string, unknown>
const answer = async (line: string, body?: object) => {
  const { status, body: text } = await api.ask(line, body && { body })
  return [status, String(text)] as const
}
const made = async (line: string, body: object): Promise<Shown> => {
  const [status, text] = await answer(line, body)
  assert.ok(status < 300, text)
  const read = JSON.parse(text) as { d?: Shown }
  return read.d ?? read
}
const listIn = (shown: Shown, name: string) => JSON.parse(String(shown[name])) as never
/** The latest first. */
const events = async () => {
  const { results } = (await api.read('GET /AuditLogEntries?$top=9')) as { results: Shown[] }
  return results.filter(({ ObjectType }) => ObjectType === 'Trusted Identity Provider')
}

beforeEach(async () => {
  const { results } = (await api.read('GET /TrustedIdentityProviders')) as { results: Shown[] }
  for (const { Id } of results) await answer(`DELETE /TrustedIdentityProviders('${String(Id)}')`)
})

const metadata = (entityId: string, pem: string): string =>
  `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${new X509Certificate(pem).raw.toString('base64')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`

describe('trusted identity providers', () => {
  it('are made, shown with what their certificates say, changed and deleted', async () => {
    const created = await made('POST /TrustedIdentityProviders', {
      Name: 'Portal',
      Issuer: 'https://idp.example',
      Certificates: first,
      UserIdAttribute: 'mail',
      GroupRules: JSON.stringify([{ group: 'g', attribute: 'role', operator: 'equals', value: 'buyer' }]),
      Sha1: true,
    })
    assert.deepEqual(
      [created['Enabled'], created['Skew'], created['UserIdAttribute'], listIn(created, 'Warnings')],
      [true, 60, 'mail', ['signatures by RSA with SHA-1 are accepted, which can be forged']],
    )
    const [certificate] = listIn(created, 'Certificates') as Shown[]
    assert.deepEqual([certificate?.['fingerprint'], certificate?.['subject']], [fingerprintOf(first), 'CN=idp'])
    const path = `/TrustedIdentityProviders('${String(created['Id'])}')`
    const until = new Date(issuedAt + 86_400_000).toISOString()
    const both = [
      { ...certificate, until },
      { certificate: second, from: until },
    ]
    assert.deepEqual(
      await answer(`PUT ${path}`, { Certificates: JSON.stringify(both), UserIdAttribute: '', Sha1: false }),
      [204, ''],
    )
    const changed = (await api.read(`GET ${path}`)) as Shown
    assert.deepEqual(
      (listIn(changed, 'Certificates') as Shown[]).map((each) => [each['fingerprint'], each['from'], each['until']]),
      [
        [fingerprintOf(first), null, until],
        [fingerprintOf(second), until, null],
      ],
    )
    assert.deepEqual([changed['UserIdAttribute'], listIn(changed, 'Warnings')], [null, []])
    assert.deepEqual((await answer(`DELETE ${path}`))[0], 204)
    assert.deepEqual((await answer(`GET ${path}`))[0], 404)
    assert.deepEqual(
      (await events()).slice(0, 3).map(({ Action }) => Action),
      ['Delete', 'Change', 'Create'],
    )
  })

  it('name the service instances that may bring their assertions', async () => {
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    for (const [name, grants] of [
      ['bringing', `["${grant}"]`],
      ['other', '["client_credentials"]'],
    ] as const)
      await made('POST /ServiceInstances', {
        Name: name,
        Plan: 'integration-flow',
        Parameters: `{"grant-types":${grants}}`,
      })
    const created = await made('POST /TrustedIdentityProviders', { Name: 'P', Issuer: 'i', Certificates: first })
    assert.deepEqual(listIn(created, 'UsedBy'), ['bringing'])
  })

  const refused: readonly (readonly [string, object, number, RegExp])[] = [
    ['no issuer', { Name: 'n', Certificates: first }, 400, /'Issuer' cannot be empty/],
    ['no key', { Name: 'n', Issuer: 'i' }, 400, /without a key nothing can be verified/],
    ['text that is no JSON', { Name: 'n', Issuer: 'i', Certificates: '[' }, 400, /'Certificates' is not JSON/],
    [
      'a member with a typing error',
      { Name: 'n', Issuer: 'i', Certificates: '[{"certficate":"x"}]' },
      400,
      /'certficate' is not known/,
    ],
    [
      'a time that is none',
      { Name: 'n', Issuer: 'i', Certificates: '[{"certificate":"x","from":"soon"}]' },
      400,
      /must be a time/,
    ],
    ['a list that is a map', { Name: 'n', Issuer: 'i', Algorithms: '{}' }, 400, /'Algorithms' cannot be used/],
    [
      'rules of another shape',
      { Name: 'n', Issuer: 'i', Certificates: first, GroupRules: '{"a":1}' },
      400,
      /group-rules must be a list/,
    ],
    [
      'rules that are nothing',
      { Name: 'n', Issuer: 'i', Certificates: first, GroupRules: 'null' },
      400,
      /group-rules must be a list/,
    ],
    ['a name that is not known', { Name: 'n', Issuer: 'i', Sha256: true }, 400, /Sha256/],
  ]
  for (const [what, body, status, words] of refused)
    it(`are refused with ${what}`, async () => {
      const [code, text] = await answer('POST /TrustedIdentityProviders', body)
      assert.deepEqual([code, words.test(text) ? '' : text], [status, ''])
    })
})

describe('SAML metadata', () => {
  it('makes a provider, and renews the certificates of the one that is named', async () => {
    const created = await made('POST /ImportSamlMetadata', {
      Metadata: metadata('https://idp.example/a', first),
      DefaultGroups: '["g"]',
    })
    assert.deepEqual(
      [created['Name'], created['Issuer'], created['Verified'], listIn(created, 'DefaultGroups')],
      ['idp.example', 'https://idp.example/a', false, ['g']],
    )
    const again = { Id: created['Id'], Metadata: metadata('https://idp.example/a', second) }
    const renewed = await made('POST /ImportSamlMetadata', again)
    assert.deepEqual(
      (listIn(renewed, 'Certificates') as Shown[]).map(({ fingerprint }) => fingerprint),
      [fingerprintOf(second)],
    )
    assert.deepEqual(listIn(renewed, 'DefaultGroups'), ['g'])
    const [event] = await events()
    assert.deepEqual([event?.['Action'], event?.['ObjectId']], ['Change', created['Id']])
  })

  it('of another issuer does not renew a provider, and the same issuer is not made twice', async () => {
    const { Id } = await made('POST /ImportSamlMetadata', { Metadata: metadata('a', first) })
    assert.equal((await answer('POST /ImportSamlMetadata', { Id, Metadata: metadata('b', second) }))[0], 409)
    assert.equal((await answer('POST /ImportSamlMetadata', { Name: 'n', Metadata: metadata('a', second) }))[0], 409)
    assert.equal((await answer('POST /ImportSamlMetadata', { Id: 'x', Metadata: metadata('a', second) }))[0], 404)
  })

  it('that is to be verified is refused where nothing can verify it', async () => {
    const body = { Metadata: metadata('a', first), MetadataCertificate: second }
    const [status, text] = await answer('POST /ImportSamlMetadata', body)
    assert.equal(status, 400)
    assert.match(text, /signature of the metadata does not hold/)
  })
})

it('an issuer on this machine is not fetched unless that is said', async () => {
  const [status, text] = await answer('POST /DiscoverIdentityProvider', { Issuer: 'https://127.0.0.1:1' })
  assert.equal(status, 400)
  assert.match(text, /this machine itself/)
})

describe('a trusted sender', () => {
  it('is there with all it takes, and its secret is read like that of every key', async () => {
    const sender = await made('POST /TrustSender', {
      Name: 'Shop',
      Issuer: 'https://shop.example',
      Certificates: first,
    })
    assert.deepEqual(
      [sender['Group'], sender['User'], sender['GrantType']],
      ['Shop', null, 'urn:ietf:params:oauth:grant-type:saml2-bearer'],
    )
    const key = await api.ask(`GET /ServiceKeys('${String(sender['ServiceKey'])}')/$value`)
    const { clientid, clientsecret } = JSON.parse(String(key.body)) as Record<string, string>
    assert.equal(clientid, sender['ClientId'])
    assert.ok(clientsecret !== undefined && !JSON.stringify(sender).includes(clientsecret))
    const [event] = await events()
    assert.deepEqual([event?.['Action'], event?.['ObjectId']], ['Create', sender['Id']])
    assert.ok(!JSON.stringify(await events()).includes(clientsecret))
  })

  it('comes from its metadata', async () => {
    const sender = await made('POST /TrustSender', {
      Name: 'Meta',
      Metadata: metadata('https://m.example', first),
      User: 'anna',
    })
    assert.deepEqual([sender['Issuer'], sender['User'], sender['Group']], ['https://m.example', 'anna', null])
  })

  it('is who the metadata says', async () => {
    const body = { Name: 'x', Issuer: 'https://other.example', Metadata: metadata('https://m.example', first) }
    assert.equal((await answer('POST /TrustSender', body))[0], 409)
  })

  it('needs a key or metadata', async () => {
    assert.match((await answer('POST /TrustSender', { Name: 'x' }))[1], /'Issuer' cannot be empty/)
    assert.match((await answer('POST /TrustSender', { Name: 'x', Issuer: 'x' }))[1], /without a key/)
  })
})
