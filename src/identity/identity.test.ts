import assert from 'node:assert/strict'
import { createPrivateKey, randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import {
  type BuiltInCa,
  createBuiltInCa,
  createSealer,
  factsOf,
  openBuiltInCa,
  readCertificates,
} from '../keystore/index.ts'
import type { Identity } from './contracts.ts'
import { createIdentity } from './identity.ts'
import type { StoredRecord } from './ports.ts'
import type { ServiceInstance } from './records.ts'
import { serviceKeyDocument } from './service-key-document.ts'

const addresses = { url: 'https://localhost:8443', tokenUrl: 'https://localhost:9443/oauth/token' }
const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
let ca: BuiltInCa
let store: ReturnType<typeof inMemoryRegistry>
let identity: Identity
let instance: ServiceInstance

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
})
beforeEach(async () => {
  store = inMemoryRegistry()
  identity = await createIdentity({ store, sealer, clock: systemClock, ca })
  instance = await identity.instances.create({ name: 'orders', plan: 'integration-flow' }, 'ada')
  await identity.roles.create({ name: 'Other' }, 'ada')
})

/** Writes a record past all rules, as another process could that is not ours. */
async function tamper({ kind, id }: Pick<StoredRecord, 'kind' | 'id'>, record: object): Promise<void> {
  const { revision } = await store.load(0)
  await store.write(revision, [{ kind, id, document: JSON.stringify(record) }])
  await identity.reload()
}

const fingerprintOf = (pem: string | undefined) => factsOf(readCertificates(pem ?? '')[0]!).fingerprint

describe('keys with a secret', () => {
  it('identify their client, with the roles of the instance', async () => {
    const { key, secret } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    assert.match(key.clientId, /^sb-[0-9a-f-]{36}!sluice$/)
    assert.equal(Buffer.from(secret ?? '', 'base64url').length, 32)
    const found = identity.byClientSecret(key.clientId, secret ?? '')
    assert.deepEqual([...(found?.roles ?? [])], ['ESBMessaging.send'])
    assert.deepEqual(
      { ...found, roles: undefined },
      {
        principal: {
          method: 'basic',
          name: key.clientId,
          subject: key.clientId,
          clientId: key.clientId,
          issuer: undefined,
          certificate: undefined,
          attributes: {},
          groups: [],
          actors: [],
        },
        roles: undefined,
        plan: 'integration-flow',
        method: 'clientSecret',
        client: `instance ${instance.id}`,
      },
    )
  })

  it('do not identify with another secret, another client id, the hash or nothing', async () => {
    const { key, secret = '' } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    for (const [clientId, given] of [
      [key.clientId, `${secret}x`],
      [key.clientId, ''],
      [key.clientId, key.secretHash ?? ''],
      ['sb-other!sluice', secret],
      [key.clientId.toUpperCase(), secret],
      ['', ''],
    ] as const)
      assert.equal(identity.byClientSecret(clientId, given), undefined)
  })

  it('can overlap: two keys of an instance are one client, and each ends alone', async () => {
    const first = await identity.keys.create(instance.id, { name: 'old', type: 'secret' }, 'ada')
    const second = await identity.keys.create(instance.id, { name: 'new', type: 'secret' }, 'ada')
    assert.equal(first.key.clientId, second.key.clientId)
    assert.ok(identity.byClientSecret(first.key.clientId, first.secret ?? ''))
    assert.ok(identity.byClientSecret(first.key.clientId, second.secret ?? ''))
    await identity.keys.remove(first.key.id, 'ada')
    assert.equal(identity.byClientSecret(first.key.clientId, first.secret ?? ''), undefined)
    assert.ok(identity.byClientSecret(first.key.clientId, second.secret ?? ''))
  })

  it('are stored hashed and sealed, and can be opened again after a restart', async () => {
    const { key, secret = '' } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    assert.ok(!JSON.stringify(store.records()).includes(secret))
    const again = await createIdentity({ store, sealer, clock: systemClock })
    assert.equal(again.keys.open(key.id).secret, secret)
    assert.ok(again.byClientSecret(key.clientId, secret))
  })

  it('do not open when their seal was moved from another key', async () => {
    const one = await identity.keys.create(instance.id, { name: 'a', type: 'secret' }, 'ada')
    const two = await identity.keys.create(instance.id, { name: 'b', type: 'secret' }, 'ada')
    await tamper({ kind: 'key', id: two.key.id }, { ...two.key, sealedSecret: one.key.sealedSecret })
    assert.throws(() => identity.keys.open(two.key.id), { code: 'keystore.sealBroken' })
  })
})

