import type { EntitySet } from '../../odata/index.ts'
import { faults } from '../faults.ts'
import { aliasOfKey, changeOf, entryProperties, entryRow, isOn } from '../keystore-row.ts'
import { roles } from '../roles.ts'
import type { Call, Services } from '../services.ts'

/** Keys of the system that were replaced. `PUT …?copy=true` makes one of them a new key that can be activated. */
export const historyKeystoreEntries = ({ keystore, clock }: Services): EntitySet<Call> => ({
  name: 'HistoryKeystoreEntries',
  list: {
    requires: roles.readKeystore,
    run: async () => (await keystore.list('KeyHistory')).map((entry) => entryRow(entry, clock.now())),
  },
  find: {
    requires: roles.readKeystore,
    run: async (key) => {
      const found = await keystore.find(aliasOfKey(key), 'KeyHistory')
      return found && entryRow(found, clock.now())
    },
  },
  acts: {
    update: {
      requires: roles.editKeystore,
      run: async (key, _, call) => {
        if (!isOn(call, 'copy')) throw faults.keystoreOptionMissing({ options: 'copy=true' })
        const destination = call.options.get('destinationAlias') || undefined
        await keystore.takeFromHistory(aliasOfKey(key), destination, changeOf(call).user)
        return { status: 204 }
      },
    },
  },
  type: { name: 'HistoryKeystoreEntry', key: ['Hexalias'], properties: entryProperties },
})
