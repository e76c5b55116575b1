import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { addTenantKey, newTenantKey, openRing, promoteTenantKey, readRing, retireTenantKeys } from './key-ring.ts'
import { masterKeyCommand, masterKeyFile } from './master-key-source.ts'
import { openTenant } from './open-tenant.ts'
import type { StoredTenant, TenantStore } from './ports.ts'
import { rotateMasterKey, rotateMasterKeyFile } from './rotate-master-key.ts'
import { type Rotation, rotateTenantKey } from './rotate-tenant-key.ts'
import { createSealer, keyId } from './seal.ts'
import { sealedRecords } from './sealed-records.ts'
import type { SealedValues } from './sealed-values.ts'

const tenant = 'default'
const masterKey = randomBytes(32)

function inMemoryTenants(...ids: readonly string[]): TenantStore & { rows: readonly StoredTenant[] } {
  const store = {
    rows: ids.map((id) => ({ id, sealedKey: newTenantKey({ masterKey, tenant: id }).sealedKey })),
    list: async () => store.rows,
    insert: async (row: StoredTenant) => {
      if (store.rows.some(({ id }) => id === row.id)) return false
      store.rows = [...store.rows, row]
      return true
    },
    update: async (changes: Parameters<TenantStore['update']>[0]) => {
      if (changes.some(({ id, expected }) => store.rows.find((row) => row.id === id)?.sealedKey !== expected))
        return false
      store.rows = store.rows.map((row) => ({
        ...row,
        sealedKey: changes.find(({ id }) => id === row.id)?.next ?? row.sealedKey,
      }))
      return true
    },
  }
  return store
}

const inFolder = (work: (folder: string) => Promise<void>) => work(temporaryFolder('ring'))

describe('openTenant', () => {
  it('makes the tenant once, however many start, and finds it after that', () =>
    inFolder(async (folder) => {
      const source = masterKeyFile(join(folder, 'master.key'))
      const tenants = inMemoryTenants()
      const opened = await Promise.all(Array.from({ length: 4 }, () => openTenant({ tenants, source, tenant })))
      assert.equal(tenants.rows.length, 1)
      assert.equal(new Set(opened.map((keys) => keys.map(keyId).join())).size, 1)
      await addTenantKey({ tenants, tenant, masterKey: await source.read() })
      const again = await openTenant({ tenants, source, tenant })
      assert.equal(again.length, 2)
      assert.deepEqual(again.slice(0, 1), opened[0])
    }))

  it('makes no key for an installation that has tenants', () =>
    inFolder(async (folder) => {
      const source = masterKeyFile(join(folder, 'master.key'))
      const tenants = inMemoryTenants('other')
      await assert.rejects(openTenant({ tenants, source, tenant }), { code: 'keystore.masterKeyMissing' })
      await writeFile(join(folder, 'master.key'), written(randomBytes(32)), { mode: 0o600 })
      await assert.rejects(openTenant({ tenants, source, tenant }), { code: 'keystore.masterKeyWrong' })
      assert.equal(tenants.rows.length, 1)
    }))
})

const written = (key: Buffer) => `${key.toString('base64')}\n`

