import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createSealer } from '../keystore/index.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { createVariables } from './variables.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const day = 24 * 3_600_000

describe('createVariables', () => {
  let tenant: Awaited<ReturnType<typeof newTenantStores>>
  let now = 0
  beforeEach(async () => {
    tenant = await newTenantStores()
    now = 1_000
  })
  afterEach(() => tenant.dispose())
  const open = () =>
    createVariables({ store: tenant.stores.variables, sealer, clock: { now: () => now, monotonic: () => now } })

  it('keeps local variables to their flow and global ones to the tenant', async () => {
    const variables = open()
    await variables.write('last', 'local', 'A', '1')
    await variables.write('last', 'global', 'A', '2 é')
    assert.equal(await variables.read('last', 'local', 'A'), '1')
    assert.equal(await variables.read('last', 'local', 'B'), undefined)
    assert.equal(await variables.read('last', 'global', 'B'), '2 é')
    assert.equal(await variables.read('none', 'global', 'B'), undefined)
    await variables.write('last', 'local', 'A', '')
    assert.equal(await variables.read('last', 'local', 'A'), '')
  })

  it('forgets a variable 400 days after it was last written', async () => {
    const variables = open()
    await variables.write('last', 'local', 'A', '1')
    now += 400 * day - 1
    assert.equal(await variables.read('last', 'local', 'A'), '1')
    now += 1
    assert.equal(await variables.read('last', 'local', 'A'), undefined)
  })

  it('seals values to their name and flow', async () => {
    const variables = open()
    await variables.write('last', 'local', 'A', 'secret')
    const stored = await tenant.stores.variables.find('last', 'A')
    assert.ok(stored)
    assert.doesNotMatch(JSON.stringify(stored), /secret/)
    await tenant.stores.variables.put({ ...stored, flowId: 'B' })
    await assert.rejects(variables.read('last', 'local', 'B'), { code: 'keystore.sealBroken' })
  })
})
