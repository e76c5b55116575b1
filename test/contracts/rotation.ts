import assert from 'node:assert/strict'
import { type ChildProcess, fork, type ForkOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CompiledQuery } from 'kysely'
import { keyId, masterKeyFile, rotateTenantKey, verifySeals } from '../../src/keystore/index.ts'
import type { Backend } from './backends.ts'
import {
  fill,
  type InstallationPlace,
  openInstallation,
  type SealedInstallation,
  sealerOf,
} from './sealed-installation.ts'

const program = join(import.meta.dirname, 'rotation-process.ts')
const silent: ForkOptions = { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }

function flipped(text: string, bit: number): string {
  const bytes = Buffer.from(text, 'latin1')
  const at = Math.floor(bit / 8)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8))
  return bytes.toString('latin1')
}

/** What rotations of keys must keep, wherever they are cut off. */
export function rotationContract(backend: () => Backend): void {
  /** A place of its own for both schemas: in PostgreSQL the one of the installation has one name in a database. */
  async function newPlace(): Promise<InstallationPlace> {
    const { url, folder: home } = backend().place()
    const name = `d${randomBytes(6).toString('hex')}`
    if (url !== undefined) {
      const any = await backend().open()
      await any.query.executeQuery(CompiledQuery.raw(`create database ${name}`))
    }
    const own = url && Object.assign(new URL(url), { pathname: `/${name}` }).href
    const folder = join(home, name)
    const place = { url: own, folder }
    await mkdir(folder)
    return {
      control: { ...place, schema: 'control' },
      tenant: { ...place, schema: 'default' },
      keyFile: join(folder, 'master.key'),
    }
  }

  async function open(test: TestContext, place: InstallationPlace): Promise<SealedInstallation> {
    const installation = await openInstallation(place)
    test.after(() => installation.close())
    return installation
  }

  async function assertOpens(installation: SealedInstallation, expected: number): Promise<readonly Buffer[]> {
    const keys = await installation.keys()
    const report = await verifySeals({ values: installation.values, sealer: sealerOf(keys) })
    assert.deepEqual(report, { opened: expected, broken: [] })
    return keys
  }

  /** Takes over the keys that the rotation announces, as the processes of an installation do. */
  function follow(child: ChildProcess, take: (keys: readonly Buffer[]) => Promise<void>): void {
    child.on('message', (message: { readonly keys: readonly string[] }) => {
      void take(message.keys.map((key) => Buffer.from(key, 'hex'))).then(() => child.connected && child.send('taken'))
    })
  }

  async function run(
    place: InstallationPlace,
    what: 'tenant' | 'master',
    step: number,
    wait?: number,
  ): Promise<boolean> {
    const child = fork(program, [JSON.stringify(place), what, String(step)], silent)
    follow(child, async () => {})
    const timer = wait === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), wait)
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    clearTimeout(timer)
    assert.ok(code === 0 || signal === 'SIGKILL', `ended with ${code} ${signal}`)
    return code === 0
  }

  describe('rotation', () => {
    it('of a tenant key, killed at any point, leaves everything readable and goes on', async (test) => {
      const place = await newPlace()
      const installation = await open(test, place)
      const first = await installation.keys()
      const count = await fill(installation, sealerOf(first), 20)
      const kills = 20
      let killed = 0
      for (let round = 0; round < kills; round++) {
        const random = 1 + Math.floor(Math.random() * 30)
        if (
          !(await run(place, 'tenant', round % 3 === 2 ? 0 : random, round % 3 === 2 ? 150 + random * 12 : undefined))
        )
          killed++
        await assertOpens(installation, count)
      }
      assert.ok(killed >= kills / 3, `only ${killed} were killed`)
      assert.equal(await run(place, 'tenant', 0), true)
      const last = await assertOpens(installation, count)
      assert.equal(last.length, 1)
      assert.notDeepEqual(last, first)
    })

    it('of the master key, killed at any point, leaves one that opens', async (test) => {
      const place = await newPlace()
      const installation = await open(test, place)
      const first = await masterKeyFile(place.keyFile).read()
      const count = await fill(installation, sealerOf(await installation.keys()), 1)
      for (let step = 1; step <= 6; step++) {
        assert.equal(await run(place, 'master', step), false)
        await assertOpens(installation, count)
      }
      for (let round = 0; round < 14; round++) {
        await run(place, 'master', 0, 100 + Math.random() * 400)
        await assertOpens(installation, count)
      }
      assert.equal(await run(place, 'master', 0), true)
      await assertOpens(installation, count)
      assert.notDeepEqual(await masterKeyFile(place.keyFile).read(), first)
      assert.deepEqual(
        readdirSync(dirname(place.keyFile)).filter((name) => name.startsWith('master.key')),
        ['master.key'],
      )
      assert.equal(existsSync(`${place.keyFile}.next`), false)
    })

    it('does not fail a process that reads and writes meanwhile', async (test) => {
      const place = await newPlace()
      const installation = await open(test, place)
      const before = await installation.keys()
      const sealer = sealerOf(before)
      const count = await fill(installation, sealer, 50)
      const child = fork(program, [JSON.stringify(place), 'tenant'], silent)
      follow(child, async (keys) => sealer.changeKeys(keys))
      const ended = once(child, 'exit')
      let written = 0
      const { secrets } = installation.stores
      while (child.exitCode === null && child.signalCode === null) {
        const report = await verifySeals({ values: installation.values, sealer })
        assert.deepEqual(report.broken, [])
        const id = `new ${written}`
        const sealed = sealer.seal(Buffer.from('canary'), JSON.stringify(['secrets', 'material', id]))
        const { revision } = await secrets.load(Number.MAX_SAFE_INTEGER)
        if (await secrets.write(revision, [{ kind: 'material', id, document: JSON.stringify({ sealed }) }])) written++
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      assert.deepEqual(await ended, [0, null])
      const after = await assertOpens(installation, count + written)
      assert.ok(written > 0)
      assert.equal(after.length, 1)
      assert.notDeepEqual(after, before)
    })

    it('apart, one flipped bit of any stored value is found and named', async (test) => {
      const installation = await open(test, await newPlace())
      const { values } = installation
      const sealer = sealerOf(await installation.keys())
      const count = await fill(installation, sealer, 2)
      let flips = 0
      for (const place of values) {
        for (const value of (await Array.fromAsync(place.pages(''))).flat()) {
          const next = flipped(value.sealed, Math.floor(Math.random() * value.sealed.length * 8))
          assert.equal(await place.replace([{ value, next }]), 1)
          const report = await verifySeals({ values, sealer })
          assert.equal(report.opened, count - 1)
          const [{ store, kind, id } = value, ...more] = report.broken
          assert.deepEqual([store, kind, id, more], [value.store, value.kind, value.id, []])
          const [broken] = (await Array.fromAsync(place.pages(''))).flat().filter(({ sealed }) => sealed === next)
          assert.ok(broken)
          assert.equal(await place.replace([{ value: broken, next: value.sealed }]), 1)
          flips++
        }
      }
      assert.equal(flips, count)
      await assertOpens(installation, count)
    })

    it('of 10,000 entries, and the start with 1,000', async (test) => {
      const installation = await open(test, await newPlace())
      const sealer = sealerOf(await installation.keys())
      const { secrets } = installation.stores
      const records = Array.from({ length: 10_000 }, (_, index) => ({
        kind: 'material',
        id: `${index}`,
        document: JSON.stringify({
          sealed: sealer.seal(Buffer.alloc(100), JSON.stringify(['secrets', 'material', `${index}`])),
        }),
      }))
      await secrets.write(0, records)
      const masterKey = { read: () => masterKeyFile(installation.keyFile).read() }
      const began = performance.now()
      let resealed = 0
      const rotation = rotateTenantKey({
        tenant: 'default',
        tenants: installation.tenants,
        masterKey,
        values: installation.values,
        announce: async (keys) => sealer.changeKeys(keys),
        settled: async () => true,
      })
      for await (const progress of rotation) ({ resealed } = progress)
      const rotated = performance.now()
      assert.equal(resealed, 10_000)
      assert.equal(
        (await secrets.load(0)).records.some(({ document }) => !document?.includes(`s1.${keyId(sealer.keys()[0]!)}.`)),
        false,
      )
      const loading = performance.now()
      const loaded = (await secrets.load(0)).records.slice(0, 1_000)
      for (const { id, document } of loaded)
        sealer.open(
          (JSON.parse(document ?? '') as { sealed: string }).sealed,
          JSON.stringify(['secrets', 'material', id]),
        )
      test.diagnostic(
        `10,000 entries rotated in ${Math.round(rotated - began)} ms; 10,000 loaded, 1,000 opened in ${Math.round(performance.now() - loading)} ms`,
      )
    })
  })
}