describe('the ring of a tenant', () => {
  it('gets a key that opens first, seals later, and outlives the old one', async () => {
    const tenants = inMemoryTenants(tenant)
    const place = { tenants, masterKey, tenant }
    const [old] = (await readRing(place)).keys
    assert.ok(old)
    const added = await addTenantKey(place)
    assert.deepEqual(
      { first: added.keys[0], standby: added.standby, count: added.keys.length },
      { first: old, standby: true, count: 2 },
    )
    assert.deepEqual(await addTenantKey(place), added)
    assert.deepEqual(await retireTenantKeys(place, [keyId(old)]), added)
    const promoted = await promoteTenantKey(place)
    assert.deepEqual(promoted, { keys: [added.keys[1], old], standby: false })
    assert.deepEqual(await readRing(place), promoted)
    assert.deepEqual(await promoteTenantKey(place), promoted)
    assert.deepEqual(await retireTenantKeys(place, ['0123456789abcdef']), promoted)
    assert.deepEqual(await retireTenantKeys(place, [keyId(old)]), { keys: [added.keys[1]], standby: false })
    assert.doesNotMatch(tenants.rows[0]?.sealedKey ?? '', / /)
  })

  it('opens for its tenant and under its master key only', async () => {
    const tenants = inMemoryTenants(tenant)
    await addTenantKey({ tenants, masterKey, tenant })
    const sealedKey = tenants.rows[0]?.sealedKey ?? ''
    assert.throws(() => openRing({ masterKey: randomBytes(32), tenant, sealedKey }), {
      code: 'keystore.masterKeyWrong',
    })
    assert.throws(() => openRing({ masterKey, tenant: 'other', sealedKey }), { code: 'keystore.sealBroken' })
    for (const broken of ['', ' ', `${sealedKey} `, sealedKey.slice(0, -1), sealedKey.replace('+', '-')])
      assert.throws(() => openRing({ masterKey, tenant, sealedKey: broken }), { code: 'keystore.sealBroken' }, broken)
    await assert.rejects(readRing({ tenants, masterKey, tenant: 'none' }), { code: 'keystore.tenantUnknown' })
  })
})

describe('rotateTenantKey', () => {
  async function world() {
    const tenants = inMemoryTenants(tenant)
    const store = inMemoryRegistry()
    const { keys } = await readRing({ tenants, masterKey, tenant })
    const sealer = createSealer({ keys, tenant })
    const seal = (id: string) => sealer.seal(Buffer.from(id), JSON.stringify(['secrets', 'key', id]))
    const record = (id: string) => ({ kind: 'key' as const, id, document: JSON.stringify({ sealed: seal(id) }) })
    await store.write(0, [record('a'), record('b')])
    const rotation: Rotation = {
      tenant,
      tenants,
      masterKey: { read: async () => masterKey },
      values: [sealedRecords('secrets', store)],
      announce: async (announced) => sealer.changeKeys(announced),
      settled: async () => true,
    }
    const rotate = async (given: Partial<Parameters<typeof rotateTenantKey>[0]> = {}) => {
      const states: string[] = []
      for await (const { state, resealed } of rotateTenantKey({ ...rotation, ...given }))
        states.push(`${state} ${resealed}`)
      return states
    }
    const ring = () => readRing({ tenants, masterKey, tenant })
    return { store, sealer, record, rotation, rotate, ring }
  }

  it('seals everything anew and ends with one key', async () => {
    const { rotate, ring, store, sealer } = await world()
    const before = (await ring()).keys
    assert.deepEqual(await rotate(), ['resealing 2', 'done 2'])
    const { keys } = await ring()
    assert.equal(keys.length, 1)
    assert.notDeepEqual(keys, before)
    for (const { id, document = '' } of store.records()) {
      const { sealed } = JSON.parse(document) as { sealed: string }
      assert.equal(sealer.open(sealed, JSON.stringify(['secrets', 'key', id])).toString(), id)
    }
  })

  it('is not begun where it is only to go on', async () => {
    const { rotate, ring } = await world()
    const before = await ring()
    assert.deepEqual(await rotate({ only: 'resume' }), [])
    assert.deepEqual(await ring(), before)
  })

  it('seals with nothing new before everybody has the key, and goes on later', async () => {
    const { rotate, ring, sealer } = await world()
    const [old] = sealer.keys()
    const down = new Error('no answer')
    await assert.rejects(rotate({ announce: () => Promise.reject(down) }), down)
    const stopped = await ring()
    assert.deepEqual([stopped.keys[0], stopped.standby], [old, true])
    assert.deepEqual(await rotate({ only: 'resume' }), ['resealing 2', 'done 2'])
    assert.deepEqual((await ring()).keys, stopped.keys.slice(1))
  })

  it('tells everybody both keys, in this order: open, seal, read anew, forget', async () => {
    const { rotate, sealer } = await world()
    const [old] = sealer.keys()
    const told: string[] = []
    await rotate({
      announce: async (keys) => {
        told.push(keys.map((key) => (old?.equals(key) ? 'old' : 'new')).join(' '))
        sealer.changeKeys(keys)
      },
    })
    assert.deepEqual(told, ['old new', 'new old', 'new old', 'new'])
  })

  it('keeps the old key while something is still on its way', async () => {
    const { rotate, ring, store, record } = await world()
    const late = record('late')
    assert.deepEqual(await rotate({ settled: async () => false }), ['resealing 2', 'waiting 2'])
    assert.equal((await ring()).keys.length, 2)
    await store.write((await store.load(0)).revision, [late])
    assert.deepEqual(await rotate({ only: 'resume' }), ['resealing 1', 'done 1'])
  })

  it('keeps the old key while a broken value names it, and names the value', async () => {
    const { rotate, ring, store, rotation } = await world()
    const { document = '' } = store.records()[0] ?? {}
    const broken = document.replace(/.{4}"}$/, 'AAAA"}')
    await store.write(1, [{ kind: 'key', id: 'a', document: broken }])
    assert.equal((await rotate()).at(-1), 'blocked 1')
    assert.equal((await ring()).keys.length, 2)
    const last = await Array.fromAsync(rotateTenantKey(rotation))
    assert.deepEqual(
      last.at(-1)?.broken.map(({ store: name, kind, id }) => [name, kind, id]),
      [['secrets', 'key', 'a']],
    )
    await store.write((await store.load(0)).revision, [{ kind: 'key', id: 'a', document: undefined }])
    assert.deepEqual(await rotate(), ['done 0'])
  })

  it('takes a value that changes meanwhile as it then is', async () => {
    const { rotate, store, sealer, rotation } = await world()
    const [values] = rotation.values
    assert.ok(values)
    let changed = false
    const raced: SealedValues = {
      ...values,
      async replace(changes) {
        if (!changed) {
          changed = true
          const sealed = sealer.seal(Buffer.from('changed'), JSON.stringify(['secrets', 'key', 'a']))
          await store.write((await store.load(0)).revision, [
            { kind: 'key', id: 'a', document: JSON.stringify({ sealed }) },
          ])
        }
        return values.replace(changes)
      },
    }
    assert.deepEqual(await rotate({ values: [raced] }), ['resealing 1', 'done 1'])
    const { document = '' } = store.records().find(({ id }) => id === 'a') ?? {}
    const { sealed } = JSON.parse(document) as { sealed: string }
    assert.equal(sealer.open(sealed, JSON.stringify(['secrets', 'key', 'a'])).toString(), 'changed')
  })
})

