import { readFile } from 'node:fs/promises'

import { type Clock, wordsOf } from '../base/index.ts'
import { type Bundle, trustPublishers, verifyBundle } from '../flow/index.ts'
import { readCertificates } from '../keystore/index.ts'
import { readLintCodes, refuseFindings } from '../lint/index.ts'
import type { Settings } from '../settings/index.ts'
import { faults } from './faults.ts'

/**
 * What this installation asks of a bundle before it runs: scripts without the findings that stop a deployment, and the
 * signature of a trusted publisher.
 * @throws lint.codesUnknown, app.publishersUnreadable
 */
export async function createBundleRules(
  { lintStop, publishers: file }: Pick<Settings, 'lintStop' | 'publishers'>,
  clock: Clock,
): Promise<(bundle: Bundle) => Promise<void>> {
  const stopping = readLintCodes(lintStop)
  const publishers = file === undefined ? undefined : trustPublishers(await readPublishers(file), () => clock.now())
  return async (bundle) => {
    refuseFindings(bundle, stopping)
    if (publishers === undefined) return
    const signature = await verifyBundle(bundle, publishers)
    if (signature.status === 'none') throw faults.bundleUnsigned({ artifact: bundle.id })
    if (signature.status !== 'valid') throw faults.bundleSignatureWrong({ artifact: bundle.id, why: signature.why })
  }
}

async function readPublishers(file: string): Promise<readonly string[]> {
  try {
    return readCertificates(await readFile(file, 'utf8')).map(String)
  } catch (cause) {
    throw faults.publishersUnreadable({ file, why: wordsOf(cause) }, { cause })
  }
}
