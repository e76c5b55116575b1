import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { flowBundle, mainProcess, messageEnd, messageStart, receiverChannel, step } from '../../test/kit/bundle.ts'
import { receivers, senders } from '../adapters/index.ts'
import { steps } from '../steps/index.ts'
import { createDeployedGrants } from './index.ts'

const catalog = { steps, receivers, senders }

const flow = (id: string, credentialName: string) =>
  flowBundle({
    id,
    files: { 'a.groovy': `x.getUserCredential('READ')` },
    channels: [receiverChannel('HTTP', 'Call', { authenticationMethod: 'Basic', credentialName })],
    processes: [mainProcess([messageStart(), step('Call', 'ExternalCall'), messageEnd()])],
  })

const deployed = (wanted: Readonly<Record<string, Buffer>>, running: Readonly<Record<string, Buffer>> = {}) => ({
  list: async () =>
    Object.keys(wanted).map((artifactId, generation) => ({
      artifactId,
      type: 'IntegrationFlow' as const,
      generation,
      status: artifactId in running ? 'ERROR' : 'STARTED',
    })),
  content: async (id: string) => wanted[id],
  startedContent: async (id: string) => running[id],
})

describe('the grants that deployed flows ask for', () => {
  const words = async (deployments: ReturnType<typeof deployed>, flowId?: string) =>
    (await createDeployedGrants({ deployments, catalog })(flowId)).map(
      (grant) => `${grant.flowId} ${grant.kind} ${grant.alias} ${grant.basis}`,
    )

  it('are those of all flows, or of one', async () => {
    const deployments = deployed({ A: await flow('A', 'ERP'), B: await flow('B', '${property.box}') })
    assert.deepEqual(await words(deployments), [
      'A credential ERP model',
      'A credential READ script',
      'B credential * model',
      'B credential READ script',
    ])
    assert.deepEqual(await words(deployments, 'B'), ['B credential * model', 'B credential READ script'])
    assert.deepEqual(await words(deployments, 'C'), [])
  })

  it('are also those of the version that goes on where a later one did not start', async () => {
    const deployments = deployed({ A: await flow('A', 'NEW') }, { A: await flow('A', 'OLD') })
    assert.deepEqual(await words(deployments), [
      'A credential NEW model',
      'A credential READ script',
      'A credential OLD model',
    ])
  })

  it('are none for a bundle that cannot be read', async () => {
    assert.deepEqual(await words(deployed({ A: Buffer.from('no zip') })), [])
  })
})
