import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority, selfSigned } from '../../test/kit/authority.ts'
import { opensslAuthority } from '../../test/kit/openssl.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import { createSealer } from '../keystore/index.ts'
import type { Identity, IdentityProviderRequest } from './contracts.ts'
import { createIdentity } from './identity.ts'
import { providerWarnings } from './identity-providers.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const day = 86_400_000
const hour = 3_600_000
let store: ReturnType<typeof inMemoryRegistry>
let identity: Identity
let authority: Authority
let first: string
let second: string

const fingerprintOf = (pem: string): string => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')
const jwkOf = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
})

before(async () => {
  authority = await newAuthority('O=Partner,CN=Partner CA')
  first = (await selfSigned({ subject: 'CN=idp', until: Date.now() + 5 * day })).chain
  second = (await selfSigned({ subject: 'CN=idp' })).chain
})
beforeEach(async () => {
  store = inMemoryRegistry()
  identity = await createIdentity({ store, sealer, clock: systemClock })
})

const request = (more: Partial<IdentityProviderRequest> = {}): IdentityProviderRequest => ({
  name: 'Portal',
  issuer: 'https://idp.example/saml',
  certificates: [{ certificate: first }],
  ...more,
})

describe('identity providers', () => {
  it('have what is not said filled in, strictly', async () => {
    const { certificates, id, createdAt, modifiedAt, ...rest } = await identity.identityProviders.create(
      request(),
      'ada',
    )
    assert.deepEqual(certificates, [{ fingerprint: fingerprintOf(first), pem: first }])
    assert.deepEqual(rest, {
      name: 'Portal',
      issuer: 'https://idp.example/saml',
      description: '',
      enabled: true,
      jwks: [],
      loopback: false,
      algorithms: 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' '),
      sha1: false,
      userId: { source: 'nameId' },
      audiences: [],
      recipients: [],
      defaultAttributes: {},
      attributes: [],
      defaultGroups: [],
      groupRules: [],
      skew: 60,
      clients: [],
      createdBy: 'ada',
      modifiedBy: 'ada',
    })
    assert.equal(createdAt, modifiedAt)
    assert.equal(identity.identityProviders.find(id)?.name, 'Portal')
  })

  it('are found by their issuer, compared exactly, also by other processes and until they are removed', async () => {
    const { id } = await identity.identityProviders.create(request(), 'ada')
    const before = identity.revision
    const other = await createIdentity({ store, sealer, clock: systemClock })
    assert.equal(other.identityProviderOf('https://idp.example/saml')?.id, id)
    assert.equal(other.identityProviderOf('https://idp.example/saml/'), undefined)
    assert.equal(other.identityProviderOf('HTTPS://idp.example/saml'), undefined)
    await identity.identityProviders.remove(id, 'ada')
    await other.reload()
    assert.equal(other.identityProviderOf('https://idp.example/saml'), undefined)
    assert.ok(identity.revision > before)
    await assert.rejects(identity.identityProviders.remove(id, 'ada'), { code: 'identity.identityProviderUnknown' })
  })

  it('have several certificates while one is rolled over, and a change leaves what it does not name', async () => {
    const { id } = await identity.identityProviders.create(request({ sha1: true, skew: 0 }), 'ada')
    const soon = Math.floor(Date.now() / 1000) * 1000 + hour
    const changed = await identity.identityProviders.update(
      id,
      {
        certificates: [
          { certificate: first, until: soon },
          { certificate: second, from: soon },
        ],
      },
      'eve',
    )
    assert.deepEqual(
      changed.certificates.map(({ fingerprint, from, until }) => [fingerprint, from, until]),
      [
        [fingerprintOf(first), undefined, soon],
        [fingerprintOf(second), soon, undefined],
      ],
    )
    assert.deepEqual([changed.sha1, changed.skew, changed.createdBy, changed.modifiedBy], [true, 0, 'ada', 'eve'])
    assert.equal((await identity.identityProviders.update(id, { enabled: false }, 'eve')).certificates.length, 2)
  })

  it('sign by the leaf of a chain, not by its CA; certificates of one name stay apart', async () => {
    const { chain } = await (await authority.intermediate('CN=Issuing CA')).issue({ subject: 'CN=signer' })
    const created = await identity.identityProviders.create(
      request({ certificates: [{ certificate: chain }, { certificate: first + second }] }),
      'ada',
    )
    assert.deepEqual(
      created.certificates.map(({ fingerprint }) => fingerprint),
      [chain, first, second].map(fingerprintOf),
    )
  })

  const wrong: readonly (readonly [string, Partial<IdentityProviderRequest>, RegExp])[] = [
    ['a name of nothing', { name: ' ' }, /name needs 1 to 150/],
    ['no issuer', { issuer: '' }, /issuer needs 1 to 1024/],
    ['an issuer of another type', { issuer: 7 as never }, /issuer needs/],
    ['no key at all', { certificates: [] }, /certificates, jwks or jwks-uri is needed/],
    ['a certificate that is none', { certificates: [{ certificate: 'x' }] }, /certificate 1: .*neither PEM nor DER/],
    [
      'a private key',
      { certificates: [{ certificate: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END' }] },
      /private key/,
    ],
    ['nothing in the place of a certificate', { certificates: [null] as never }, /certificate 1: .*missing/],
    ['certificates that are no list', { certificates: 'x' as never }, /certificates must be a list/],
    ['a shared secret', { jwks: [{ kty: 'oct', k: 'c2VjcmV0' }] }, /key 1 holds a secret/],
    ['a private JWK', { jwks: [{ ...jwkOf('a'), d: 'x' }] }, /key 1 holds a secret/],
    ['a JWK for encryption', { jwks: [{ ...jwkOf('a'), use: 'enc' }] }, /not for signatures/],
    ['a JWK for HS256', { jwks: [{ ...jwkOf('a'), alg: 'HS256' }] }, /algorithm that is not accepted/],
    ['a JWK for wrapping', { jwks: [{ ...jwkOf('a'), key_ops: ['wrapKey'] }] }, /no verify/],
    ['a damaged JWK', { jwks: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] }, /no complete public key/],
    ['a curve of somebody else', { jwks: [{ kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA' }] }, /curve other than/],
    ['two JWKs without kid', { jwks: [jwkOf('a'), { ...jwkOf('b'), kid: undefined }] }, /each needs a kid/],
    ['a kid twice', { jwks: [jwkOf('a'), jwkOf('a')] }, /the kid 'a' twice/],
    ['http for keys', { jwksUri: 'http://idp.example/keys' }, /jwks-uri must be an https address/],
    ['a password in the address', { jwksUri: 'https://a:b@idp.example/keys' }, /without user and password/],
    ['HS256', { algorithms: ['HS256'] }, /algorithms has 'HS256'/],
    ['none', { algorithms: ['none'] }, /algorithms has 'none'/],
    ['no algorithm', { algorithms: [] }, /algorithms needs at least one/],
    ['algorithms of other keys', { algorithms: ['RS256'] }, /none that a key of the provider can sign by/],
    ['a user id from nowhere', { userId: { source: 'attribute', attribute: '' } }, /attribute of user-id needs/],
    ['a user id of no kind', { userId: { source: 'x' } as never }, /must be 'nameId' or 'attribute'/],
    ['a skew of an hour', { skew: 3600 }, /skew needs 0 to 300/],
    ['a skew of half a second', { skew: 0.5 }, /skew needs 0 to 300/],
    ['flags that are text', { sha1: 'true' as never, enabled: 1 as never }, /enabled must be true or false; sha1 must/],
    ['a map of lists', { defaultAttributes: { a: ['b'] as never } }, /default-attributes: 'a'/],
    ['a name that is a trap', { defaultAttributes: JSON.parse('{"__proto__":"x"}') as never }, /'__proto__'/],
    ['all into one', { attributes: [{ from: '*', to: 'mail' }] }, /attributes row 1: '\*' takes all/],
    [
      'a rule without a group',
      { groupRules: [{ group: '', attribute: 'a', operator: 'equals', value: 'b' }] },
      /row 1: group/,
    ],
    [
      'a rule of no kind',
      { groupRules: [{ group: 'g', attribute: 'a', operator: 'is' as never, value: 'b' }] },
      /one of equals/,
    ],
    ['look-behind', { groupRules: [{ group: 'g', attribute: 'a', operator: 'matches', value: '(?<=a)b' }] }, /of RE2/],
    ['groups that are no list', { defaultGroups: 'g' as never }, /default-groups must be a list/],
    ['a client that is not here', { clients: ['sb-nobody'] }, /'sb-nobody', which is neither/],
  ]
  for (const [what, more, problem] of wrong)
    it(`are refused with ${what}`, async () => {
      await assert.rejects(identity.identityProviders.create(request(more), 'ada'), {
        code: 'identity.identityProviderInvalid',
        message: problem,
      })
      assert.deepEqual(store.records(), [])
    })

  it('are refused with all that is wrong at once', async () => {
    const bad = request({ name: '', skew: -1, algorithms: ['HS256'], certificates: [{ certificate: 'x' }] })
    await assert.rejects(identity.identityProviders.create(bad, 'ada'), /name needs.*HS256.*skew.*certificate 1/)
  })

  it('are refused where all certificates have ended, but not while one of them counts later', async () => {
    const old = (await selfSigned({ subject: 'CN=old', from: Date.now() - 9 * day, until: Date.now() - day })).chain
    const later = (await selfSigned({ subject: 'CN=later', from: Date.now() + day })).chain
    const of = (...pems: string[]) => request({ certificates: pems.map((certificate) => ({ certificate })) })
    await assert.rejects(identity.identityProviders.create(of(old), 'ada'), /none that is valid now or later/)
    const created = await identity.identityProviders.create(of(old, later), 'ada')
    const warnings = providerWarnings(created, Date.now())
    assert.equal(warnings.length, 2)
    assert.match(warnings.join('; '), /'CN=old' counts no more since .*none of its certificates counts now/)
  })

  it('keep no more than is known of what they are given', async () => {
    const more = {
      id: 'chosen',
      createdBy: 'eve',
      audiences: ['a', 'a'],
      attributes: [{ from: 'a', to: 'b', note: 'x' }],
      userId: { source: 'nameId', attribute: 'mail' },
    } as never
    const created = await identity.identityProviders.create(request(more), 'ada')
    assert.notEqual(created.id, 'chosen')
    assert.deepEqual(
      [created.createdBy, created.audiences, created.attributes, created.userId],
      ['ada', ['a'], [{ from: 'a', to: 'b' }], { source: 'nameId' }],
    )
  })

  it('may be read by the clients that are named', async () => {
    const instance = await identity.instances.create({ name: 'shop', plan: 'integration-flow' }, 'ada')
    const { key } = await identity.keys.create(instance.id, { name: 'k', type: 'secret', clientId: 'shop-1' }, 'ada')
    const { id } = await identity.identityProviders.create(request({ clients: [instance.id, key.clientId] }), 'ada')
    await identity.instances.remove(instance.id, 'ada')
    assert.deepEqual(
      (await identity.identityProviders.update(id, { description: 'x' }, 'ada')).clients,
      [instance.id, 'shop-1'],
      'who named a client does not believe everybody when it is gone',
    )
  })

  it('share neither name, issuer nor certificate with another one', async () => {
    await identity.identityProviders.create(request(), 'ada')
    const rows: readonly (readonly [Partial<IdentityProviderRequest>, string, RegExp])[] = [
      [{ name: 'PORTAL' }, 'identity.identityProviderTaken', /name 'PORTAL' belongs to the identity provider 'Portal'/],
      [{ name: 'b' }, 'identity.identityProviderTaken', /issuer 'https:\/\/idp.example\/saml' belongs to .*'Portal'/],
      [{ name: 'b', issuer: 'b' }, 'identity.certificateTaken', /registered already: identity provider 'Portal'/],
    ]
    for (const [more, code, message] of rows)
      await assert.rejects(identity.identityProviders.create(request(more), 'ada'), { code, message })
  })

  it('have no certificate that a client has, and clients have none of theirs', async () => {
    const { chain } = await authority.issue({ subject: 'CN=both' })
    const instance = await identity.instances.create({ name: 'shop', plan: 'integration-flow' }, 'ada')
    const external = { name: 'k', type: 'certificate_external', certificate: chain } as const
    const both = request({ certificates: [{ certificate: chain }] })
    const { key } = await identity.keys.create(instance.id, external, 'ada')
    await assert.rejects(identity.identityProviders.create(both, 'ada'), {
      code: 'identity.certificateTaken',
      message: /service key 'k' of the instance 'shop'/,
    })
    await identity.keys.remove(key.id, 'ada')
    await identity.identityProviders.create(both, 'ada')
    await assert.rejects(identity.keys.create(instance.id, external, 'ada'), {
      code: 'identity.certificateTaken',
      message: /identity provider 'Portal'/,
    })
    await identity.users.create({ name: 'anna' }, 'ada')
    await assert.rejects(identity.mappings.create({ user: 'anna', certificate: chain }, 'ada'), {
      code: 'identity.certificateTaken',
    })
  })

  it('keep of a JWK only what it takes to verify', async () => {
    const key = { ...jwkOf('a'), alg: 'ES256', use: 'sig', x5c: ['AAAA'], note: 'x' }
    const { jwks } = await identity.identityProviders.create(request({ certificates: [], jwks: [key] }), 'ada')
    const { x5c: _, note: __, ...kept } = key
    assert.deepEqual(jwks, [kept])
  })
})

describe('weak signatures', () => {
  const openssl = opensslAuthority('/O=Weak/CN=Weak CA')
  after(() => openssl.dispose())

  it('a short key is refused', async () => {
    const { cert } = openssl.issue({ subject: '/CN=short', key: 'rsa1024' })
    await assert.rejects(
      identity.identityProviders.create(request({ certificates: [{ certificate: cert }] }), 'ada'),
      /the key of 'CN=short' is RSA of 1024 bits, and at least 2048 are needed/,
    )
  })

  it('SHA-1 is flagged: for assertions, and under a certificate', async () => {
    const wish = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=sha1 -sha1'
    const bySha1 = execFileSync('openssl', wish.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const provider = await identity.identityProviders.create(request({ sha1: true }), 'ada')
    assert.deepEqual(providerWarnings(provider, Date.now()), [
      'signatures by RSA with SHA-1 are accepted, which can be forged',
    ])
    assert.deepEqual(providerWarnings({ ...provider, sha1: false }, Date.now()), [])
    const flagged = await identity.identityProviders.update(
      provider.id,
      { sha1: false, certificates: [{ certificate: bySha1 }] },
      'ada',
    )
    assert.match(providerWarnings(flagged, Date.now()).join(), /'CN=sha1' is itself signed by ecdsa-with-SHA1/)
  })
})