describe('the master key in a file', () => {
  it('is made when nothing is sealed, and read after that', () =>
    inFolder(async (folder) => {
      const file = masterKeyFile(join(folder, 'master.key'))
      await assert.rejects(file.read(), { code: 'keystore.masterKeyMissing' })
      const key = await file.open([])
      assert.deepEqual(await file.read(), key)
      assert.deepEqual(await file.open([newTenantKey({ masterKey: key, tenant }).sealedKey]), key)
    }))

  it('is replaced for all tenants', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'master.key')
      await writeFile(path, written(masterKey), { mode: 0o600 })
      const file = masterKeyFile(path)
      const tenants = inMemoryTenants('one', 'two')
      await addTenantKey({ tenants, masterKey, tenant: 'two' })
      const before = await Promise.all(['one', 'two'].map((id) => readRing({ tenants, masterKey, tenant: id })))
      await rotateMasterKeyFile({ file, tenants })
      const next = await file.read()
      assert.notDeepEqual(next, masterKey)
      const rings = ['one', 'two'].map((id) => readRing({ tenants, masterKey: next, tenant: id }))
      assert.deepEqual(await Promise.all(rings), before)
      assert.deepEqual(await readdir(folder), ['master.key'])
    }))

  it('is told by the rings after a rotation that was cut off', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'master.key')
      const next = randomBytes(32)
      await writeFile(path, written(masterKey), { mode: 0o600 })
      await writeFile(`${path}.next`, written(next), { mode: 0o600 })
      const file = masterKeyFile(path)
      // Nothing sealed under the next one: the old one counts, and the next one waits for the rotation to go on.
      assert.deepEqual(await file.open([newTenantKey({ masterKey, tenant }).sealedKey]), masterKey)
      assert.deepEqual((await readdir(folder)).sort(), ['master.key', 'master.key.next'])
      assert.deepEqual(await file.open([newTenantKey({ masterKey: next, tenant }).sealedKey]), next)
      assert.deepEqual(await readdir(folder), ['master.key'])
      assert.equal(await readFile(path, 'utf8'), written(next))
    }))

  const sealedKey = newTenantKey({ masterKey, tenant }).sealedKey
  for (const [name, content, mode, code] of [
    ['wrong', written(randomBytes(32)), 0o600, 'keystore.masterKeyWrong'],
    ['missing', undefined, 0o600, 'keystore.masterKeyMissing'],
    ['truncated', written(masterKey).slice(0, 30), 0o600, 'keystore.masterKeyUnreadable'],
    ['empty', '', 0o600, 'keystore.masterKeyUnreadable'],
    ['readable by others', written(masterKey), 0o644, 'keystore.masterKeyUnreadable'],
  ] as const) {
    it(`is refused when it is ${name}, for a start and for a rotation, and nothing is touched`, () =>
      inFolder(async (folder) => {
        const path = join(folder, 'master.key')
        if (content !== undefined) {
          await writeFile(path, content)
          await chmod(path, mode)
        }
        const file = masterKeyFile(path)
        const start = async () => openRing({ masterKey: await file.open([sealedKey]), tenant, sealedKey })
        await assert.rejects(start, { code })
        const tenants = inMemoryTenants(tenant)
        const { rows } = tenants
        await assert.rejects(rotateMasterKeyFile({ file, tenants }), { code })
        assert.equal(tenants.rows, rows)
        const left = content === undefined ? [] : ['master.key']
        assert.deepEqual(await readdir(folder), left)
        if (content !== undefined) assert.equal(await readFile(path, 'utf8'), content)
      }))
  }
})

