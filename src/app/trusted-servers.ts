import { createHash } from 'node:crypto'

import type { TrustedServers } from '../flow/index.ts'
import type { Keystore } from '../keystore/index.ts'

/** The certificates of the keystore by which servers are trusted. The same object until one of them changes. */
export function createTrustedServers(keystore: Pick<Keystore, 'list' | 'onChange'>): () => Promise<TrustedServers> {
  let held: TrustedServers | undefined
  let current: Promise<TrustedServers> | undefined
  keystore.onChange(() => {
    current = undefined
  })

  async function read(): Promise<TrustedServers> {
    const entries = await keystore.list()
    const certificates = entries.filter(({ type }) => type === 'certificate').map(({ chain }) => chain)
    const id = createHash('sha256').update(certificates.join('')).digest('hex')
    if (held?.id !== id) held = { id, certificates }
    return held
  }

  return () => (current ??= read())
}

/** How the security material connects to token services. Loaded with the first token. */
export const connectTrusting = (trustedServers: () => Promise<TrustedServers>) => async () => {
  const { connectOptions } = await import('../outbound/index.ts')
  return connectOptions(await trustedServers(), undefined)
}