describe('keys with a certificate', () => {
  it('issued by the CA identify by fingerprint and come with their private key', async () => {
    const opened = await identity.keys.create(instance.id, { name: 'k', type: 'certificate', validityDays: 3 }, 'ada')
    const found = identity.byCertificate(fingerprintOf(opened.certificate))
    assert.deepEqual(found?.holder, { kind: 'key', id: opened.key.id })
    const { principal, method } = found?.identified ?? {}
    assert.deepEqual(
      [principal?.method, principal?.subject, method],
      ['certificate', opened.key.clientId, 'certificate'],
    )
    assert.equal(principal?.issuer, principal?.certificate?.issuer)
    assert.equal(principal?.certificate?.subject, `CN=${opened.key.clientId},OU=k,O=Sluice`)
    const [leaf] = readCertificates(opened.certificate ?? '')
    assert.equal(leaf?.checkPrivateKey(createPrivateKey(opened.privateKey ?? '')), true)
    assert.deepEqual(identity.keys.open(opened.key.id), opened)
    const body = opened.privateKey?.split('\n')[3] ?? ''
    assert.ok(body.length > 60 && !JSON.stringify(store.records()).includes(body))
  })

  it('of the client itself are kept as the leaf alone', async () => {
    const { chain } = await ca.issueClient({ commonName: 'mine', days: 1, keySize: 2048 })
    const opened = await identity.keys.create(
      instance.id,
      { name: 'k', type: 'certificate_external', certificate: `${ca.certificate}${chain}`.replaceAll('\n', '') },
      'ada',
    )
    assert.equal(opened.certificate?.match(/BEGIN/g)?.length, 1)
    assert.equal(opened.privateKey, undefined)
    assert.equal(identity.byCertificate(fingerprintOf(chain))?.holder.id, opened.key.id)
    assert.equal(identity.byClientSecret(opened.key.clientId, ''), undefined)
  })

  it('are refused a second time in the tenant, naming the first, even when the store alone knows it', async () => {
    const { chain } = await ca.issueClient({ commonName: 'mine', days: 1, keySize: 2048 })
    const external = { type: 'certificate_external', certificate: chain } as const
    const other = await identity.instances.create({ name: 'invoices', plan: 'integration-flow' }, 'ada')
    const late = await createIdentity({ store, sealer, clock: systemClock })
    await identity.keys.create(instance.id, { name: 'first', ...external }, 'ada')
    for (const instanceId of [instance.id, other.id])
      await assert.rejects(identity.keys.create(instanceId, { name: 'second', ...external }, 'ada'), {
        code: 'identity.certificateTaken',
        message: /service key 'first' of the instance 'orders'/,
      })
    await assert.rejects(late.keys.create(other.id, { name: 'second', ...external }, 'ada'), {
      code: 'identity.certificateTaken',
    })
    assert.equal(identity.keys.list().length, 1)
  })

  it('cannot be issued without a CA', async () => {
    const without = await createIdentity({ store, sealer, clock: systemClock })
    await assert.rejects(without.keys.create(instance.id, { name: 'k', type: 'certificate' }, 'ada'), {
      code: 'identity.caMissing',
    })
  })
})

