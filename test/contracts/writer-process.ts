/** A process that writes as fast as it can, to see whether others can write beside it. */
import { openDatabase, openTenantStores, type DatabasePlace } from '../../src/database/index.ts'
import { ended } from './messages.ts'

const [place = '', number = ''] = process.argv.slice(2)
const database = await openDatabase(JSON.parse(place) as DatabasePlace)
const { messages, deployments, registry } = openTenantStores(database)

/** Adds one to what all processes count together. */
async function count(): Promise<void> {
  for (;;) {
    const { revision, records } = await registry.load(0)
    const document = String(Number(records[0]?.document ?? 0) + 1)
    if (await registry.write(revision, [{ kind: 'role', id: 'count', document }])) return
  }
}

for (let round = 0; round < 20; round++) {
  const batch = Array.from({ length: 10 }, (_, index) => ended(`${number}-${round}-${index}`))
  await messages.apply(batch, { node: number, segment: 1, offset: round })
  await deployments.put({
    artifactId: 'Shared',
    type: 'IntegrationFlow',
    packageId: 'P',
    name: 'Shared',
    version: '1',
    content: Buffer.from(number),
    deployedBy: 'test',
    deployedAt: round,
    taskId: `${number}-${round}`,
  })
  await count()
}
await database.close()
