import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from '../keystore/index.ts'
import { createSecrets, type Secrets } from './create-secrets.ts'
import type { MaterialTypeName } from './records.ts'

type Fields = Readonly<Record<string, string>>

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const clock = { now: () => 5, monotonic: () => 5 }
const canary = 'canary-1f7c9d'

/** One right example of each type; the canary stands in every secret. */
const right: Readonly<Record<string, { readonly type: MaterialTypeName; readonly fields: Fields }>> = {
  user: { type: 'UserCredential', fields: { user: 'u', password: canary } },
  successFactors: {
    type: 'UserCredential',
    fields: { kind: 'successfactors', user: 'u', password: canary, companyId: 'ACME' },
  },
  openConnectors: {
    type: 'UserCredential',
    fields: { kind: 'openconnectors', password: canary, organization: canary, element: canary },
  },
  parameter: { type: 'SecureParameter', fields: { value: `  ${canary}  ` } },
  client: {
    type: 'OAuth2ClientCredential',
    fields: { tokenServiceUrl: 'https://login.example.com/token', clientId: 'c', clientSecret: canary },
  },
  samlSuccessFactors: {
    type: 'OAuth2SamlBearerAssertion',
    fields: {
      audience: 'www.example.com',
      clientKey: canary,
      tokenServiceUrl: 'https://api.example.com/oauth/token',
      targetSystemType: 'successfactors',
      companyId: 'ACME',
      userId: 'commonName',
      keyPairAlias: 'signer',
    },
  },
  samlCloud: {
    type: 'OAuth2SamlBearerAssertion',
    fields: {
      audience: 'a',
      clientKey: canary,
      tokenServiceUrl: 'https://api.example.com/oauth/token',
      targetSystemType: 'cf',
      tokenServiceUser: 't',
      tokenServicePassword: canary,
    },
  },
  code: {
    type: 'OAuth2AuthorizationCode',
    fields: {
      authorizationUrl: 'https://login.example.com/authorize?prompt=consent',
      tokenServiceUrl: 'https://login.example.com/token?token_format=JWT',
      clientId: 'c',
      clientSecret: canary,
    },
  },
  jdbc: {
    type: 'JdbcDataSource',
    fields: { databaseType: 'postgresql', user: 'u', password: canary, jdbcUrl: 'jdbc:postgresql://db:5432/shop' },
  },
}

const row = (key: string, value: string, sendAsPartOf = 'body') => ({ key, value, sendAsPartOf })
const custom = (...rows: object[]) => ({ customParameters: JSON.stringify(rows) })

