import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { createBackup, restoreBackup } from '../../src/backup/index.ts'
import { type Database, openDatabase, openTenantStores } from '../../src/database/index.ts'
import { createIdentity } from '../../src/identity/index.ts'
import { createKeystore, createSealer, sealedRecords, sealedRows, verifySeals } from '../../src/keystore/index.ts'
import { createVariables } from '../../src/stores/index.ts'
import { newAuthority } from '../kit/authority.ts'
import type { Backend } from './backends.ts'

const clock = { now: () => 1_763_000_000_000, monotonic: () => 0 }
const passphrase = 'six random words are long enough'
const authored = { createdBy: 'ann', createdAt: 1, modifiedBy: 'ann', modifiedAt: 1 }
const tables = ['integration_package', 'artifact', 'artifact_content', 'deployment', 'deployment_content'].concat([
  'endpoint',
  'deploy_task',
  'schedule_claim',
])

const hashed = (value: unknown): unknown =>
  value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value

/** What a backup and its restore must do on every database. */
export function backupContract(backend: () => Backend, other: () => Backend): void {
  /** A tenant with a key of its own. */
  async function newTenant(test: TestContext, of = backend) {
    const place = of().place()
    const database = await openDatabase(place)
    test.after(() => database.close())
    const stores = openTenantStores(database)
    const sealer = createSealer({ key: randomBytes(32), tenant: place.schema })
    const values = [
      ...(['registry', 'keystore', 'secrets'] as const).map((name) => sealedRecords(name, stores[name])),
      ...stores.sealedRows.map(sealedRows),
    ]
    return {
      database,
      stores,
      sealer,
      name: place.schema,
      variables: createVariables({ store: stores.variables, sealer, clock: { ...clock, now: Date.now } }),
      verify: () => verifySeals({ values, sealer }),
    }
  }
  type Tenant = Awaited<ReturnType<typeof newTenant>>

  const sealed = ({ sealer }: Tenant, store: string, kind: string, id: string, text: string) =>
    sealer.seal(Buffer.from(text), JSON.stringify([store, kind, id]))

  async function fill(tenant: Tenant): Promise<Buffer> {
    const { stores, variables } = tenant
    const content = randomBytes(3_000_000)
    const texts = { description: 'é "𝄞"', shortText: '', version: '1.0.0', vendor: '', mode: 'EDIT_ALLOWED' as const }
    const lists = {
      supportedPlatform: '',
      products: '',
      keywords: '',
      countries: '',
      industries: '',
      lineOfBusiness: '',
    }
    await stores.design.insertPackage({ id: 'Sales', name: 'Sales', ...texts, ...lists, ...authored })
    const artifact = {
      packageId: 'Sales',
      name: 'Orders',
      description: '',
      version: '1.0.0',
      sender: '',
      receiver: '',
      ...authored,
    }
    await stores.design.insertArtifact({ id: 'Orders', type: 'IntegrationFlow', ...artifact }, content)
    const { generation } = await stores.deployments.put({
      artifactId: 'Orders',
      type: 'IntegrationFlow',
      packageId: 'Sales',
      name: 'Orders',
      version: '1.0.0',
      content,
      deployedBy: 'ann',
      deployedAt: 1,
      taskId: 'task',
    })
    const endpoints = [{ artifactId: 'Orders', protocol: 'HTTPS', path: '/http/orders' }]
    await stores.deployments.report({
      artifactId: 'Orders',
      generation,
      status: 'STARTED',
      fault: undefined,
      endpoints,
    })
    await stores.schedules.claim('once', 1, 'node')
    await variables.write('last', 'local', 'Orders', 'canary-variable')
    for (const name of ['registry', 'keystore', 'secrets'] as const) {
      const kind = name === 'registry' ? 'instance' : 'entry'
      const records = ['a', 'b'].map((id) => ({
        kind,
        id,
        document: JSON.stringify({ id, sealed: sealed(tenant, name, kind, id, `canary-${id}`), ...authored }),
      }))
      await stores[name].write((await stores[name].load(0)).revision, records)
    }
    return content
  }

  /** What the first start makes. */
  async function startFirst({ stores, sealer }: Tenant): Promise<void> {
    const authority = await newAuthority('CN=Built-in CA')
    const keystore = await createKeystore({ store: stores.keystore, sealer, clock })
    for (const user of ['first start', 'Sluice']) {
      const change = { owner: 'system', user, replace: true } as const
      await keystore.putKeyPair('server', await authority.issue({ subject: 'CN=server' }), change)
    }
    const identity = await createIdentity({ store: stores.registry, sealer, clock })
    await identity.ensureBuiltInAnchor(authority.certificate)
    const instance = await identity.instances.create(
      { name: 'quickstart', plan: 'integration-flow', roles: [] },
      'Sluice',
    )
    await identity.keys.create(instance.id, { name: 'secret', type: 'secret' }, 'Sluice')
    await identity.users.create({ name: 'admin', description: '', password: 'x'.repeat(40), roles: [] }, 'Sluice')
  }

  const make = async ({ stores, sealer }: Tenant): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync(createBackup({ store: stores.backup, sealer, passphrase, clock })))

  const put = ({ stores, sealer, name }: Tenant, file: Buffer, more: { passphrase?: string; replace?: string } = {}) =>
    restoreBackup({ store: stores.backup, sealer, passphrase, tenant: name, file: inPieces(file), ...more })

  async function* inPieces(file: Buffer): AsyncGenerator<Buffer> {
    for (let at = 0; at < file.length; at += 70_000) yield file.subarray(at, at + 70_000)
  }

  /** The rows of the tables that are copied as they are, contents by their hash. */
  async function rowsOf({ query }: Database): Promise<readonly object[]> {
    const all: object[] = []
    for (const table of tables) {
      const rows: readonly object[] = await query
        .selectFrom(table as 'message')
        .selectAll()
        .execute()
      all.push(
        ...rows.map((row) => ({
          table,
          ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, hashed(value)])),
        })),
      )
    }
    return all
  }

  describe('a backup', () => {
    it('gives another installation everything, under its own key', async (test) => {
      const [from, to] = [await newTenant(test), await newTenant(test)]
      const content = await fill(from)
      const file = await make(from)
      assert.equal(file.includes('canary'), false)
      assert.equal(file.includes(content.subarray(0, 100)), false)
      const { created } = await put(to, file)
      assert.equal(created, clock.now())
      assert.deepEqual(await rowsOf(to.database), await rowsOf(from.database))
      assert.equal(await to.variables.read('last', 'local', 'Orders'), 'canary-variable')
      assert.deepEqual(await to.verify(), { opened: 7, broken: [] })
      for (const name of ['registry', 'keystore', 'secrets'] as const) {
        const { records } = await to.stores[name].load(0)
        assert.deepEqual(
          records.map(({ id }) => id),
          ['a', 'b'],
        )
        const { sealed: text } = JSON.parse(records[0]?.document ?? '') as { sealed: string }
        assert.equal(to.sealer.open(text, JSON.stringify([name, records[0]?.kind, 'a'])).toString(), 'canary-a')
      }
      assert.equal(
        (
          await to.stores.deployments.put({
            artifactId: 'New',
            type: 'IntegrationFlow',
            packageId: 'Sales',
            name: 'New',
            version: '1',
            content,
            deployedBy: 'ann',
            deployedAt: 1,
            taskId: 't2',
          })
        ).generation,
        2,
      )
    })

    it('goes into another kind of database', async (test) => {
      const [from, to] = [await newTenant(test), await newTenant(test, other)]
      await fill(from)
      await put(to, await make(from))
      assert.deepEqual(await rowsOf(to.database), await rowsOf(from.database))
      assert.deepEqual(await to.verify(), { opened: 7, broken: [] })
    })

    it('goes into an installation that nobody has used, and by name only into another', async (test) => {
      const [from, to] = [await newTenant(test), await newTenant(test)]
      await fill(from)
      const file = await make(from)
      const { secrets } = to.stores
      const record = (createdBy: string) => ({
        kind: 'material',
        id: 'mine',
        document: JSON.stringify({ createdBy, modifiedBy: 'Sluice' }),
      })
      await secrets.write(0, [record('Sluice')])
      await startFirst(to)
      await put(to, file)
      assert.deepEqual(
        (await secrets.load(1)).records.map(({ id, document }) => [id, document === undefined]),
        [
          ['a', false],
          ['b', false],
          ['mine', true],
        ],
      )
      const before = await secrets.load(0)
      await assert.rejects(put(to, file), { code: 'backup.notEmpty' })
      await assert.rejects(put(to, file, { replace: 'other' }), { code: 'backup.notEmpty' })
      assert.deepEqual(await secrets.load(0), before)
      await put(to, file, { replace: to.name })
      assert.equal((await secrets.load(0)).revision, before.revision + 1)
      assert.deepEqual(await rowsOf(to.database), await rowsOf(from.database))
    })

    it('that is damaged anywhere, or has another passphrase, writes nothing', async (test) => {
      const [from, to] = [await newTenant(test), await newTenant(test)]
      await fill(from)
      const file = await make(from)
      const begin = file.indexOf('\n', file.indexOf('\n') + 1) + 1
      const flip = (at: number) =>
        Buffer.concat([file.subarray(0, at), Buffer.from([(file[at] ?? 0) ^ 1]), file.subarray(at + 1)])
      const part = 4 + file.readUInt32BE(begin)
      const cases: readonly (readonly [string, Buffer, RegExp, string?])[] = [
        ['another passphrase', file, /passphraseWrong/, 'another passphrase altogether'],
        ['nothing', Buffer.alloc(0), /notBackup/],
        ['nonsense', randomBytes(5_000), /notBackup/],
        [
          'other parameters',
          Buffer.concat([Buffer.from(file.subarray(0, begin).toString().replace('131072', '2')), file.subarray(begin)]),
          /notBackup/,
        ],
        ['another salt', flip(begin - 10), /passphraseWrong|notBackup/],
        ['a changed first part', flip(begin + 100), /passphraseWrong/],
        ['a changed size', flip(begin + 3), /passphraseWrong|damaged/],
        ['a changed later part', flip(begin + part + 100), /damaged/],
        ['a changed end', flip(file.length - 1), /damaged/],
        ['a part left out', Buffer.concat([file.subarray(0, begin), file.subarray(begin + part)]), /passphraseWrong/],
        ['its last byte cut off', file.subarray(0, -1), /damaged/],
        ['only its first part', file.subarray(0, begin + part), /passphraseWrong|damaged/],
        ['something after its end', Buffer.concat([file, Buffer.from('x')]), /damaged/],
      ]
      const before = await rowsOf(to.database)
      for (const [name, broken, code, other] of cases) {
        await assert.rejects(put(to, broken, other === undefined ? {} : { passphrase: other }), { code }, name)
      }
      assert.deepEqual(await rowsOf(to.database), before)
      assert.deepEqual(await to.verify(), { opened: 0, broken: [] })
      assert.equal((await to.stores.secrets.load(0)).revision, 0)
    })

    it('is not made of a broken seal, nor with a short passphrase', async (test) => {
      const from = await newTenant(test)
      const { backup, secrets } = from.stores
      await assert.rejects(
        Array.fromAsync(createBackup({ store: backup, sealer: from.sealer, passphrase: 'too short', clock })),
        { code: 'backup.passphraseUnfit' },
      )
      await secrets.write(0, [
        { kind: 'material', id: 'broken', document: JSON.stringify({ sealed: 's1.0123456789abcdef.AAAA' }) },
      ])
      await assert.rejects(make(from), { code: 'backup.sealBroken', details: { store: 'secrets', id: 'broken' } })
      // The transaction that read for it is over.
      await secrets.write(1, [])
    })
  })
}
