import { type KeystoreName, publicKeystore } from '../../keystore/index.ts'
import {
  binary,
  dateTime,
  type EntitySet,
  int32,
  type Navigation,
  type Outcome,
  type Row,
  text,
} from '../../odata/index.ts'
import { faults } from '../faults.ts'
import { answered, changeOf, entryRow, isKeystore, isOn, keystoreOf } from '../keystore-row.ts'
import { roles } from '../roles.ts'
import { bytesOf, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const names: readonly KeystoreName[] = ['system', 'backup_admin_system', 'KeyRenewal', 'KeyHistory']

async function row({ keystore }: Services, name: KeystoreName): Promise<Row> {
  const entries = await keystore.list(name)
  const [last] = [...entries].sort((a, b) => b.modifiedAt - a.modifiedAt)
  const note = name === 'backup_admin_system' ? keystore.backupNote() : undefined
  return {
    Name: name,
    LastModifiedBy: note?.by ?? last?.modifiedBy ?? null,
    LastModifiedTime: note?.at ?? last?.modifiedAt ?? null,
    Size: name === 'system' ? keystore.size() : publicKeystore(entries, 'JKS').length,
  }
}

/** The keystores as a whole. */
export const keystores = (services: Services): EntitySet<Call> => ({
  name: 'Keystores',
  list: { requires: roles.readKeystore, run: () => Promise.all(names.map((name) => row(services, name))) },
  type: {
    name: 'Keystore',
    key: ['Name'],
    properties: { Name: text(100), LastModifiedBy: text(150), LastModifiedTime: dateTime, Size: int32 },
    navigations: {
      Entries: {
        to: 'KeystoreEntries',
        many: true,
        of: (parent) => ({
          list: {
            requires: roles.readKeystore,
            run: async () => {
              const entries = await services.keystore.list(textOf(parent, 'Name') as KeystoreName)
              return entries.map((entry) => entryRow(entry, services.clock.now()))
            },
          },
        }),
      },
    },
  },
})

/** From an entry to its keystore. */
export const keystoreNavigation = (services: Services): Navigation<Call> => ({
  to: 'Keystores',
  many: false,
  of: () => ({ find: { requires: roles.readKeystore, run: (_, call) => row(services, keystoreOf(call)) } }),
})

const longest = 9_000_000

/** Whole keystores: import, public export, mass deletion, backup and restore. */
export const keystoreResources = (services: Services): EntitySet<Call> => ({
  name: 'KeystoreResources',
  find: {
    requires: roles.downloadKeystore,
    run: async (key) => {
      const name = textOf(key, 'Name')
      if (!isKeystore(name)) return undefined
      const content = publicKeystore(await services.keystore.list(name), 'JCEKS')
      return { Name: name, Resource: content.toString('base64'), Password: null, Aliases: null }
    },
  },
  acts: {
    create: {
      requires: roles.editKeystore,
      run: async (body, call) => {
        requireTexts(body, ['Name'])
        const name = textOf(body, 'Name')
        if (name === 'backup_admin_system') return backup(services, call)
        if (name !== 'system') throw faults.keystoreReadOnly({ name })
        return importKeystore(services, body, call)
      },
    },
    update: {
      requires: roles.editKeystore,
      run: async (key, body, call) => {
        const name = textOf(key, 'Name')
        if (name !== 'system') throw faults.keystoreReadOnly({ name })
        const { keystore, clock } = services
        if (isOn(call, 'retrieveBackup')) return answered(call, await keystore.restore(changeOf(call)), clock.now())
        if (!isOn(call, 'deleteEntries')) return importKeystore(services, body, call)
        requireTexts(body, ['Aliases'])
        const outcomes = await keystore.removeMany(aliasesOf(textOf(body, 'Aliases')), changeOf(call))
        const left = outcomes.filter(({ status }) => status === 'notRemoved')
        // Without the list nobody would learn that some are still there.
        return answered(call, outcomes, clock.now(), left.length > 0)
      },
    },
  },
  type: {
    name: 'KeystoreResource',
    key: ['Name'],
    properties: {
      Name: text(100),
      Resource: { ...binary, maxLength: longest },
      Password: text(300),
      Aliases: text(1_048_576),
    },
  },
})

/** The aliases of a list with semicolons; a backslash stands before a semicolon or backslash that is meant. */
const aliasesOf = (list: string): readonly string[] =>
  [...list.matchAll(/(?:^|;)((?:[^;\\]|\\[\s\S])*)/g)]
    .map(([, alias = '']) => alias.replaceAll(/\\([\s\S])/g, '$1'))
    .filter((alias) => alias !== '')

async function backup({ keystore, clock }: Services, call: Call): Promise<Outcome> {
  const entries = await keystore.backup(changeOf(call))
  const outcomes = entries.map((entry) => ({ alias: entry.alias, status: 'created', reason: '', entry }) as const)
  return answered(call, outcomes, clock.now())
}

const importOptions: Readonly<Record<string, 'add' | 'overwrite' | 'replace'>> = {
  merge: 'add',
  add: 'add',
  overwrite: 'overwrite',
  replace: 'replace',
}

async function importKeystore({ keystore, clock }: Services, body: Row, call: Call): Promise<Outcome> {
  requireTexts(body, ['Resource'])
  const given = call.options.get('importOption') ?? 'merge'
  const option = Object.hasOwn(importOptions, given.toLowerCase()) ? importOptions[given.toLowerCase()] : undefined
  if (option === undefined)
    throw faults.keystoreOptionMissing({ options: 'importOption as replace, merge or overwrite' })
  const content = bytesOf(body, 'Resource') ?? Buffer.alloc(0)
  const change = { ...changeOf(call), fingerprintVerified: true }
  const outcomes = await keystore.importKeystore({ content, password: textOf(body, 'Password'), option }, change)
  return answered(call, outcomes, clock.now())
}