/** Which example, what is different in it, and what is said about that. */
const wrong: readonly (readonly [string, Fields, RegExp])[] = [
  ['user', { password: '' }, /password must not be empty/],
  ['user', { user: ' ' }, /user is required for default/],
  ['user', { password: 'x'.repeat(4097) }, /password is longer than 4096/],
  ['user', { kind: 'other' }, /kind must be one of default, successfactors, openconnectors/],
  ['user', { companyId: 'ACME' }, /companyId is for successfactors only/],
  ['user', { colour: 'red' }, /colour is no field of User Credentials/],
  ['successFactors', { companyId: '' }, /companyId is required for successfactors/],
  ['openConnectors', { element: '' }, /element is required for openconnectors/],
  ['parameter', { value: 'x'.repeat(4097) }, /value is longer than 4096/],
  ['client', { tokenServiceUrl: 'http://login.example.com' }, /tokenServiceUrl must begin with https/],
  ['client', { tokenServiceUrl: 'https://u:p@login.example.com' }, /must not hold a user or password/],
  ['client', { tokenServiceUrl: 'nowhere' }, /tokenServiceUrl must be an address/],
  ['client', { clientAuthentication: 'mail' }, /clientAuthentication must be one of body, header/],
  ['client', custom(row(' ', 'v')), /row 1: key and value must not be blank/],
  ['client', custom(row('k', ' ')), /row 1: key and value must not be blank/],
  ['client', custom(row('Client_Secret', 'v')), /row 1: the key Client_Secret is set by Sluice itself/],
  ['client', custom(row('k', 'v'), row('k', 'w'), row('k', 'v')), /row 3: is there twice/],
  ['client', custom(row('k', 'v', 'cookie')), /'sendAsPartOf' must be one of body, header, url/],
  ['client', custom(row('k', 'x'.repeat(1025))), /'value' is longer than 1024/],
  ['client', custom(row('a b', 'v', 'header')), /the key is no name of a header/],
  ['client', custom(...Array.from({ length: 21 }, (_, n) => row(`k${n}`, 'v'))), /more than 20 rows/],
  ['samlSuccessFactors', { keyPairAlias: '' }, /keyPairAlias is required/],
  ['samlSuccessFactors', { companyId: '' }, /companyId is required for SuccessFactors/],
  ['samlSuccessFactors', { userIdSource: 'mail' }, /userIdSource is for Principal Propagation only/],
  ['samlCloud', { tokenServiceUser: '' }, /tokenServiceUser is required for SAP BTP/],
  ['samlCloud', { tokenServicePassword: '' }, /tokenServicePassword is required for SAP BTP/],
  ['samlCloud', { userId: 'commonName' }, /is not for SAP BTP/],
  ['samlCloud', { nameIdFormat: 'kerberos' }, /nameIdFormat must be one of/],
  ['client', { clientSecret: '' }, /clientSecret must not be empty where/],
  ['client', { clientSecret: ' ', clientAuthentication: 'header' }, /clientSecret must not be empty where/],
  ['code', { authorizationUrl: 'https://x.example/?state=1' }, /authorizationUrl must not hold state/],
  ['code', { refreshTokenExpiry: '2' }, /at least 3 days/],
  ['code', { refreshTokenExpiry: 'soon' }, /must be a whole number of days/],
  ['code', { provider: 'microsoft365', refreshTokenExpiry: '91' }, /from 3 to 90 days/],
  ['jdbc', { jdbcUrl: 'jdbc:postgresql://db/shop?password=x' }, /jdbcUrl must not hold a user or password/],
  ['jdbc', { jdbcUrl: 'postgresql://db' }, /jdbcUrl must be an address such as/],
  ['jdbc', { maxPoolSize: '11' }, /maxPoolSize must be a whole number from 1 to 10/],
  ['jdbc', { maxPoolSize: '2', minIdle: '3' }, /minIdle must not be more than maxPoolSize/],
  ['jdbc', { idleTimeout: '9999' }, /idleTimeout must be a whole number from 10000/],
  ['jdbc', { connectionTimeout: '249' }, /connectionTimeout must be a whole number from 250/],
  ['jdbc', { databaseId: 'd' }, /databaseId and accessToken belong together/],
  ['jdbc', { password: '' }, /jdbcUrl, user and password are required/],
]

const wrongNames: readonly (readonly [string, string, RegExp])[] = [
  ['user', '', /the name must not be empty/],
  ['user', 'x'.repeat(151), /longer than 150/],
  ['user', ' x', /blanks at its ends/],
  ['user', 'a\nb', /control characters/],
  ['user', 'a\u202eb', /control characters/],
  ['user', 'known.hosts', /that of the known hosts/],
  ['jdbc', 'my-db', /letters and digits only/],
]

