import { createHmac, randomBytes } from 'node:crypto'

import { wordsOf } from '../../base/index.ts'
import type { Grant, GrantParts } from './contracts.ts'
import { guessing, refusal } from '../oauth-refusal.ts'

/** RFC 6749, 4.3: name and password of a user of the registry. Only where the instance lists it and the policy allows passwords. */
export function passwordGrant(parts: Pick<GrantParts, 'identity' | 'guesses' | 'passwords' | 'log'>): Grant {
  const { identity, guesses } = parts
  const check = createPasswordCheck(parts)
  return async ({ client, form, peer: { remoteAddress } }) => {
    const name = form.need('username')
    const password = form.need('password')
    const { methods } = identity.policy()
    if (!methods.includes('password'))
      throw refusal('oauth.methodOfPolicy', { used: 'password', allowed: methods.join(', ') })
    const user = await check(name, password, remoteAddress)
    guesses.succeeded(name, remoteAddress)
    return {
      client,
      grantType: 'password',
      user: { name: user, attributes: {}, groups: [], provider: undefined, actors: [] },
      scope: form.get('scope'),
    }
  }
}

/** Checks a password as the front door does: slow for guessers, counted for the lock, equal in time for everybody. */
export function createPasswordCheck(parts: Pick<GrantParts, 'identity' | 'guesses' | 'passwords' | 'log'>) {
  const { identity, guesses, passwords, log } = parts
  const key = randomBytes(32)

  /** The user's name as it is registered. @throws oauth.guessing, oauth.password, oauth.userLocked */
  return async (name: string, password: string, remoteAddress: string): Promise<string> => {
    const wait = Math.max(guesses.waitOfUser(name, remoteAddress), guesses.waitOfAddress(remoteAddress))
    if (wait > 0) throw guessing(wait)
    const user = identity.user(name)?.user
    const tag = createHmac('sha256', key)
      .update(JSON.stringify([name, password, user?.passwordHash]))
      .digest('base64')
    const checked = passwords.check(tag, user?.passwordHash, password)
    if (checked === undefined) throw guessing(1000)
    const right = await checked
    if (right && user !== undefined && !user.locked) {
      guesses.succeeded(name, remoteAddress)
      identity.passwordSucceeded(user.name)
      return user.name
    }
    guesses.failed(name, remoteAddress)
    if (user === undefined) throw refusal('oauth.password', { user: undefined })
    if (user.locked) throw refusal('oauth.userLocked', { user: user.name })
    await identity.passwordFailed(user.name).catch((error: unknown) => {
      log.error('a wrong password could not be counted', { user: user.name, why: wordsOf(error) })
    })
    throw refusal('oauth.password', { user: user.name })
  }
}
