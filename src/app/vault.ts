import type { Vault } from '../api/index.ts'
import { type BackupRow, type BackupStore, createBackup, restoreBackup } from '../backup/index.ts'
import { type Clock, type Log, wordsOf } from '../base/index.ts'
import { type DatabasePlace, openControlStores, openDatabase, openTenantStores } from '../database/index.ts'
import {
  type MasterKeySource,
  masterKeyCommand,
  masterKeyFile,
  openTenant,
  type RingSealer,
  rotateMasterKey,
  rotateMasterKeyFile,
  rotateTenantKey,
  type RotationProgress,
  sealedRecords,
  sealedRows,
  type TenantStore,
  verifySeals,
} from '../keystore/index.ts'
import type { Settings } from '../settings/index.ts'
import { faults } from './faults.ts'
import type { InFlight } from './in-flight.ts'
import type { Supervisor } from './supervisor.ts'

const pauseMilliseconds = 10_000
const patienceMilliseconds = 30_000
const settlingMilliseconds = 10_000

type Place = Pick<Settings, 'masterKeyFile' | 'masterKeyCommand' | 'masterKeyNextCommand' | 'databaseUrl' | 'data'>

const sourceOf = ({ masterKeyFile: file, masterKeyCommand: command }: Place): MasterKeySource =>
  command === undefined ? masterKeyFile(file) : masterKeyCommand(command)

const placeOf = ({ databaseUrl, data }: Place, schema: string): DatabasePlace => ({
  url: databaseUrl,
  folder: data,
  schema,
})

async function withTenants<Result>(settings: Place, work: (tenants: TenantStore) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(placeOf(settings, 'control'))
  try {
    return await work(openControlStores(database).tenants)
  } finally {
    await database.close()
  }
}

/** The keys of the tenant, unsealed; made with the tenant on the first start. @throws as `openTenant` */
export const tenantKeys = (settings: Place, tenant: string): Promise<readonly Buffer[]> =>
  withTenants(settings, (tenants) => openTenant({ tenants, source: sourceOf(settings), tenant }))

/** What the control process can do with the keys of a tenant, and a rotation that goes on until it is done. */
export interface RunningVault extends Vault {
  /** Goes on with a rotation that was cut off, now and until it is done. */
  readonly resume: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Rotates keys, verifies seals, makes and restores backups: one at a time, each on a connection of its own. */
export function createVault(given: {
  readonly settings: Place
  readonly tenant: string
  readonly sealer: RingSealer
  /** Reads records of this process anew. */
  readonly reload: () => Promise<unknown>
  readonly supervisor: Pick<Supervisor, 'ask' | 'hint'>
  /** What seals in this process. */
  readonly inFlight: Pick<InFlight, 'ended'>
  readonly clock: Clock
  readonly log: Log
}): RunningVault {
  const { settings, tenant, sealer, reload, supervisor, inFlight, clock, log } = given
  let source = sourceOf(settings)
  let working: Promise<unknown> | undefined
  let resuming: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  /** Waits for what the process does on its own, and refuses what somebody else asked for. @throws app.vaultBusy */
  async function asked<Result>(work: () => Promise<Result>): Promise<Result> {
    await resuming
    return alone(work)
  }

  async function alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (working !== undefined) throw faults.vaultBusy()
    const promise = work()
    working = promise
    try {
      return await promise
    } finally {
      working = undefined
    }
  }

  async function withStores<Result>(work: (stores: ReturnType<typeof openTenantStores>) => Promise<Result>) {
    const database = await openDatabase(placeOf(settings, tenant))
    try {
      return await work(openTenantStores(database))
    } finally {
      await database.close()
    }
  }

  const valuesOf = ({
    registry,
    keystore,
    secrets,
    authorization,
    sealedRows: rows,
  }: ReturnType<typeof openTenantStores>) => [
    sealedRecords('registry', registry),
    sealedRecords('keystore', keystore),
    sealedRecords('secrets', secrets),
    sealedRecords('authorization', authorization),
    ...rows.map(sealedRows),
  ]

  async function announce(keys: readonly Buffer[]): Promise<void> {
    sealer.changeKeys(keys)
    const told = await supervisor.ask(
      { what: 'keys', keys: keys.map((key) => key.toString('base64')) },
      patienceMilliseconds,
    )
    if (told !== true) throw faults.keysNotTaken()
    await reload()
  }