describe('security material', () => {
  let secrets: Secrets
  let store: ReturnType<typeof inMemoryRegistry>
  beforeEach(async () => {
    store = inMemoryRegistry()
    secrets = await createSecrets({ store, sealer, clock })
  })
  const put = (example: string, more: Fields = {}, name = 'One') => {
    const { type, fields } = right[example]!
    return secrets.materials.create({ type, name, description: 'd', fields: { ...fields, ...more } }, 'ann')
  }

  for (const [example, { type, fields }] of Object.entries(right)) {
    it(`${example}: is lent with its secrets and shown without`, async () => {
      const shown = await put(example)
      assert.deepEqual([shown.name, shown.type, shown.description, shown.createdBy], ['One', type, 'd', 'ann'])
      assert.doesNotMatch(JSON.stringify([shown, secrets.materials.list(), store.records()]), new RegExp(canary))
      const lent = secrets.materials.lend(type, 'One')
      for (const [field, value] of Object.entries(fields))
        assert.equal(lent.secret[field] ?? lent.shown[field], value, field)
      assert.equal(secrets.materials.lend(type, 'One'), lent, 'opened once')
      await secrets.materials.update({ type, name: 'One', description: 'e', fields: {} }, 'bob')
      assert.deepEqual(secrets.materials.lend(type, 'One').secret, lent.secret)
    })
  }

  for (const [example, more, words] of wrong) {
    it(`${example}: is refused where ${words.source}`, async () => {
      await assert.rejects(put(example, more), (error: Error & { code: string }) => {
        assert.equal(error.code, 'secrets.materialInvalid')
        assert.match(error.message, words)
        assert.doesNotMatch(error.message, new RegExp(canary))
        return true
      })
      assert.equal(store.records().length, 0)
    })
  }

  for (const [example, name, words] of wrongNames)
    it(`${example}: is refused the name ${JSON.stringify(name.slice(0, 20))}`, async () =>
      assert.rejects(put(example, {}, name), words))

  it('names all problems at once', async () => {
    await assert.rejects(
      put('jdbc', { maxPoolSize: '0', idleTimeout: '1', jdbcUrl: 'x' }),
      /jdbcUrl.*maxPoolSize.*idleTimeout/,
    )
  })

  it('changes what is given and keeps the rest', async () => {
    await put('client', custom(row('k', 'v')))
    const { type } = right['client']!
    await secrets.materials.update({ type, name: 'One', fields: { scope: 's' } }, 'bob')
    const { shown, secret } = secrets.materials.lend(type, 'One')
    assert.deepEqual([shown['scope'], shown['clientId'], secret], ['s', 'c', { clientSecret: canary }])
    assert.equal(shown['customParameters'], custom(row('k', 'v')).customParameters)
  })

  it('sends no secret elsewhere than its giver meant', async () => {
    for (const [example, fields] of [
      ['client', { tokenServiceUrl: 'https://evil.example/token' }],
      ['code', { tokenServiceUrl: 'https://evil.example/token' }],
      ['samlCloud', { tokenServiceUrl: 'https://evil.example/token' }],
      ['jdbc', { jdbcUrl: 'jdbc:postgresql://evil.example/shop' }],
    ] as const) {
      const { type, fields: before } = right[example]!
      await put(example, {}, `A${example}`)
      const change = { type, name: `A${example}`, fields: fields as Fields }
      await assert.rejects(secrets.materials.update(change, 'eve'), { code: 'secrets.secretNeeded' })
      const given = Object.entries(before).filter(([, value]) => value === canary)
      const whole = { ...change, fields: { ...fields, ...Object.fromEntries(given.map(([field]) => [field, 'new'])) } }
      await secrets.materials.update(whole, 'ann')
    }
  })

  it('refuses the wrong type with the right name', async () => {
    await put('client')
    const unknown = { code: 'secrets.materialUnknown' }
    assert.equal(secrets.materials.find('JdbcDataSource', 'One'), undefined)
    assert.throws(() => secrets.materials.lend('SecureParameter', 'One'), unknown)
    await assert.rejects(secrets.materials.remove('JdbcDataSource', 'One', 'ann'), unknown)
    await assert.rejects(secrets.materials.update({ type: 'JdbcDataSource', name: 'One', fields: {} }, 'ann'), unknown)
  })

  it('lends from memory in less than 20 microseconds, as the middle of many', async () => {
    await put('client')
    const times = Array.from({ length: 20_001 }, () => {
      const began = process.hrtime.bigint()
      secrets.materials.lend('OAuth2ClientCredential', 'One')
      return Number(process.hrtime.bigint() - began)
    })
    assert.ok(times.toSorted((a, b) => a - b)[10_000]! < 20_000)
  })
})
