import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, it } from 'node:test'

import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { silentLog, systemClock as clock } from '../base/index.ts'
import { openDatabase, openTenantStores } from '../database/index.ts'
import { createSealer, type RingSealer, standingKey } from '../keystore/index.ts'
import type { Question } from './ipc.ts'
import { createVault, tenantKeys } from './vault.ts'

const tenant = 'default'
const passphrase = 'six words that nobody guesses'

describe('the vault of an installation', () => {
  let settings: Parameters<typeof tenantKeys>[0]
  let sealer: RingSealer
  let asked: Question[]
  /** What the process of the tenant answers. */
  let answer: (question: Question) => unknown

  beforeEach(async () => {
    const data = temporaryFolder('vault')
    settings = {
      data,
      databaseUrl: undefined,
      masterKeyFile: join(data, 'master.key'),
      masterKeyCommand: undefined,
      masterKeyNextCommand: undefined,
    }
    sealer = createSealer({ keys: await tenantKeys(settings, tenant), tenant })
    asked = []
    answer = () => true
  })

  const newVault = (more: Partial<typeof settings> = {}) =>
    createVault({
      settings: { ...settings, ...more },
      tenant,
      sealer,
      reload: async () => {},
      supervisor: {
        hint: () => {},
        ask: async (question) => {
          asked.push(question)
          return answer(question)
        },
      },
      inFlight: { ended: async () => true },
      clock,
      log: silentLog,
    })

  async function inStores<Result>(work: (stores: ReturnType<typeof openTenantStores>) => Promise<Result>) {
    const database = await openDatabase({ url: undefined, folder: settings.data, schema: tenant })
    try {
      return await work(openTenantStores(database))
    } finally {
      await database.close()
    }
  }

  const auditKey = (by = sealer) =>
    inStores(({ keystore: store }) => standingKey({ store, sealer: by, purpose: 'audit' }))

  it('tells the process of the tenant each ring, and ends with one key', async () => {
    const key = await auditKey()
    const [before] = sealer.keys()
    const vault = newVault()
    assert.deepEqual(await vault.rotateTenantKey(), { state: 'done', resealed: 1, broken: [] })
    const rings = asked.flatMap((question) => (question.what === 'keys' ? [question.keys.length] : []))
    assert.deepEqual(rings, [2, 2, 2, 1])
    const after = await tenantKeys(settings, tenant)
    assert.deepEqual(sealer.keys(), after)
    assert.notDeepEqual(after, [before])
    assert.deepEqual(await auditKey(), key)
    await vault.stop()
  })

  it('seals nothing under a key that the process of the tenant has not taken over, and goes on after a restart', async () => {
    await auditKey()
    const [before] = sealer.keys()
    answer = ({ what }) => (what === 'keys' ? undefined : true)
    const vault = newVault()
    await assert.rejects(vault.rotateTenantKey(), { code: 'app.keysNotTaken' })
    await vault.stop()
    assert.deepEqual(sealer.keys()[0], before)
    answer = () => true
    sealer = createSealer({ keys: await tenantKeys(settings, tenant), tenant })
    assert.equal(sealer.keys().length, 2)
    const next = newVault()
    await next.resume()
    await next.stop()
    assert.equal(sealer.keys().length, 1)
    assert.notDeepEqual(sealer.keys()[0], before)
  })

  it('keeps the old key while something is on its way', async () => {
    await auditKey()
    answer = ({ what }) => what === 'keys'
    const vault = newVault()
    assert.equal((await vault.rotateTenantKey()).state, 'waiting')
    assert.equal(sealer.keys().length, 2)
    answer = () => true
    await vault.resume()
    assert.equal(sealer.keys().length, 1)
    await vault.stop()
  })

  it('does one thing at a time', async () => {
    const vault = newVault()
    const first = vault.verify()
    await assert.rejects(Promise.all([vault.verify(), vault.verify()]), { code: 'app.vaultBusy' })
    assert.deepEqual((await first).broken, [])
    await vault.stop()
  })

  it('a resume with nothing to go on with tells nobody anything', async () => {
    const vault = newVault()
    await vault.resume()
    assert.deepEqual(asked, [])
    await vault.stop()
  })

  it('goes from one command for the master key to the next', async () => {
    const [first, second] = ['one', 'two'].map((name, index) => {
      const file = join(settings.data, name)
      writeFileSync(file, `${Buffer.alloc(32, index + 1).toString('base64')}\n`)
      return `${process.execPath} -p "require('fs').readFileSync('${file}','utf8').trim()"`
    })
    rmSync(join(settings.data, 'control.db'))
    const byCommand = { masterKeyCommand: first }
    const keys = await tenantKeys({ ...settings, ...byCommand }, tenant)
    const without = newVault(byCommand)
    await assert.rejects(without.rotateMasterKey(), { code: 'app.nextMasterKeyUnknown' })
    const vault = newVault({ ...byCommand, masterKeyNextCommand: second })
    await vault.rotateMasterKey()
    await assert.rejects(tenantKeys({ ...settings, ...byCommand }, tenant), { code: 'keystore.masterKeyWrong' })
    assert.deepEqual(await tenantKeys({ ...settings, masterKeyCommand: second }, tenant), keys)
    assert.equal((await vault.rotateTenantKey()).state, 'done')
    await vault.stop()
  })

  it('a restore leaves the installation its own standing keys', async () => {
    const own = await auditKey()
    const vault = newVault()
    const file = await vault.backup(passphrase)
    const place = settings
    const before = sealer
    settings = { ...place, data: temporaryFolder('vault') }
    settings = { ...settings, masterKeyFile: join(settings.data, 'master.key') }
    sealer = createSealer({ keys: await tenantKeys(settings, tenant), tenant })
    const other = await auditKey()
    const second = newVault()
    assert.equal((await second.restore({ file, passphrase })).rows > 0, true)
    assert.deepEqual(await auditKey(), other)
    assert.notDeepEqual(other, own)
    assert.deepEqual((await second.verify()).broken, [])
    await Promise.all([vault.stop(), second.stop()])
    assert.notDeepEqual(before.keys(), sealer.keys())
  })
})
