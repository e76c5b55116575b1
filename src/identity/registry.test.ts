import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import { type Authority, newAuthority } from '../../test/kit/authority.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock } from '../base/index.ts'
import { createSealer, factsOf, pairOf, readCertificates } from '../keystore/index.ts'
import type { Identity } from './contracts.ts'
import { createIdentity } from './identity.ts'
import type { RegistryStore, StoredRecord } from './ports.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const day = 86_400_000
const open = (store: RegistryStore) => createIdentity({ store, sealer, clock: systemClock })
const factsOfPem = (pem: string) => factsOf(readCertificates(pem)[0]!)

let authority: Authority
let store: ReturnType<typeof inMemoryRegistry>
let one: Identity
let other: Identity

before(async () => {
  authority = await newAuthority('CN=Partner CA,O=Partner')
})
beforeEach(async () => {
  store = inMemoryRegistry()
  one = await open(store)
  other = await open(store)
})

describe('two processes on one store', () => {
  it('that register the same certificate at once: exactly one wins, the other learns who has it', async () => {
    const { chain } = await authority.issue({ subject: 'CN=sender' })
    const [first, second] = await Promise.allSettled([
      one.mappings.create({ certificate: chain, user: 'ada' }, 'test'),
      other.channelCertificates.create({ certificate: chain, name: 'sender' }, 'test'),
    ])
    const outcomes = [first, second].map(({ status }) => status).sort()
    assert.deepEqual(outcomes, ['fulfilled', 'rejected'])
    const lost = [first, second].find((each) => each.status === 'rejected')
    assert.match(String(lost?.reason), /registered already: (?:user 'ada'|channel certificate 'sender')/)
    assert.equal(store.records().filter(({ kind }) => kind === 'certificate').length, 1)
  })

  it('that renew the certificate of a key at once: exactly one wins, and the old one is over', async () => {
    const instance = await one.instances.create({ name: 'a', plan: 'integration-flow' }, 'test')
    const issue = (from: number) => authority.issue({ subject: 'CN=sender', from: Date.now() + from })
    const [old, ...newer] = await Promise.all([issue(-3_600_000), issue(-60_000), issue(-60_000)])
    const request = { name: 'k', type: 'certificate_external', certificate: old.chain, pinned: false } as const
    const { key } = await one.keys.create(instance.id, request, 'test')
    const renewed = await Promise.all(
      newer.map(({ chain }, index) => (index === 0 ? one : other).certificates.renew(key.id, Buffer.from(chain))),
    )
    assert.deepEqual(new Set(renewed), new Set([false, true]))
    await Promise.all([one.reload(), other.reload()])
    for (const identity of [one, other]) {
      assert.equal(identity.certificates.list({ kind: 'key', id: key.id }).length, 1)
      assert.equal(identity.byCertificate(factsOfPem(old.chain).fingerprint), undefined)
    }
  })

  it('see what the other did before they change something', async () => {
    const instance = await one.instances.create({ name: 'a', plan: 'integration-flow' }, 'test')
    const opened = await other.keys.create(instance.id, { name: 'k', type: 'secret' }, 'test')
    await one.instances.remove(instance.id, 'test')
    await assert.rejects(other.keys.rotate(opened.key.id, { overlap: 0 }, 'test'), { code: 'identity.keyUnknown' })
    assert.equal(other.byClientSecret(opened.key.clientId, opened.secret ?? ''), undefined)
  })

  it('that change many things at once lose nothing', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `role${index}`)
    await Promise.all(names.map((name, index) => (index % 2 === 0 ? one : other).roles.create({ name }, 'test')))
    await one.reload()
    const own = one.roles.list().filter(({ owner }) => owner !== 'SAP')
    assert.deepEqual(own.map(({ name }) => name).sort(), names.sort())
  })
})

