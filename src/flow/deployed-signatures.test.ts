import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { describe, it } from 'node:test'

import { selfSigned } from '../../test/kit/authority.ts'
import { flowBundle, mainProcess, messageEnd, messageStart } from '../../test/kit/bundle.ts'
import { readZip, writeZip } from '../formats/index.ts'
import { signaturePath } from './bundle-signature.ts'
import { signBundle } from './bundle-signature-making.ts'
import { trustPublishers } from './bundle-signature-trust.ts'
import { createDeployedSignatures } from './deployed-signatures.ts'
import { readBundle } from './read-bundle.ts'

const publisher = await selfSigned({ subject: 'CN=Publisher' })
const plain = await flowBundle({ id: 'Orders', processes: [mainProcess([messageStart(), messageEnd()])] })

async function withSignature(signature: Buffer): Promise<Buffer> {
  return writeZip(new Map([...(await readZip(plain)), [signaturePath, signature]]))
}

async function signed(): Promise<Buffer> {
  const key = { privateKey: createPrivateKey(publisher.key), certificates: [publisher.chain] }
  return withSignature(await signBundle(await readBundle(plain), key, Date.now()))
}

describe('the signatures of what is deployed', () => {
  const contents: Record<string, Buffer> = {}
  let generation = 1
  let reads = 0
  let publishers: readonly string[] = []
  const signatures = createDeployedSignatures({
    deployments: {
      list: async () => Object.keys(contents).map((artifactId) => ({ artifactId, generation })),
      content: async (id) => {
        reads += 1
        return contents[id]
      },
    },
    trust: () => trustPublishers(publishers, Date.now),
  })
  const statuses = async (id?: string): Promise<object> =>
    Object.fromEntries([...(await signatures(id))].map(([name, { status }]) => [name, status]))

  it('say by whom, as the publishers are that are trusted now; a bundle is read once', async () => {
    contents['Plain'] = plain
    contents['Signed'] = await signed()
    contents['Wrong'] = await withSignature(Buffer.from('no signature'))
    contents['Broken'] = Buffer.from('no zip')
    const before = { Plain: 'none', Signed: 'untrusted', Wrong: 'invalid', Broken: 'invalid' }
    assert.deepEqual(await statuses(), before)
    publishers = [publisher.chain]
    assert.deepEqual(await statuses(), { ...before, Signed: 'valid' })
    assert.equal(reads, 4)
  })

  it('are those of one where only one is asked for', async () => {
    assert.deepEqual([await statuses('Plain'), await statuses('Other')], [{ Plain: 'none' }, {}])
  })

  it('are read anew when something else is deployed', async () => {
    contents['Signed'] = plain
    generation += 1
    assert.deepEqual(await statuses('Signed'), { Signed: 'none' })
  })
})
