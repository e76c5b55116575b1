import type { Clock } from '../base/index.ts'
import { type Bundle, type Catalog, inferCapabilities, trustPublishers, verifyBundle } from '../flow/index.ts'
import type { Identity, TenantPolicy } from '../identity/index.ts'
import { type CodeNarc, readLintCodes, refuseFindings } from '../lint/index.ts'
import type { Deployment } from '../runtime/index.ts'
import type { Secrets } from '../secrets/index.ts'
import { faults } from './faults.ts'

/**
 * What the policy of the tenant asks of a bundle before it runs: the signature of a trusted publisher, scripts without
 * the findings that stop a deployment, and that somebody approved what it may use. A deployment that has run before,
 * and a version that comes back, were let in then: a policy holds from the next deployment on.
 */
export function createBundleRules(given: {
  readonly clock: Clock
  readonly catalog: Catalog
  readonly identity: Pick<Identity, 'tenantPolicy' | 'reload'>
  readonly secrets: Pick<Secrets, 'capabilities'>
  readonly codeNarc: CodeNarc
}): (bundle: Bundle, deployment: Deployment | undefined) => Promise<void> {
  const { clock, catalog, identity, secrets, codeNarc } = given
  return async (bundle, deployment) => {
    if (deployment === undefined) return
    const { artifactId, deployedBy, deployedAt, status } = deployment
    const started = status === 'STARTED'
    // The hint of a policy that was set just before may be lost.
    if (!started) await identity.reload()
    const policy = identity.tenantPolicy.get()
    if (!started) {
      await refuseUnsigned(bundle, policy, clock)
      await refuseFindings(bundle, readLintCodes(policy.lintStop.join(',')), codeNarc)
    }
    await secrets.capabilities.admit({
      manifest: { ...inferCapabilities(bundle, catalog), flowId: artifactId },
      policy: policy.capabilities,
      deployedBy,
      deployedAt,
      started,
    })
  }
}

/** @throws app.bundleUnsigned, app.bundleSignatureWrong */
async function refuseUnsigned(bundle: Bundle, policy: TenantPolicy, clock: Clock): Promise<void> {
  const { publishers, requireSignature } = policy
  if (publishers.length === 0 && !requireSignature) return
  const signature = await verifyBundle(
    bundle,
    trustPublishers(publishers, () => clock.now()),
  )
  if (signature.status === 'valid') return
  if (signature.status !== 'none') throw faults.bundleSignatureWrong({ artifact: bundle.id, why: signature.why })
  if (requireSignature) throw faults.bundleUnsigned({ artifact: bundle.id })
}
