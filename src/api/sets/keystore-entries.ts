import { X509Certificate } from 'node:crypto'

import { readCertificates, type KeystoreName } from '../../keystore/index.ts'
import { type EntitySet, int32, type Navigation, odataFaults, type Outcome, type Row, text } from '../../odata/index.ts'
import { faults } from '../faults.ts'
import {
  aliasOfKey,
  answered,
  certificateFactProperties,
  certificateFactsRow,
  changeOf,
  entryProperties,
  entryRow,
  isOn,
  keystoreOf,
} from '../keystore-row.ts'
import { roles } from '../roles.ts'
import type { Call, Services } from '../services.ts'
import { publicPart } from './keystore-media.ts'
import { keystoreNavigation } from './keystores.ts'

/** The entries of the keystore in use, or of the one that `keystoreName` names. */
export function keystoreEntries(services: Services): EntitySet<Call> {
  const { keystore, clock } = services
  return {
    name: 'KeystoreEntries',
    list: {
      requires: roles.readKeystore,
      run: async (call) => entryRows(services, keystoreOf(call)),
    },
    find: {
      requires: roles.readKeystore,
      run: async (key, call) => {
        const found = await keystore.find(aliasOfKey(key), keystoreOf(call))
        return found && entryRow(found, clock.now())
      },
    },
    acts: {
      update: { requires: roles.editKeystore, run: (key, _, call) => rename(services, aliasOfKey(key), call) },
      remove: { requires: roles.editKeystore, run: (key, call) => remove(services, aliasOfKey(key), call) },
    },
    type: {
      name: 'KeystoreEntry',
      key: ['Hexalias'],
      properties: entryProperties,
      navigations: {
        ChainCertificates: chainCertificatesOf(services),
        Certificate: publicPart(services, 'certificate'),
        Sshkey: publicPart(services, 'sshKey'),
        ChainResource: publicPart(services, 'chain'),
        SigningRequest: publicPart(services, 'request'),
        Keystore: keystoreNavigation(services),
      },
    },
  }
}

/** All entries of a keystore. */
export const entryRows = async ({ keystore, clock }: Services, name: KeystoreName): Promise<readonly Row[]> =>
  (await keystore.list(name)).map((entry) => entryRow(entry, clock.now()))

/** `renameAlias` gives another alias, `copy` with `destinationAlias` makes a second entry. */
async function rename({ keystore, clock }: Services, alias: string, call: Call): Promise<Outcome> {
  const { options } = call
  const to = options.get('renameAlias') ?? (isOn(call, 'copy') ? options.get('destinationAlias') : undefined)
  if (to === undefined) throw faults.keystoreOptionMissing({ options: 'renameAlias, or copy=true&destinationAlias' })
  if (keystoreOf(call) !== 'system') throw faults.keystoreReadOnly({ name: keystoreOf(call) })
  const entry = options.has('renameAlias')
    ? await keystore.rename(alias, to, changeOf(call))
    : await keystore.copy(alias, to, changeOf(call))
  const outcomes = [{ alias: to, status: 'updated', reason: '', entry } as const]
  return answered(call, outcomes, clock.now(), isOn(call, 'returnHexAlias'))
}

/** With `activate` a new key of the system takes its place; nothing else leaves the keystores beside the one in use. */
async function remove({ keystore, clock }: Services, alias: string, call: Call): Promise<Outcome> {
  const name = keystoreOf(call)
  const { user } = changeOf(call)
  if (name === 'KeyRenewal' && isOn(call, 'activate')) {
    const entry = await keystore.activate(alias, user)
    return answered(call, [{ alias, status: 'updated', reason: '', entry }], clock.now())
  }
  if (name !== 'system') throw faults.keystoreReadOnly({ name })
  const entry = await keystore.find(alias)
  await keystore.remove(alias, changeOf(call))
  return answered(call, [{ alias, status: 'removed', reason: '', entry }], clock.now())
}

const chainProperties = {
  Hexalias: text(2000),
  Alias: text(250),
  Index: int32,
  ...certificateFactProperties,
}

/** The certificates in the chains of entries; they are reached through their entry. */
export const chainCertificates: EntitySet<Call> = {
  name: 'ChainCertificates',
  type: { name: 'ChainCertificate', key: ['Hexalias', 'Index'], properties: chainProperties },
}

const chainCertificatesOf = ({ keystore, clock }: Services): Navigation<Call> => ({
  to: chainCertificates.name,
  many: true,
  of: (parent) => ({
    list: {
      requires: roles.readKeystore,
      run: async (call) => {
        const found = await keystore.find(aliasOfKey(parent), keystoreOf(call))
        if (found === undefined) throw odataFaults.entityMissing({ set: 'KeystoreEntries' })
        return readCertificates(found.chain).map((certificate, Index) => ({
          Hexalias: parent.Hexalias,
          Alias: found.alias,
          Index,
          ...certificateFactsRow(new X509Certificate(certificate.raw), clock.now()),
        }))
      },
    },
  }),
})
