import { X509Certificate } from 'node:crypto'

import { compileTemplate } from '../../languages/index.ts'
import { orCancelled } from '../bearer.ts'
import { requiredKey } from '../client-authentication.ts'
import type { Profile } from '../contracts.ts'
import { faults } from '../faults.ts'
import { compileSubject } from '../subject-pattern.ts'
import { compileUser } from '../user.ts'
import { userCertificate } from '../user-certificate.ts'

const method = 'Principal Propagation'
const carrier = 'SSL_CLIENT_CERT'

/**
 * The user as a certificate of five minutes, issued by a CA of the keystore that the receiver trusts (security 12.3):
 * shown in the TLS handshake, or to a connector in a header.
 */
export const principalPropagation: Profile = {
  method,
  // A message could otherwise say for itself who calls.
  headers: ['authorization', carrier.toLowerCase(), 'sap-connectivity-authentication'],
  key: 'named',
  compile({ keyAlias, user: expression, subjectPattern, certificateCarrier }) {
    const aliasOf = compileTemplate(keyAlias)
    const userOf = compileUser(method, expression)
    const subjectOf = compileSubject(method, subjectPattern)
    return async (call) => {
      const { exchange, run, origin } = call
      if (!origin.startsWith('https:')) throw faults.tlsNeeded({ method, url: origin })
      const alias = aliasOf.text(exchange, run).trim()
      if (alias === '') throw faults.aliasMissing({ method, what: 'the key pair of a CA' })
      const authority = requiredKey(alias, await run.services.outbound.keyPair(alias, run))
      const subject = subjectOf(await userOf(call, alias))
      const { keyPair } = await orCancelled(userCertificate(authority, subject, run.clock), run)
      const proof = { identity: JSON.stringify([alias, subject]), refused: undefined }
      if (certificateCarrier === 'tls') return { ...proof, headers: [], keyPair }
      const value = new X509Certificate(keyPair.chain).raw.toString('base64')
      return { ...proof, headers: [carrier, value], keyPair: undefined }
    }
  },
}
