import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from '../keystore/index.ts'
import { createSecrets } from './create-secrets.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const time = { now: 5 }
const clock = { now: () => time.now, monotonic: () => time.now }
const given = { name: 'ERP', description: 'of the ERP', user: 'tom', password: 'pässword' }
const shown = {
  name: 'ERP',
  kind: 'default',
  description: 'of the ERP',
  user: 'tom',
  companyId: '',
  deployedBy: 'ann',
  deployedAt: 5,
}

describe('createSecrets', () => {
  let store: ReturnType<typeof inMemoryRegistry>
  beforeEach(() => {
    time.now = 5
    store = inMemoryRegistry()
  })
  const open = (more: Partial<Parameters<typeof createSecrets>[0]> = {}) =>
    createSecrets({ store, sealer, clock, ...more })

  it('lends a credential, and shows it without its password', async () => {
    const secrets = await open()
    assert.deepEqual(await secrets.create(given, 'ann'), shown)
    assert.deepEqual(await secrets.userCredential('ERP'), { user: 'tom', password: 'pässword' })
    assert.deepEqual(await secrets.list(), [shown])
    assert.deepEqual(await secrets.find('ERP'), shown)
    assert.doesNotMatch(JSON.stringify([store.records(), secrets.materials.list()]), /pässword/)
  })

  it('changes a credential, with or without a new password', async () => {
    const secrets = await open()
    await secrets.create(given, 'ann')
    await secrets.update({ name: 'ERP', description: '', user: 'tim' }, 'bob')
    assert.deepEqual(await secrets.userCredential('ERP'), { user: 'tim', password: 'pässword' })
    const changed = await secrets.update({ ...given, password: 'new' }, 'bob')
    assert.equal(changed.deployedBy, 'bob')
    assert.deepEqual(await secrets.userCredential('ERP'), { user: 'tom', password: 'new' })
  })

  it('gives a name once, over all types', async () => {
    const secrets = await open()
    await secrets.create(given, 'ann')
    const taken = { code: 'secrets.nameTaken' }
    await assert.rejects(secrets.create(given, 'ann'), taken)
    const parameter = { type: 'SecureParameter', name: 'ERP', fields: { value: 'v' } } as const
    await assert.rejects(secrets.materials.create(parameter, 'ann'), taken)
  })

  it('knows no credential that is not there or of another type', async () => {
    const secrets = await open()
    await secrets.create(given, 'ann')
    await secrets.materials.create({ type: 'SecureParameter', name: 'Other', fields: { value: 'v' } }, 'ann')
    const unknown = { code: 'secrets.credentialUnknown' }
    for (const name of ['none', 'Other', 'erp', '']) {
      await assert.rejects(secrets.userCredential(name), unknown)
      await assert.rejects(secrets.find(name), unknown)
      await assert.rejects(secrets.remove(name), unknown)
      await assert.rejects(secrets.update({ ...given, name }, 'ann'), unknown)
    }
    await secrets.remove('ERP')
    await assert.rejects(secrets.userCredential('ERP'), unknown)
    assert.equal(secrets.materials.list().length, 1)
  })

  it('is healed by entering the password again when its seal is broken', async () => {
    await (await open()).create(given, 'ann')
    const [record] = store.records()
    const broken = { ...JSON.parse(record?.document ?? ''), sealed: 's1.0000000000000000.AAAA' }
    const { revision } = await store.load(0)
    await store.write(revision, [{ kind: 'material', id: 'ERP', document: JSON.stringify(broken) }])
    const secrets = await open()
    await assert.rejects(secrets.userCredential('ERP'), { code: 'keystore.sealBroken' })
    await secrets.update({ ...given, password: 'anew' }, 'ann')
    assert.deepEqual(await secrets.userCredential('ERP'), { user: 'tom', password: 'anew' })
  })

  it('opens no password that was moved to another name', async () => {
    await (await open()).create(given, 'ann')
    const [record] = store.records()
    assert.ok(record?.document)
    for (const [name, sealContext] of [
      ['Mine', undefined],
      ['Yours', JSON.stringify(['secrets', 'material', 'ERP'])],
    ] as const) {
      const { revision } = await store.load(0)
      const document = JSON.stringify({ ...JSON.parse(record.document), name, sealContext })
      await store.write(revision, [{ kind: 'material', id: name, document }])
      await assert.rejects((await open()).userCredential(name), { code: 'keystore.sealBroken' })
    }
  })

  it('opens what was sealed before there were records, and seals it anew with the next change', async () => {
    const sealContext = JSON.stringify(['material', 'UserCredential', 'Old'])
    const sealed = sealer.seal(Buffer.from('{"password":"old"}'), sealContext)
    const authored = { createdBy: 'a', createdAt: 1, modifiedBy: 'a', modifiedAt: 1 }
    const document = { name: 'Old', type: 'UserCredential', kind: 'default', description: '', shown: { user: 'u' } }
    const record = { ...document, sealed, sealContext, status: 'DEPLOYED', ...authored }
    await store.write(0, [{ kind: 'material', id: 'Old', document: JSON.stringify(record) }])
    const secrets = await open()
    assert.deepEqual(await secrets.userCredential('Old'), { user: 'u', password: 'old' })
    await secrets.update({ name: 'Old', description: '', user: 'v' }, 'ann')
    assert.deepEqual(await (await open()).userCredential('Old'), { user: 'v', password: 'old' })
    assert.doesNotMatch(JSON.stringify(store.records()), /sealContext/)
  })

  it('sees what another process changed: at once when told, within a second when not', async () => {
    const [one, other] = [await open(), await open()]
    await one.create(given, 'ann')
    await other.reload()
    assert.equal((await other.userCredential('ERP')).password, 'pässword')
    const before = other.revision()
    await one.update({ ...given, password: 'new' }, 'ann')
    time.now += 999
    assert.equal((await other.userCredential('ERP')).password, 'pässword')
    time.now += 2
    assert.equal((await other.userCredential('ERP')).password, 'new')
    assert.ok(other.revision() > before)
  })

  it('refuses to delete what is in use, and names the users', async () => {
    const secrets = await open({ whereUsed: async (kind, name) => [`flow Orders, ${kind} ${name}`] })
    await secrets.create(given, 'ann')
    await assert.rejects(secrets.remove('ERP', 'ann'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'secrets.inUse')
      assert.match(error.message, /flow Orders, credential ERP/)
      return true
    })
    assert.equal((await secrets.list()).length, 1)
  })

  it('has every change audited, without secrets', async () => {
    const lines: object[] = []
    const secrets = await open({ audit: { record: async (draft) => void lines.push(draft) } })
    await secrets.create(given, 'ann')
    await secrets.update({ ...given, password: 'another' }, 'bob')
    await secrets.remove('ERP', 'cid')
    const entry = (action: string, by: string) => ({
      action,
      objectType: 'UserCredential',
      objectId: 'ERP',
      attributes: { by },
    })
    assert.deepEqual(lines, [entry('create', 'ann'), entry('update', 'bob'), entry('delete', 'cid')])
  })
})
