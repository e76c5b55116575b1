import { createBoundedMap } from '../base/index.ts'
import { dnOfLines } from '../keystore/index.ts'
import type { Identity, TenantPolicy } from '../identity/index.ts'
import { type Guesses, networksOf, refused } from '../inbound/index.ts'
import { thumbprintOf } from './access-token.ts'
import type { Peer } from './authorization-server.ts'
import type { Client, Clients } from './clients.ts'
import type { JudgeCertificate } from './judge-certificate.ts'
import { guessing, OAuthRefusal, refusal } from './oauth-refusal.ts'
import type { Form } from './read-form.ts'

/** A client that has proved who it is. */
export interface AuthenticatedClient extends Client {
  readonly method: 'secret' | 'certificate' | 'assertion'
  /** Of the certificate that its tokens are bound to. */
  readonly thumbprint: string | undefined
}

/** What a request brings as proof. */
interface Brought {
  readonly authorization: string | undefined
  readonly form: Form
  readonly peer: Peer
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const mostRemembered = 5000
const looksLikeClientId = /^sb-[^!\s]{1,60}![^\s]{1,36}$/

/**
 * Finds out which client asks, by exactly one proof (RFC 6749, 2.3; RFC 7523, 2.2; RFC 8705, 2). A certificate beside
 * another proof proves nothing, and must not be that of another client.
 */
export function createClientAuthentication(given: {
  readonly identity: Pick<Identity, 'policy' | 'revision' | 'byCertificate'>
  readonly clients: Clients
  readonly guesses: Guesses
  readonly judge: JudgeCertificate
  readonly byAssertion: (assertion: string, clientId: string | undefined) => Promise<Client>
  /** Whether `client_secret` may come in the address. */
  readonly secretInQuery: () => boolean
}): (brought: Brought) => AuthenticatedClient | Promise<AuthenticatedClient> {
  const { identity, clients, guesses, judge, byAssertion, secretInQuery } = given
  const remembered = createBoundedMap<true>(mostRemembered)
  let policy:
    | { readonly revision: number; readonly check: (peer: Peer, method: AuthenticatedClient['method']) => void }
    | undefined

  function checkPolicy(peer: Peer, method: AuthenticatedClient['method']): void {
    const { revision } = identity
    if (policy?.revision !== revision) policy = { revision, check: policyCheck(identity.policy()) }
    policy.check(peer, method)
  }

  function bySecret(clientId: string, secret: string, { peer }: Brought, other?: readonly [string, string]) {
    checkPolicy(peer, 'secret')
    const { remoteAddress } = peer
    const client = clients.bySecret(clientId, secret) ?? (other && clients.bySecret(...other))
    // Who was right once is not made to wait for the guesses of others.
    if (client === undefined || remembered.get(client.key.id) === undefined) {
      const wait = Math.max(guesses.waitOfName(clientId, remoteAddress), guesses.waitOfAddress(remoteAddress))
      if (wait > 0) throw guessing(wait)
    }
    if (client === undefined) {
      guesses.failed(clientId, remoteAddress)
      throw unknownClient(clientId)
    }
    remembered.set(client.key.id, true)
    guesses.succeeded(clientId, remoteAddress)
    refuseForeignCertificate(client, peer)
    return { ...client, method: 'secret', thumbprint: undefined } as const
  }

  /** Whoever mixes up id and secret sends a secret as the id: only what is or looks like an id is repeated. */
  const unknownClient = (clientId: string) =>
    refusal('oauth.clientUnknown', {
      clientId: looksLikeClientId.test(clientId) || clients.keysOf(clientId).length > 0 ? clientId : undefined,
    })

  function refuseForeignCertificate(client: Client, { fingerprint }: Peer): void {
    const owner = fingerprint === undefined ? undefined : identity.byCertificate(fingerprint)
    const other = owner?.holder.kind === 'key' ? clients.byKey(owner.holder.id) : undefined
    if (other !== undefined && other.instance.id !== client.instance.id)
      throw refusal('oauth.clientContradictory', { one: client.clientId, other: other.clientId })
  }

  async function byCertificate({ peer, form }: Brought): Promise<AuthenticatedClient> {
    const { certificate, fingerprint } = peer
    const clientId = form.get('client_id')
    if (certificate === undefined || fingerprint === undefined) throw refusal('oauth.clientMissing')
    checkPolicy(peer, 'certificate')
    const subject = dnOfLines(certificate.subject ?? '')
    const judged = await judge({ certificate, fingerprint, sent: peer.sent })
    if (judged === undefined) throw refusal('oauth.clientCertificate', { subject, why: 'no service key has it' })
    if ('why' in judged) throw refusal('oauth.clientCertificate', { subject, why: judged.why })
    const client = clients.byKey(judged.keyId)
    if (client === undefined) throw refusal('oauth.clientCertificate', { subject, why: 'its service key is gone' })
    if (clientId !== undefined && clientId !== client.clientId)
      throw refusal('oauth.clientContradictory', { one: client.clientId, other: 'of client_id' })
    return { ...client, method: 'certificate', thumbprint: thumbprintOf(fingerprint) }
  }

  async function bySignature(assertion: string, { form, peer }: Brought): Promise<AuthenticatedClient> {
    checkPolicy(peer, 'assertion')
    const type = form.need('client_assertion_type')
    if (type !== assertionType)
      throw refusal('oauth.tokenType', {
        parameter: 'client_assertion_type',
        found: type.slice(0, 100),
        allowed: assertionType,
      })
    const wait = guesses.waitOfAddress(peer.remoteAddress)
    if (wait > 0) throw guessing(wait)
    try {
      const client = await byAssertion(assertion, form.get('client_id'))
      refuseForeignCertificate(client, peer)
      return { ...client, method: 'assertion', thumbprint: undefined }
    } catch (error) {
      // Each costs verifications: whoever sends many wrong ones waits.
      guesses.failed('client assertion', peer.remoteAddress)
      throw error
    }
  }

  return (brought) => {
    const { authorization, form } = brought
    const secret = form.get('client_secret')
    const assertion = form.get('client_assertion')
    const found = [
      ...(authorization === undefined ? [] : ['an Authorization header']),
      ...(secret === undefined
        ? []
        : [form.inQuery('client_secret') ? 'a secret in the address' : 'a secret in the form']),
      ...(assertion === undefined ? [] : ['a client assertion']),
    ]
    if (found.length > 1) throw refusal('oauth.clientSeveral', { found: found.join(', ') })
    if (form.inQuery('client_secret') && !secretInQuery())
      throw refusal('oauth.queryForbidden', { name: 'client_secret' })
    if (authorization !== undefined) {
      const { id, word, other } = readBasic(authorization)
      const clientId = form.get('client_id')
      if (clientId !== undefined && clientId !== id && clientId !== other?.[0])
        throw refusal('oauth.clientContradictory', { one: 'of the Authorization header', other: 'of client_id' })
      return bySecret(id, word, brought, other)
    }
    if (secret !== undefined) return bySecret(form.need('client_id'), secret, brought)
    return assertion === undefined ? byCertificate(brought) : bySignature(assertion, brought)
  }
}

/** What the tenant allows of addresses and of ways to authenticate holds for tokens, too: they would be a way around. */
function policyCheck({ methods, networks, certificateOutside }: TenantPolicy) {
  const allowed = networks.length === 0 ? undefined : networksOf(networks)
  const inside = certificateOutside && networksOf(certificateOutside)
  const names = { secret: 'clientSecret', certificate: 'certificate', assertion: 'certificate' } as const
  return ({ remoteAddress }: Peer, method: AuthenticatedClient['method']): void => {
    if (allowed !== undefined && !allowed(remoteAddress))
      throw refusal('network.addressForbidden', { remoteAddress, whose: 'tenant' })
    if (!methods.includes(names[method]))
      throw refusal('oauth.methodOfPolicy', { used: names[method], allowed: methods.join(', ') })
    if (inside !== undefined && method !== 'certificate' && !inside(remoteAddress))
      throw refusal('policy.certificateNeeded', { remoteAddress })
  }
}

interface Basic {
  readonly id: string
  readonly word: string
  /** The same in the escaping of RFC 6749 undone, where that makes a difference; clients do it or not. */
  readonly other: readonly [string, string] | undefined
}

/** @throws OAuthRefusal invalid_client with a challenge */
function readBasic(header: string): Basic {
  const [, credential = ''] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header) ?? []
  const text = Buffer.from(credential, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) {
    const why = credential === '' ? 'it is not Basic with base64' : 'it has no colon between id and secret'
    throw new OAuthRefusal(refused('identity.authorizationMalformed', { why }), 'invalid_client')
  }
  const id = text.slice(0, colon)
  const word = text.slice(colon + 1)
  const other = /[%+]/.test(text) ? ([unescaped(id), unescaped(word)] as const) : undefined
  return { id, word, other }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
