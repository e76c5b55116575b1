import { randomUUID } from 'node:crypto'

import type { LentKey, OAuthCredential, Run } from '../flow/index.ts'
import { faults } from './faults.ts'
import { makeJwt } from './signed-assertions.ts'
import type { Parameters } from './token-service.ts'

/** What a client adds to a token request to prove who it is. */
export interface ClientProof {
  readonly inBody: Parameters
  readonly headers: Parameters
  readonly keyPair: LentKey | undefined
}

const nothing: ClientProof = { inBody: {}, headers: {}, keyPair: undefined }
/** Milliseconds for which a signed JWT holds: it is used at once. */
const lasts = 120_000

/**
 * How the client of an OAuth2 Client Credentials material proves itself: by its secret in body or header
 * (RFC 6749, 2.3.1), by a certificate (RFC 8705) or by a signed JWT (RFC 7523, 2.2).
 * @throws outbound.keyMissing, outbound.keyUnfit
 */
export async function clientProof(credential: OAuthCredential, run: Run): Promise<ClientProof> {
  const { shown, secret } = credential
  const clientId = shown['clientId'] ?? ''
  const clientSecret = secret['clientSecret'] ?? ''
  switch (shown['clientAuthentication']) {
    case 'header':
      return { ...nothing, headers: { authorization: basicOf(clientId, clientSecret) } }
    case 'certificate':
      return { inBody: { client_id: clientId }, headers: {}, keyPair: await keyOf(credential, run) }
    case 'privateKeyJwt':
      return { ...nothing, inBody: await signedJwt(credential, clientId, run) }
    case 'none':
      return { ...nothing, inBody: { client_id: clientId } }
    default:
      return { ...nothing, inBody: { client_id: clientId, client_secret: clientSecret } }
  }
}

async function signedJwt(credential: OAuthCredential, clientId: string, run: Run): Promise<Parameters> {
  const now = run.clock.now()
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: credential.shown['tokenServiceUrl'] ?? '',
    jti: randomUUID(),
    iat: Math.floor(now / 1_000),
    exp: Math.floor((now + lasts) / 1_000),
  }
  return {
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await makeJwt(claims, await keyOf(credential, run)),
  }
}

/** RFC 6749, 2.3.1: both are form-encoded before they become one word. */
export const basicOf = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${formEncoded(user)}:${formEncoded(password)}`).toString('base64')}`

const formEncoded = (value: string): string => new URLSearchParams({ v: value }).toString().slice(2)

/** The key pair that a credential names, else the one that the system provides. @throws outbound.keyMissing */
export async function keyOf(credential: OAuthCredential, run: Run): Promise<LentKey> {
  const alias = credential.shown['keyPairAlias'] ?? ''
  return requiredKey(alias, await run.services.outbound.keyPair(alias, run, credential))
}

/** @throws outbound.keyMissing */
export function requiredKey(alias: string, pair: LentKey | undefined): LentKey {
  if (pair === undefined) throw faults.keyMissing({ alias: alias || 'sap_cloudintegrationcertificate' })
  return pair
}
