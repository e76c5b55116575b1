import { compileTemplate } from '../../languages/index.ts'
import { requiredKey } from '../client-authentication.ts'
import type { Profile } from '../contracts.ts'
import { faults } from '../faults.ts'

const method = 'Client Certificate'

/** A key pair of the keystore, shown in the TLS handshake; without an alias the one that the system provides. */
export const clientCertificate: Profile = {
  method,
  headers: [],
  key: 'optional',
  compile({ keyAlias }) {
    const aliasOf = compileTemplate(keyAlias)
    return async ({ exchange, run, origin }) => {
      if (!origin.startsWith('https:')) throw faults.tlsNeeded({ method, url: origin })
      const alias = aliasOf.text(exchange, run).trim()
      // An expression that yields nothing is a mistake, not the wish for any key.
      if (alias === '' && !aliasOf.constant) throw faults.aliasMissing({ method, what: 'a key pair' })
      const keyPair = requiredKey(alias, await run.services.outbound.keyPair(alias, run))
      return { headers: [], keyPair, identity: keyPair.id, refused: undefined }
    }
  },
}
