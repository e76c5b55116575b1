import assert from 'node:assert/strict'
import { createPrivateKey, randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { selfSigned } from '../../test/kit/authority.ts'
import { flowBundle, mainProcess, messageEnd, messageStart } from '../../test/kit/bundle.ts'
import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { receivers, senders } from '../adapters/index.ts'
import { systemClock as clock } from '../base/index.ts'
import { type Bundle, bundleOfFiles, readBundle, signaturePath, signBundle } from '../flow/index.ts'
import { createIdentity, type Identity, type TenantPolicy } from '../identity/index.ts'
import { createSealer } from '../keystore/index.ts'
import type { Deployment } from '../runtime/index.ts'
import { createSecrets } from '../secrets/index.ts'
import { steps } from '../steps/index.ts'
import { createBundleRules } from './bundle-rules.ts'

const [publisher, stranger] = await Promise.all(
  ['Publisher', 'Stranger'].map((name) => selfSigned({ subject: `CN=${name}` })),
)
const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const plain = await readBundle(
  await flowBundle({
    id: 'Orders',
    processes: [mainProcess([messageStart(), messageEnd()])],
    files: { 'a.groovy': `def processData(message) { println 'x'; message }` },
  }),
)
const withSignature = (signature: Buffer): Bundle =>
  bundleOfFiles(new Map([...plain.files, [signaturePath, signature]]))
async function signedBy(who: typeof publisher): Promise<Bundle> {
  const { chain = '', key = '' } = who ?? {}
  const signer = { privateKey: createPrivateKey(key), certificates: [chain] }
  return withSignature(await signBundle(plain, signer, Date.now()))
}
const signed = await signedBy(publisher)
const strange = await signedBy(stranger)
const wrong = withSignature(Buffer.from('no signature'))
const publishers = [publisher?.chain ?? '']

describe('what the policy asks of a bundle', () => {
  let identity: Identity
  /** The same tenant in another process, which has heard of no change. */
  let admit: ReturnType<typeof createBundleRules>
  beforeEach(async () => {
    const store = inMemoryRegistry()
    identity = await createIdentity({ store, sealer, clock })
    const secrets = await createSecrets({ store: inMemoryRegistry(), sealer, clock })
    const other = await createIdentity({ store, sealer, clock })
    const codeNarc = { review: async (scripts: readonly Buffer[]) => scripts.map(() => ({ found: [] })) }
    admit = createBundleRules({ clock, catalog: { steps, receivers, senders }, identity: other, secrets, codeNarc })
  })

  const deployment = (status: Deployment['status'] = 'STARTING'): Deployment => ({
    artifactId: 'Orders',
    type: 'IntegrationFlow',
    packageId: 'P',
    name: 'Orders',
    version: '1',
    generation: 1,
    deployedBy: 'dev',
    deployedAt: 1,
    status,
    fault: undefined,
    logLevel: 'INFO',
    taskId: 't',
  })
  const outcome = (bundle: Bundle, of: Deployment | undefined = deployment()): Promise<string> =>
    admit(bundle, of).then(
      () => 'let in',
      ({ code }: { code: string }) => code,
    )

  const required = { publishers, requireSignature: true }
  const cases: readonly (readonly [string, Partial<TenantPolicy>, Bundle, string])[] = [
    ['nothing at first', {}, wrong, 'let in'],
    ['no signature where none is required', { publishers }, plain, 'let in'],
    ['that of a publisher', { publishers }, signed, 'let in'],
    ['none of a stranger', { publishers }, strange, 'app.bundleSignatureWrong'],
    ['none that is wrong', { publishers }, wrong, 'app.bundleSignatureWrong'],
    ['a signature where one is required', required, plain, 'app.bundleUnsigned'],
    ['not more than that', required, signed, 'let in'],
    ['a good one where one is required', required, strange, 'app.bundleSignatureWrong'],
    ['scripts without what stops', { lintStop: ['print'] }, plain, 'lint.stopped'],
    ['only what it says', { lintStop: ['tls-checks-off'] }, plain, 'let in'],
    ['no check that cannot be made', { lintStop: ['nosuch'] }, plain, 'lint.codesUnknown'],
  ]
  for (const [what, policy, bundle, expected] of cases)
    it(`is ${what}`, async () => {
      await identity.tenantPolicy.set(policy, 'ada')
      assert.equal(await outcome(bundle), expected)
    })

  it('is asked of nothing that has run before', async () => {
    await identity.tenantPolicy.set({ ...required, lintStop: ['print'] }, 'ada')
    assert.equal(await outcome(plain), 'app.bundleUnsigned')
    assert.equal(await outcome(plain, deployment('STARTED')), 'let in')
    await admit(plain, undefined)
  })
})
