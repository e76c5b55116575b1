import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Artifact, DesignStore, IntegrationPackage } from '../../src/design/index.ts'

const sales: IntegrationPackage = {
  id: 'Sales',
  name: 'Sales',
  description: 'Orders and bills',
  shortText: 'Orders',
  version: '1.0.0',
  vendor: 'Acme',
  mode: 'EDIT_ALLOWED',
  supportedPlatform: 'SAP Cloud Integration',
  products: '',
  keywords: '',
  countries: '',
  industries: '',
  lineOfBusiness: '',
  createdBy: 'ann',
  createdAt: 1_763_000_000_000,
  modifiedBy: 'ann',
  modifiedAt: 1_763_000_000_000,
}

const artifact = (id: string, given: Partial<Artifact> = {}): Artifact => ({
  id,
  type: 'IntegrationFlow',
  packageId: 'Sales',
  name: id,
  description: '',
  version: '1.0.0',
  sender: '',
  receiver: '',
  createdBy: 'ann',
  createdAt: 1,
  modifiedBy: 'ann',
  modifiedAt: 1,
  ...given,
})

/** What every store of the design time must do. */
export function designContract(open: () => Promise<DesignStore>): void {
  describe('DesignStore', () => {
    it('keeps packages; an id is taken once', async () => {
      const store = await open()
      assert.equal(await store.insertPackage(sales), true)
      assert.equal(await store.insertPackage({ ...sales, name: 'other' }), false)
      assert.deepEqual(await store.package('Sales'), sales)
      const changed: IntegrationPackage = { ...sales, name: 'Verkauf', mode: 'READ_ONLY', modifiedBy: 'bob' }
      assert.equal(await store.updatePackage(changed), true)
      assert.equal(await store.updatePackage({ ...changed, id: 'None' }), false)
      assert.equal(await store.insertPackage({ ...sales, id: 'Alpha' }), true)
      assert.deepEqual(await store.packages(), [{ ...sales, id: 'Alpha' }, changed])
      assert.equal(await store.package('None'), undefined)
    })

    it('keeps artifacts with their bundles', async () => {
      const store = await open()
      await store.insertPackage(sales)
      await store.insertPackage({ ...sales, id: 'Other' })
      const bundle = Buffer.from([0, 1, 2, 255])
      assert.equal(await store.insertArtifact(artifact('Flow'), bundle), true)
      assert.equal(await store.insertArtifact(artifact('Flow', { packageId: 'Other' }), bundle), false)
      assert.equal(await store.insertArtifact(artifact('Lib', { type: 'ScriptCollection' }), Buffer.alloc(0)), true)
      assert.equal(await store.insertArtifact(artifact('Far', { packageId: 'Other' }), bundle), true)
      const content = await store.content('Flow')
      assert.ok(Buffer.isBuffer(content))
      assert.deepEqual(content, bundle)
      assert.deepEqual(await store.content('Lib'), Buffer.alloc(0))
      const ids = async (given: Parameters<DesignStore['artifacts']>[0]) =>
        (await store.artifacts(given)).map(({ id }) => id)
      assert.deepEqual(await ids({}), ['Far', 'Flow', 'Lib'])
      assert.deepEqual(await ids({ packageId: 'Sales' }), ['Flow', 'Lib'])
      assert.deepEqual(await ids({ packageId: 'Sales', type: 'ScriptCollection' }), ['Lib'])
      const next = artifact('Flow', { version: '1.0.1' })
      assert.equal(await store.updateArtifact(next, Buffer.from('new')), true)
      assert.equal(await store.updateArtifact(artifact('None'), bundle), false)
      assert.deepEqual(await store.artifact('Flow'), next)
      assert.deepEqual(await store.content('Flow'), Buffer.from('new'))
      assert.equal(await store.content('None'), undefined)
    })

    it('deletes artifacts, and packages with theirs', async () => {
      const store = await open()
      await store.insertPackage(sales)
      await store.insertArtifact(artifact('A'), Buffer.from('a'))
      await store.insertArtifact(artifact('B'), Buffer.from('b'))
      assert.equal(await store.deleteArtifact('A'), true)
      assert.equal(await store.deleteArtifact('A'), false)
      assert.equal(await store.content('A'), undefined)
      assert.equal(await store.deletePackage('Sales'), true)
      assert.equal(await store.deletePackage('Sales'), false)
      assert.equal(await store.artifact('B'), undefined)
      assert.equal(await store.content('B'), undefined)
    })

    it('refuses an artifact without a package, and a text with NUL', async () => {
      const store = await open()
      await assert.rejects(store.insertArtifact(artifact('A'), Buffer.from('a')), { code: 'database.referenceMissing' })
      assert.equal(await store.artifact('A'), undefined)
      await assert.rejects(store.insertPackage({ ...sales, name: 'a\0b' }), { code: 'database.textInvalid' })
    })
  })
}
