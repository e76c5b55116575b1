import { createHash, randomBytes } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import { faults } from './faults.ts'
import type { LentMaterial, Materials } from './materials.ts'
import { askForToken, type ConnectOptions, type TokenAnswer } from './token-request.ts'

const type = 'OAuth2AuthorizationCode'

/** An access token with the user whose account it opens. */
export interface AccessToken {
  readonly token: string
  readonly tokenType: string
  readonly user: string
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
}

export interface AuthorizationCodes {
  /**
   * The page on which a person agrees. The address holds a state that counts once, for ten minutes.
   * @throws secrets.materialUnknown
   */
  readonly authorizationUrl: (name: string, redirectUri: string, by: string) => Promise<string>
  /**
   * Takes what the provider sent back: exchanges the code and keeps the refresh token. Returns the material's name.
   * @throws secrets.authorizationStateUnknown, secrets.authorizationRefused, secrets.tokenRefused,
   *   secrets.tokenServiceUnreachable, secrets.tokenAnswerInvalid
   */
  readonly finishAuthorization: (answer: {
    readonly state: string
    readonly code?: string
    readonly error?: string
  }) => Promise<string>
  /**
   * From memory until shortly before it expires, but never the one that was `refused`.
   * @throws secrets.notAuthorized, and as `finishAuthorization`
   */
  readonly accessToken: (name: string, refused?: string) => Promise<AccessToken>
}

interface Begun {
  readonly name: string
  readonly redirectUri: string
  readonly verifier: string
  readonly by: string
  readonly until: number
}

const validFor = 600_000
const mostBegun = 1_000
/** A token is replaced this long before it expires, so that none expires on the way; a short one in its last fifth. */
const early = 300_000
const lasts = ({ expiresAt, issuedAt }: AccessToken, now: number): boolean =>
  expiresAt - Math.min(early, (expiresAt - issuedAt) / 5) > now

/** The browser round trip of OAuth2 Authorization Code (RFC 6749, 4.1), with PKCE (RFC 7636). */
export function createAuthorizationCodes(given: {
  readonly materials: Materials
  readonly clock: Clock
  readonly refreshed: () => Promise<void>
  readonly connect: ConnectOptions | undefined
}): AuthorizationCodes {
  const { materials, clock, refreshed, connect } = given
  const begun = new Map<string, Begun>()
  // Tokens die with what they were asked with: a changed material is lent as another object.
  const tokens = new WeakMap<LentMaterial, Promise<AccessToken>>()

  function forgetOld(): void {
    for (const [state, { until }] of begun) if (until <= clock.now() || begun.size >= mostBegun) begun.delete(state)
  }

  const scopeOf = ({ shown }: LentMaterial): string => {
    const scope = (shown['scope'] ?? '').trim()
    // Microsoft gives a refresh token only to those who ask for one.
    return shown['provider'] === 'microsoft365' && !scope.split(/\s+/).includes('offline_access')
      ? `${scope} offline_access`.trim()
      : scope
  }

  async function refresh(name: string, lent: LentMaterial): Promise<AccessToken> {
    const { refreshToken } = lent.secret
    if (refreshToken === undefined) throw faults.notAuthorized({ name })
    const answer = await askForToken(
      name,
      lent,
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      { connect },
    )
    const token = tokenOf(answer, lent, clock.now())
    if (answer.refreshToken !== undefined && answer.refreshToken !== refreshToken) {
      await materials.keep({ type, name, secret: { refreshToken: answer.refreshToken } }, lent, 'system')
      tokens.set(materials.lend(type, name), Promise.resolve(token))
    }
    return token
  }

  return {
    authorizationUrl: async (name, redirectUri, by) => {
      const lent = materials.lend(type, name)
      forgetOld()
      const state = randomBytes(32).toString('base64url')
      const verifier = randomBytes(32).toString('base64url')
      begun.set(state, { name, redirectUri, verifier, by, until: clock.now() + validFor })
      const url = new URL(lent.shown['authorizationUrl'] ?? '')
      const scope = scopeOf(lent)
      const added = {
        client_id: lent.shown['clientId'] ?? '',
        response_type: 'code',
        redirect_uri: redirectUri,
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(scope !== '' && { scope }),
      }
      for (const [parameter, value] of Object.entries(added)) url.searchParams.set(parameter, value)
      return url.href
    },
    finishAuthorization: async ({ state, code, error }) => {
      const known = begun.get(state)
      // Whatever comes of it, a state counts once.
      begun.delete(state)
      if (known === undefined || known.until <= clock.now()) throw faults.authorizationStateUnknown()
      const { name, redirectUri, verifier, by } = known
      if (code === undefined || code === '')
        throw faults.authorizationRefused({ name, error: /^\w{1,60}$/.test(error ?? '') ? String(error) : 'no code' })
      await refreshed()
      const lent = materials.lend(type, name)
      const scope = scopeOf(lent)
      const answer = await askForToken(
        name,
        lent,
        { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
        { connect, ...(scope !== '' && { inAddress: { scope } }) },
      )
      const { refreshToken } = answer
      if (refreshToken === undefined) throw faults.tokenAnswerInvalid({ name, why: 'it holds no refresh token' })
      // The access token of this exchange is not used.
      await materials.keep({ type, name, secret: { refreshToken } }, lent, by)
      return name
    },
    accessToken: async (name, refused) => {
      await refreshed()
      const lent = materials.lend(type, name)
      const asked = tokens.get(lent)
      const held = await asked?.catch(() => undefined)
      if (held !== undefined && held.token !== refused && lasts(held, clock.now())) return held
      // Who comes while a token is asked for waits for the same one; so does who waited for one that came to nothing.
      const now = materials.lend(type, name)
      const other = tokens.get(now)
      if (other !== undefined && other !== asked) return other
      const running = refresh(name, now)
      tokens.set(now, running)
      return running
    },
  }
}

const tokenOf = (
  { accessToken, tokenType, expiresIn }: TokenAnswer,
  { shown }: LentMaterial,
  now: number,
): AccessToken => ({
  token: accessToken,
  tokenType,
  user: shown['userName'] ?? '',
  issuedAt: now,
  expiresAt: now + expiresIn * 1000,
})
