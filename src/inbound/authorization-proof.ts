import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

import { type Clock, createBoundedMap, type Log, wordsOf } from '../base/index.ts'
import { type Identified, type Identity, type User, verifyPassword } from '../identity/index.ts'
import { readAuthorization } from './authorization.ts'
import type { Call } from './call.ts'
import { createGuesses } from './guesses.ts'
import { createPasswords } from './passwords.ts'
import { isRefused, type Refused, refused, refusedFor, refusedToken } from './refusals.ts'
import type { TokenVerifier } from './tokens.ts'

/** An Authorization header that was found right, and for how long that counts. */
export interface AuthorizationProof {
  readonly header: Buffer
  readonly identityRevision: number
  readonly tokensRevision: number
  /** Milliseconds since 1970. */
  readonly until: number
  readonly identified: Identified
}

export type AuthorizationOutcome = AuthorizationProof | Refused

/** Finds out whose the header of a call is. A dry run counts no wrong password. */
export type ProveAuthorization = (
  call: Call,
  header: string,
  dry: boolean,
) => AuthorizationOutcome | Promise<AuthorizationOutcome>

// As it was on the wire.
const bytesOf = (header: string): Buffer => Buffer.from(header, 'latin1')

/** Whether this is the header that was found right; how long that takes tells nothing but its length. */
export const isSameHeader = (proof: AuthorizationProof, header: string): boolean =>
  proof.header.length === header.length && timingSafeEqual(proof.header, bytesOf(header))

/** Two of the four threads that Node has for such work: files and look-ups of names need the others. */
const passwordsAtOnce = 2
const passwordsWaiting = 200
const mostRemembered = 5000

/** The form of the ids of service keys, as in `sb-…!…`. */
const looksLikeClientId = /^sb-[^!\s]{1,60}![^\s]{1,36}$/

/**
 * Client id and secret, a user's name and password, or a token. What was right is remembered under an HMAC of the
 * header, for one revision of the registry: a new connection need not derive the password again.
 */
