/** A process that writes as fast as it can, to see whether others can write beside it. */
import { openDatabase, openTenantStores, type DatabasePlace } from '../../src/database/index.ts'
import { ended } from './messages.ts'

const [place = '', number = ''] = process.argv.slice(2)
const database = await openDatabase(JSON.parse(place) as DatabasePlace)
const { messages, deployments } = openTenantStores(database)
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
}
await database.close()