describe('the master key of a command', () => {
  const print = (text: string) => `${JSON.stringify(process.execPath)} -p ${JSON.stringify(JSON.stringify(text))}`

  it('is what it prints, and goes over to another command', async () => {
    const next = randomBytes(32)
    const from = masterKeyCommand(print(masterKey.toString('base64')))
    const to = masterKeyCommand(print(next.toString('base64')))
    assert.deepEqual(await from.read(), masterKey)
    const tenants = inMemoryTenants(tenant)
    const before = await readRing({ tenants, masterKey, tenant })
    await assert.rejects(rotateMasterKey({ from, to: from, tenants }), { code: 'keystore.masterKeyUnchanged' })
    await rotateMasterKey({ from, to, tenants })
    assert.deepEqual(await readRing({ tenants, masterKey: next, tenant }), before)
    await assert.rejects(readRing({ tenants, masterKey, tenant }), { code: 'keystore.masterKeyWrong' })
  })

  for (const [name, command, seconds] of [
    ['prints no key', print('secret-canary'), 30],
    ['prints too much', print('secret-canary'.repeat(1_000)), 30],
    ['fails', `${print(masterKey.toString('base64'))} && exit 3`, 30],
    ['is not there', 'sluice-no-such-command-anywhere', 30],
    ['takes too long', `${JSON.stringify(process.execPath)} -e "setTimeout(()=>{},60000)"`, 0.3],
  ] as const) {
    it(`is refused when the command ${name}, without what it printed`, async () => {
      const began = performance.now()
      await assert.rejects(masterKeyCommand(command, seconds).read(), (fault: Error & { code: string }) => {
        assert.equal(fault.code, 'keystore.masterKeyCommandFailed')
        assert.doesNotMatch(String(fault.stack), /canary/)
        return true
      })
      assert.ok(performance.now() - began < 30_000)
    })
  }
})