export function createAuthorizationProver(given: {
  readonly identity: Identity
  readonly tokens: TokenVerifier | undefined
  readonly clock: Clock
  readonly log: Log
}): ProveAuthorization {
  const { identity, tokens, clock, log } = given
  const guesses = createGuesses(clock)
  const passwords = createPasswords({ verify: verifyPassword, atOnce: passwordsAtOnce, waiting: passwordsWaiting })
  /** Without the header: what is remembered here longer than a connection must be no secret. */
  const remembered = createBoundedMap<{ readonly identityRevision: number; readonly identified: Identified }>(
    mostRemembered,
  )
  const counts = (until: number | undefined): boolean => until === undefined || clock.now() < until
  const key = randomBytes(32)
  const tagOf = (header: string): string => createHmac('sha256', key).update(header).digest('base64')

  const proofOf = (
    header: string,
    identified: Identified,
    until = identified.until ?? Number.POSITIVE_INFINITY,
  ): AuthorizationProof => ({
    header: bytesOf(header),
    identityRevision: identity.revision,
    tokensRevision: tokens?.revision ?? 0,
    until,
    identified,
  })

  function right(tag: string, header: string, name: string, call: Call, identified: Identified): AuthorizationProof {
    guesses.succeeded(name, call.remoteAddress)
    remembered.set(tag, { identityRevision: identity.revision, identified })
    return proofOf(header, identified)
  }

  function proveBasic(
    call: Call,
    header: string,
    { user: name, password }: { readonly user: string; readonly password: string },
    dry: boolean,
  ): AuthorizationOutcome | Promise<AuthorizationOutcome> {
    const tag = tagOf(header)
    const before = remembered.get(tag)
    if (before?.identityRevision === identity.revision && counts(before.identified.until))
      return proofOf(header, before.identified)
    // Who was right once is not made to wait for the guesses of others; it is proved anew like everything else.
    const waiting = before === undefined ? held(call, name) : undefined
    if (waiting !== undefined) return waiting
    const byClient = identity.byClientSecret(name, password)
    if (byClient !== undefined) return dry ? proofOf(header, byClient) : right(tag, header, name, call, byClient)
    return provePassword(call, header, tag, name, password, dry)
  }

  function held({ remoteAddress }: Call, name: string): Refused | undefined {
    // By the look of the name, so that the answer does not tell what exists. Random secrets are not guessed.
    const ofName = looksLikeClientId.test(name)
      ? guesses.waitOfName(name, remoteAddress)
      : guesses.waitOfUser(name, remoteAddress)
    if (ofName > 0)
      return refusedFor(ofName, 'rate.passwordGuessing', { name: shown(name), seconds: Math.ceil(ofName / 1000) })
    const ofAddress = guesses.waitOfAddress(remoteAddress)
    if (ofAddress === 0) return undefined
    return refusedFor(ofAddress, 'rate.credentialGuessing', { remoteAddress, seconds: Math.ceil(ofAddress / 1000) })
  }

  async function provePassword(
    call: Call,
    header: string,
    tag: string,
    name: string,
    password: string,
    dry: boolean,
  ): Promise<AuthorizationOutcome> {
    const found = identity.user(name)
    const { methods } = identity.policy()
    if (found !== undefined && !methods.includes('password'))
      return refused('identity.passwordForbidden', { user: found.user.name, allowed: methods.join(', ') })
    if (found === undefined && (!methods.includes('password') || looksLikeClientId.test(name)))
      return wrong(call, name, undefined, dry)
    // Unknown users cost the same time, and locked ones: the answer does not tell who exists.
    const hash = found?.user.passwordHash
    const checked = passwords.check(`${tag} ${hash}`, hash, password)
    if (checked === undefined) return refusedFor(1000, 'rate.passwordsBusy', { waiting: passwordsWaiting })
    const { revision } = identity
    const isRight = await checked
    if (found === undefined || found.user.locked || !isRight) return wrong(call, name, found?.user, dry)
    // What changed meanwhile may be this user; whoever asked asks again.
    const proof = proofOf(header, found.identified)
    if (dry || revision !== identity.revision) return { ...proof, identityRevision: revision }
    identity.passwordSucceeded(found.user.name)
    return right(tag, header, name, call, found.identified)
  }

  async function wrong(call: Call, name: string, user: User | undefined, dry: boolean): Promise<Refused> {
    // A proof that is made anew, because something changed meanwhile, is the same guess.
    const counts = !dry && !call.guessCounted
    if (counts) guesses.failed(name, call.remoteAddress)
    if (counts) call.guessCounted = true
    if (user === undefined) return refused('identity.secretWrong', { clientId: isShown(name) ? name : undefined })
    if (user.locked) return refused('identity.userLocked', { user: user.name })
    if (user.passwordHash === undefined) return refused('identity.passwordMissing', { user: user.name })
    if (counts)
      await identity.passwordFailed(user.name).catch((error: unknown) => {
        log.error('a wrong password could not be counted', { user: user.name, why: wordsOf(error) })
      })
    return refused('identity.passwordWrong', { user: user.name })
  }

  // Whoever mixes up name and secret sends a secret as the name: only what is or looks like a name is repeated.
  const isShown = (name: string): boolean =>
    identity.knowsClient(name) || identity.user(name) !== undefined || looksLikeClientId.test(name)
  const shown = (name: string): string => (isShown(name) ? name : 'a name that is not known')

  function proveToken(call: Call, header: string, token: string): AuthorizationOutcome | Promise<AuthorizationOutcome> {
    if (tokens === undefined) return refused('identity.bearerUnsupported')
    const { revision } = tokens
    const { revision: identityRevision } = identity
    const judge = (owner: Awaited<ReturnType<TokenVerifier['verify']>>): AuthorizationOutcome =>
      'reason' in owner
        ? refusedToken(owner)
        : { ...proofOf(header, owner, owner.until), tokensRevision: revision, identityRevision }
    const verified = tokens.verify(token, call.presented)
    return verified instanceof Promise ? verified.then(judge) : judge(verified)
  }

  return (call, header, dry) => {
    const credential = readAuthorization(header)
    if (isRefused(credential)) return credential
    if (credential.scheme === 'bearer') return proveToken(call, header, credential.token)
    return proveBasic(call, header, credential, dry)
  }
}
