/** A process that writes to the audit log as fast as it can, to see whether others can write beside it. */
import { createAudit } from '../../src/audit/index.ts'
import { systemClock } from '../../src/base/index.ts'
import { type DatabasePlace, openDatabase, openTenantStores } from '../../src/database/index.ts'

const [place = '', number = '', key = ''] = process.argv.slice(2)
const database = await openDatabase(JSON.parse(place) as DatabasePlace)
const store = openTenantStores(database).audit
const audit = createAudit({ store, keys: [Buffer.from(key, 'hex')], clock: systemClock })

for (let round = 0; round < 50; round++) {
  audit.note({ action: 'Read', objectType: 'Credential', objectId: `${number}-note-${round}`, user: number })
  const records = [0, 1, 2, 3].map((index) =>
    audit.record({ action: 'Change', objectType: 'Role', objectId: `${number}-${round}-${index}`, user: number }),
  )
  await Promise.all(records)
}
await audit.stop()
await database.close()
