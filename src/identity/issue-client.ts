import { X509Certificate } from 'node:crypto'

import { type BuiltInCa, factsOf } from '../keystore/index.ts'
import { faults } from './faults.ts'
import { type Candidate, judgedCandidate } from './registration.ts'

/**
 * A certificate of the built-in CA with its private key.
 * @throws identity.caMissing
 */
export async function issueClient(
  ca: BuiltInCa | undefined,
  given: { readonly clientId: string; readonly unit: string; readonly days: number; readonly keySize: number },
): Promise<{ readonly certificate: string; readonly privateKey: string; readonly candidate: Candidate }> {
  if (ca === undefined) throw faults.caMissing()
  const { chain, key } = await ca.issueClient({
    commonName: given.clientId,
    organizationalUnit: given.unit,
    days: given.days,
    keySize: given.keySize as 2048 | 3072 | 4096,
  })
  const leaf = new X509Certificate(chain)
  const candidate = judgedCandidate({ leaf, sent: [], facts: factsOf(leaf), pem: chain })
  return { certificate: chain, privateKey: key, candidate }
}