describe('a change', () => {
  it('gives up when others are always faster', async () => {
    const busy = await open({ ...store, write: async () => false })
    await assert.rejects(busy.roles.create({ name: 'A' }, 'test'), { code: 'records.busy' })
  })

  it('resolves only when all listeners have, and tells them all even if one fails', async () => {
    const seen: string[] = []
    one.onChange(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      seen.push(`waited, ${one.roles.find('A')?.name}`)
    })
    await one.roles.create({ name: 'A' }, 'test')
    assert.deepEqual(seen, ['waited, A'])
    one.onChange(() => {
      throw new Error('deaf')
    })
    one.onChange(() => void seen.push('last'))
    await assert.rejects(one.roles.create({ name: 'B' }, 'test'), /deaf/)
    assert.equal(seen.length, 3)
    assert.ok(one.roles.find('B'))
  })

  it('that changes nothing is no change', async () => {
    const { revision } = one
    await one.passwordFailed('nobody')
    await assert.rejects(one.roles.remove('none', 'test'))
    assert.equal(one.revision, revision)
  })

  it('reads the same from the store and where it was made', async () => {
    const made = await one.users.create({ name: 'Ada', roles: ['One'] }, 'test')
    assert.deepEqual(one.users.find('ada'), made)
    assert.deepEqual((await open(store)).users.find('ADA'), made)
  })
})

describe('a store', () => {
  it('that an older copy replaced is taken over as it is', async () => {
    await one.roles.create({ name: 'Kept' }, 'test')
    const records = store.records()
    await one.roles.create({ name: 'Lost' }, 'test')
    const older: RegistryStore = {
      load: async (after) => ({ revision: 1, records: after === 0 ? records : [] }),
      write: async () => false,
    }
    let current: RegistryStore = store
    const identity = await open({ load: (after) => current.load(after), write: (...given) => current.write(...given) })
    const { revision } = identity
    current = older
    await identity.reload()
    assert.deepEqual([identity.roles.find('Kept')?.name, identity.roles.find('Lost')], ['Kept', undefined])
    assert.equal(identity.revision, revision + 1)
  })

  it('with 2,000 keys and 2,000 mappings is found through', async () => {
    const { chain } = await authority.issue({ subject: 'CN=sender' })
    const { subject, issuer } = factsOfPem(chain)
    const by = { createdBy: 'test', createdAt: 0, modifiedBy: 'test', modifiedAt: 0 }
    const dates = { validFrom: Date.now() - day, validTo: Date.now() + day }
    const record = (kind: StoredRecord['kind'], id: string, document: object) => ({
      kind,
      id,
      document: JSON.stringify({ ...document, ...by }),
    })
    const many = Array.from({ length: 2000 }, (_, index) => index)
    const certificate = (fingerprint: string, holder: object, name: string) =>
      record('certificate', fingerprint, {
        fingerprint,
        holder,
        pem: chain,
        subject: name,
        issuer,
        serialNumber: '1',
        ...dates,
      })
    await store.write(0, [
      record('instance', 'i', {
        id: 'i',
        name: 'i',
        plan: 'integration-flow',
        roles: ['ESBMessaging.send'],
        grantTypes: [],
        redirectUris: [],
        tokenValidity: 3600,
      }),
      ...many.map((index) =>
        record('key', `k${index}`, {
          id: `k${index}`,
          instanceId: 'i',
          name: `k${index}`,
          type: 'certificate_external',
          clientId: 'sb-i!sluice',
          pinned: index % 2 === 0,
        }),
      ),
      ...many.map((index) => certificate(`key${index}`, { kind: 'key', id: `k${index}` }, `${subject},OU=k${index}`)),
      ...many.map((index) =>
        record('user', `u${index}`, { name: `U${index}`, description: '', roles: ['R'], locked: false }),
      ),
      ...many.map((index) => certificate(`user${index}`, { kind: 'user', id: `U${index}` }, `${subject},OU=u${index}`)),
    ])
    await one.reload()
    for (const index of many) {
      assert.equal(one.byCertificate(`key${index}`)?.identified?.principal.name, 'sb-i!sluice')
      assert.equal(one.byCertificate(`user${index}`)?.identified?.principal.name, `U${index}`)
    }
    const pair = (name: string) => pairOf(`${subject},OU=${name}`, issuer) ?? ''
    assert.deepEqual(one.unpinned(pair('k7')), [{ keyId: 'k7', newest: dates.validFrom }])
    assert.deepEqual([one.unpinned(pair('k8')).length, one.pinnedUnder(pair('k8'))], [0, true])
    // Another round after a change shares what did not change, and a look-up makes nothing.
    await one.roles.create({ name: 'Another' }, 'test')
    assert.equal(one.byCertificate('key3'), one.byCertificate('key3'))
    assert.equal(one.unpinned('none'), one.unpinned('nothing'))
  })
})
