import { X509Certificate } from 'node:crypto'

import type { SpentIds } from '../assertions/index.ts'
import type { Clock } from '../base/index.ts'
import type { Identity } from '../identity/index.ts'
import { thumbprintOf } from './access-token.ts'
import type { Client, Clients } from './clients.ts'
import type { JudgeCertificate } from './judge-certificate.ts'
import { readJws, type ReadJws, verifyJws } from './jws.ts'
import { refusal } from './oauth-refusal.ts'

const allowed = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']
const skew = 60
/** Seconds: a client assertion is made for one request. */
const longest = 3600

const fail = (check: string, message: string, expected: string, found: unknown) =>
  refusal('oauth.clientAssertion', {
    check: `clientAssertion.${check}`,
    message,
    expected,
    found: typeof found === 'string' ? found.slice(0, 200) : (JSON.stringify(found) ?? 'nothing').slice(0, 200),
  })

/**
 * `private_key_jwt` (RFC 7523, 2.2): a JWT of the client, signed by the private key of one of its certificates.
 * @throws oauth.clientAssertion
 */
export function createClientAssertions(given: {
  readonly clients: Clients
  readonly certificates: Identity['certificates']
  readonly judge: JudgeCertificate
  readonly spent: SpentIds
  readonly audiences: () => readonly string[]
  readonly clock: Clock
}): (assertion: string, clientId: string | undefined) => Promise<Client> {
  const { clients, certificates, judge, spent, audiences, clock } = given

  function checkClaims({ payload }: ReadJws, clientId: string | undefined): { id: string; jti: string; until: number } {
    const { iss, sub, aud, exp, iat, nbf, jti } = payload
    const now = clock.now() / 1000
    if (typeof iss !== 'string' || iss !== sub)
      throw fail('subject', 'iss and sub must be the client id', 'one id', iss)
    if (clientId !== undefined && clientId !== iss)
      throw refusal('oauth.clientContradictory', { one: 'of client_id', other: 'of the client assertion' })
    const named = Array.isArray(aud) ? aud : [aud]
    if (!named.some((each) => audiences().includes(each as string)))
      throw fail('audience', 'It is for another server', audiences().join(' or '), aud)
    if (typeof exp !== 'number' || now >= exp + skew)
      throw fail('expired', 'It has ended, or says no end', `after ${Math.floor(now)}`, exp)
    if (exp > now + longest + skew) throw fail('expiry', 'It counts for too long', `at most ${longest} s`, exp)
    if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now + skew))
      throw fail('notBefore', 'It does not count yet', `before ${Math.floor(now)}`, nbf)
    if (iat !== undefined && !(typeof iat === 'number' && iat <= now + skew))
      throw fail('issuedAt', 'It was issued in the future', `before ${Math.floor(now)}`, iat)
    if (typeof jti !== 'string' || jti === '' || jti.length > 500)
      throw fail('id', 'It has no id', 'jti as a text', typeof jti)
    return { id: iss, jti, until: (exp + skew) * 1000 }
  }

  /** The client by whose certificate it is signed: the one that the header names, else each is tried. */
  async function signerOf(jws: ReadJws, id: string): Promise<Client> {
    const { alg, kid, 'x5t#S256': thumbprint } = jws.header
    let reason = 'no certificate of the client fits'
    for (const client of clients.keysOf(id)) {
      for (const { fingerprint, pem } of certificates.list({ kind: 'key', id: client.key.id })) {
        if (thumbprint !== undefined && thumbprint !== thumbprintOf(fingerprint)) continue
        const certificate = new X509Certificate(pem)
        if (!verifyJws(alg, certificate.publicKey, jws)) continue
        const judged = await judge({ certificate, fingerprint })
        if (judged !== undefined && 'keyId' in judged && judged.keyId === client.key.id) return client
        reason = judged !== undefined && 'why' in judged ? judged.why : 'its certificate is of no key'
      }
    }
    throw fail(
      'signature',
      'The signature is by no key of the client',
      'a certificate of a service key',
      reason + named(kid),
    )
  }

  return async (assertion, clientId) => {
    const jws = readJws(assertion)
    if (typeof jws === 'string') throw fail('form', 'It cannot be read', 'a signed JWT', jws)
    if (!allowed.includes(jws.header['alg'] as string))
      throw fail('algorithm', 'Its algorithm is not accepted', allowed.join(', '), jws.header['alg'])
    const { id, jti, until } = checkClaims(jws, clientId)
    const client = await signerOf(jws, id)
    if (!(await spent.spend(`client ${id}`, jti, until)))
      throw fail('replay', 'It was used before', 'a new jti for each request', jti)
    return client
  }
}

const named = (kid: unknown): string => (typeof kid === 'string' ? ` (kid ${kid.slice(0, 100)})` : '')
