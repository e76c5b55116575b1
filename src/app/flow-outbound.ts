import { createHash, X509Certificate } from 'node:crypto'

import type { LentKey, OAuthCredential, OutboundService } from '../flow/index.ts'
import type { Keystore } from '../keystore/index.ts'
import { systemAlias } from '../keystore/index.ts'
import type { LentMaterial, Secrets } from '../secrets/index.ts'
import { createTrustedServers } from './trusted-servers.ts'

const types = ['OAuth2ClientCredential', 'OAuth2SamlBearerAssertion', 'OAuth2AuthorizationCode'] as const

/**
 * What authentication at receivers is made of. Who may have what is decided by the runtime, which knows the flow;
 * everything is the same object for as long as nothing changed, so that tokens and connections end with it.
 */
export function createFlowOutbound(given: {
  readonly secrets: Pick<Secrets, 'materials' | 'authorizationCodes'>
  readonly keystore: Pick<Keystore, 'find' | 'lend' | 'list' | 'onChange'>
}): OutboundService {
  const { secrets, keystore } = given
  const credentials = new WeakMap<LentMaterial, OAuthCredential>()
  let pairs = new Map<string, Promise<LentKey | undefined>>()
  keystore.onChange(() => {
    const before = pairs
    pairs = new Map()
    for (const [alias, pair] of before) pairs.set(alias, stillThere(alias, pair))
  })

  /** Another entry of the keystore changed: this one stays the same object, with its connections and tokens. */
  async function stillThere(alias: string, before: Promise<LentKey | undefined>): Promise<LentKey | undefined> {
    const [held, now] = await Promise.all([before.catch(() => undefined), lendPair(alias)])
    return held !== undefined && held.id === now?.id && held.chain === now.chain ? held : now
  }

  async function lendPair(alias: string): Promise<LentKey | undefined> {
    const entry = await keystore.find(alias)
    if (entry?.type !== 'keypair') return undefined
    const { chain, key } = await keystore.lend(alias)
    const id = createHash('sha256').update(new X509Certificate(chain).raw).digest('hex')
    return { alias, id, chain, key }
  }

  return {
    async oauthCredential(alias) {
      const type = types.find((one) => secrets.materials.find(one, alias) !== undefined) ?? types[0]
      const lent = secrets.materials.lend(type, alias)
      const known = credentials.get(lent) ?? { alias, type, shown: lent.shown, secret: lent.secret }
      credentials.set(lent, known)
      return known
    },
    accessToken: async (alias, _run, refused) => (await secrets.authorizationCodes.accessToken(alias, refused)).token,
    keyPair(alias) {
      const name = alias || systemAlias
      const known = pairs.get(name)
      if (known !== undefined) return known
      const pair = lendPair(name)
      pairs.set(name, pair)
      pair.catch(() => pairs.delete(name))
      return pair
    },
    mayImpersonate: async () => {},
    trustedServers: createTrustedServers(keystore),
    async typeOf(kind, alias) {
      if (kind === 'key') return (await keystore.find(alias))?.type
      return secrets.materials.list().find(({ name }) => name === alias)?.type
    },
  }
}