  async function settled(): Promise<boolean> {
    const [here, there] = await Promise.all([
      inFlight.ended(settlingMilliseconds),
      supervisor.ask({ what: 'settled', within: settlingMilliseconds }, patienceMilliseconds),
    ])
    return here && there === true
  }

  async function rotate(only?: 'resume'): Promise<RotationProgress> {
    let last: RotationProgress = { state: 'done', resealed: 0, broken: [] }
    await withTenants(settings, (tenants) =>
      withStores(async (stores) => {
        const rotation = { tenant, tenants, masterKey: source, values: valuesOf(stores), announce, settled }
        for await (const progress of rotateTenantKey({ ...rotation, ...(only && { only }) })) last = progress
      }),
    )
    return last
  }

  /** What is broken stays so until somebody does something: that is no reason to look again and again. */
  function goOnLater({ state }: Pick<RotationProgress, 'state'>): void {
    if (state !== 'waiting' || stopped) return
    clearTimeout(timer)
    timer = setTimeout(() => void resume(), pauseMilliseconds).unref()
  }

  const resume = (): Promise<void> => (resuming = goOn())

  async function goOn(): Promise<void> {
    if (working !== undefined) return goOnLater({ state: 'waiting' })
    try {
      const progress = await alone(() => rotate('resume'))
      if (progress.resealed > 0) log.info('the rotation of the tenant key went on', { tenant, ...numbersOf(progress) })
      goOnLater(progress)
    } catch (error) {
      log.warn('the rotation of the tenant key could not go on', { tenant, why: wordsOf(error) })
      goOnLater({ state: 'waiting' })
    }
  }

  return {
    rotateTenantKey: () =>
      asked(async () => {
        try {
          const progress = await rotate()
          log.info('the tenant key was rotated', { tenant, ...numbersOf(progress) })
          goOnLater(progress)
          return progress
        } catch (error) {
          goOnLater({ state: 'waiting' })
          throw error
        }
      }),
    rotateMasterKey: () =>
      asked(async () => {
        const { masterKeyCommand: command, masterKeyNextCommand: next, masterKeyFile: file } = settings
        if (command === undefined) {
          await withTenants(settings, (tenants) => rotateMasterKeyFile({ file: masterKeyFile(file), tenants }))
        } else {
          if (next === undefined) throw faults.nextMasterKeyUnknown()
          const to = masterKeyCommand(next)
          await withTenants(settings, (tenants) => rotateMasterKey({ from: source, to, tenants }))
          source = to
        }
        log.info('the master key was rotated', {})
      }),
    verify: () => asked(() => withStores((stores) => verifySeals({ values: valuesOf(stores), sealer }))),
    backup: (passphrase) =>
      asked(() =>
        withStores(async ({ backup: store }) =>
          Buffer.concat(await Array.fromAsync(createBackup({ store, sealer, passphrase, clock }))),
        ),
      ),
    restore: ({ file, passphrase, replace }) =>
      asked(async () => {
        const restored = await withStores(async ({ backup }) =>
          restoreBackup({
            store: keepingStandingKeys(backup),
            sealer,
            passphrase,
            tenant,
            file: piecesOf(file),
            ...(replace !== undefined && { replace }),
          }),
        )
        // It is restored; what this process has in memory is gone with the restart.
        await reload().catch((error: unknown) =>
          log.warn('what was restored could not be read', { why: wordsOf(error) }),
        )
        for (const topic of ['identity', 'deployments'] as const) supervisor.hint(topic)
        return restored
      }),
    resume,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await resuming
      await working?.catch(() => undefined)
    },
  }
}

const numbersOf = ({ state, resealed, broken }: RotationProgress) => ({ state, resealed, broken: broken.length })

async function* piecesOf(file: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield file
}

const isStandingKey = ({ table, values }: BackupRow): boolean =>
  table === 'keystore_record' && values['kind'] === 'standingKey'

/**
 * What was sealed by a standing key, such as the audit log, is in no backup: an installation keeps its own keys and
 * its own log, whatever is restored into it.
 */
const keepingStandingKeys = (store: BackupStore): BackupStore => ({
  ...store,
  async restore(rows, replace) {
    const own: BackupRow[] = []
    for await (const row of store.rows()) if (isStandingKey(row)) own.push(row)
    async function* kept(): AsyncGenerator<BackupRow, void, undefined> {
      for await (const row of rows) if (!isStandingKey(row)) yield row
      yield* own
    }
    return store.restore(kept(), replace)
  },
})