describe('changes', () => {
  it('raise the revision and are told to listeners at once', async () => {
    const seen: number[] = []
    const end = identity.onChange(() => void seen.push(identity.revision))
    const start = identity.revision
    const { key } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    await identity.instances.update(instance.id, { roles: ['Other'] }, 'ada')
    await identity.keys.remove(key.id, 'ada')
    end()
    await identity.instances.remove(instance.id, 'ada')
    assert.deepEqual(seen, [start + 1, start + 2, start + 3])
    assert.equal(identity.revision, start + 4)
  })

  it('a reload that finds nothing new changes nothing', async () => {
    await identity.keys.create(instance.id, { name: 'k', type: 'certificate' }, 'ada')
    const start = identity.revision
    await identity.reload()
    assert.equal(identity.revision, start)
    await tamper({ kind: 'instance', id: instance.id }, { ...instance, name: 'other' })
    assert.equal(identity.revision, start + 1)
  })

  it('of roles hold for keys that exist already', async () => {
    const { key, secret = '' } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    await identity.instances.update(instance.id, { roles: ['Other'] }, 'ada')
    assert.deepEqual([...(identity.byClientSecret(key.clientId, secret)?.roles ?? [])], ['Other'])
  })

  it('made by another process count after a reload', async () => {
    const other = await createIdentity({ store, sealer, clock: systemClock })
    const { key, secret = '' } = await other.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    assert.equal(identity.byClientSecret(key.clientId, secret), undefined)
    await identity.reload()
    assert.ok(identity.byClientSecret(key.clientId, secret))
    await other.instances.remove(instance.id, 'ada')
    await identity.reload()
    assert.equal(identity.byClientSecret(key.clientId, secret), undefined)
  })

  it('a reload that overlaps a deletion does not bring the key back', async () => {
    const { key, secret = '' } = await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    await Promise.all([identity.reload(), identity.keys.remove(key.id, 'ada'), identity.reload()])
    assert.equal(identity.byClientSecret(key.clientId, secret), undefined)
  })

  it('are refused whole with all their problems', async () => {
    await assert.rejects(
      identity.instances.create(
        {
          name: ' x',
          plan: 'api',
          roles: [],
          grantTypes: ['toString'],
          redirectUris: ['http://x.example'],
          tokenValidity: 5,
        },
        'ada',
      ),
      (fault: { code: string; details: { problems: string[] } }) =>
        fault.code === 'identity.instanceInvalid' && fault.details.problems.length === 5,
    )
    await assert.rejects(identity.instances.create({ name: 'orders', plan: 'api', roles: ['X'] }, 'ada'), {
      code: 'identity.instanceNameTaken',
    })
    await assert.rejects(
      identity.keys.create(
        instance.id,
        { name: 'x'.repeat(33), type: 'certificate', validityDays: 366, keySize: 1024 },
        'ada',
      ),
      (fault: { details: { problems: string[] } }) => fault.details.problems.length === 3,
    )
    await identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada')
    await assert.rejects(identity.keys.create(instance.id, { name: 'k', type: 'secret' }, 'ada'), {
      code: 'identity.keyNameTaken',
    })
    await assert.rejects(identity.keys.remove('none', 'ada'), { code: 'identity.keyUnknown' })
    await assert.rejects(identity.instances.remove('none', 'ada'), { code: 'identity.instanceUnknown' })
  })

  it('act as themselves only with client credentials', async () => {
    const changed = await identity.instances.create(
      {
        name: 'portal',
        plan: 'integration-flow',
        grantTypes: ['authorization_code'],
        redirectUris: ['https://x.example/cb'],
      },
      'ada',
    )
    const { key, secret = '' } = await identity.keys.create(changed.id, { name: 'k', type: 'secret' }, 'ada')
    const rolesNow = () => [
      [...(identity.byClientSecret(key.clientId, secret)?.roles ?? ['nobody'])],
      [
        ...(identity.byToken({ clientId: key.clientId, user: undefined, attributes: {}, groups: [] })?.roles ?? [
          'nobody',
        ]),
      ],
    ]
    assert.deepEqual(rolesNow(), [[], []])
    await identity.instances.update(changed.id, { grantTypes: ['client_credentials'] }, 'ada')
    assert.deepEqual(rolesNow(), [['ESBMessaging.send'], ['ESBMessaging.send']])
  })

  it('take what clients send: the deprecated grant type, and the defaults of the plan', async () => {
    const made = await identity.instances.create(
      { name: 'a', plan: 'api', roles: ['MonitoringDataRead'], grantTypes: ['client_x509'] },
      'ada',
    )
    assert.deepEqual(
      [made.grantTypes, made.tokenValidity, instance.tokenValidity],
      [['client_credentials'], 43_200, 3600],
    )
  })
})

describe('the document of a service key', () => {
  it('is flat or nested, with what the type has', async () => {
    const { chain } = await ca.issueClient({ commonName: 'mine', days: 1, keySize: 2048 })
    const secret = await identity.keys.create(instance.id, { name: 'a', type: 'secret' }, 'ada')
    const issued = await identity.keys.create(instance.id, { name: 'b', type: 'certificate' }, 'ada')
    const external = await identity.keys.create(
      instance.id,
      { name: 'c', type: 'certificate_external', certificate: chain },
      'ada',
    )
    const names = (opened: typeof secret) => Object.keys(serviceKeyDocument(opened, addresses, 'flat')).sort()
    assert.deepEqual(names(secret), ['clientid', 'clientsecret', 'tokenurl', 'uaa', 'url'])
    assert.deepEqual(names(issued), ['certificate', 'certificatedetails', 'clientid', 'key', 'tokenurl', 'uaa', 'url'])
    assert.deepEqual(names(external), ['certificate', 'certificatedetails', 'clientid', 'tokenurl', 'uaa', 'url'])
    const { oauth } = serviceKeyDocument(secret, addresses, 'oauth') as { oauth: Record<string, string> }
    assert.equal(oauth['clientsecret'], secret.secret)
    assert.match(oauth['createdate'] ?? '', /^\d{4}-.*Z$/)
    const details = serviceKeyDocument(issued, addresses, 'flat')['certificatedetails'] as Record<string, string>
    assert.match(details['serialnumber'] ?? '', /^0x[0-9a-f]+$/)
    assert.match(details['validuntil'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
    assert.match(details['subjectdn'] ?? '', /^CN=sb-/)
  })
})
