import { readFile } from 'node:fs/promises'

import { type Clock, wordsOf } from '../base/index.ts'
import { type Bundle, type Catalog, inferCapabilities, trustPublishers, verifyBundle } from '../flow/index.ts'
import type { Identity } from '../identity/index.ts'
import { readCertificates } from '../keystore/index.ts'
import { readLintCodes, refuseFindings } from '../lint/index.ts'
import type { Deployment } from '../runtime/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Settings } from '../settings/index.ts'
import { faults } from './faults.ts'

/**
 * What this installation asks of a bundle before it runs: scripts without the findings that stop a deployment, the
 * signature of a trusted publisher, and that somebody approved what it may use, where the policy of the tenant says so.
 * @throws lint.codesUnknown, app.publishersUnreadable
 */
export async function createBundleRules(given: {
  readonly settings: Pick<Settings, 'lintStop' | 'publishers'>
  readonly clock: Clock
  readonly catalog: Catalog
  readonly identity: Pick<Identity, 'tenantPolicy'>
  readonly secrets: Pick<Secrets, 'capabilities'>
}): Promise<(bundle: Bundle, deployment: Deployment | undefined) => Promise<void>> {
  const { clock, catalog, identity, secrets } = given
  const { lintStop, publishers: file } = given.settings
  const stopping = readLintCodes(lintStop)
  const publishers = file === undefined ? undefined : trustPublishers(await readPublishers(file), () => clock.now())
  return async (bundle, deployment) => {
    refuseFindings(bundle, stopping)
    if (publishers !== undefined) {
      const signature = await verifyBundle(bundle, publishers)
      if (signature.status === 'none') throw faults.bundleUnsigned({ artifact: bundle.id })
      if (signature.status !== 'valid') throw faults.bundleSignatureWrong({ artifact: bundle.id, why: signature.why })
    }
    // A version that comes back was let in when it first ran.
    if (deployment === undefined) return
    const { artifactId, deployedBy, deployedAt, status } = deployment
    await secrets.capabilities.admit({
      manifest: { ...inferCapabilities(bundle, catalog), flowId: artifactId },
      policy: identity.tenantPolicy.get().capabilities,
      deployedBy,
      deployedAt,
      started: status === 'STARTED',
    })
  }
}

async function readPublishers(file: string): Promise<readonly string[]> {
  try {
    return readCertificates(await readFile(file, 'utf8')).map(String)
  } catch (cause) {
    throw faults.publishersUnreadable({ file, why: wordsOf(cause) }, { cause })
  }
}
