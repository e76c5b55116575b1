import { refusal } from '../oauth-refusal.ts'
import type { Form } from '../read-form.ts'
import type { Grant, GrantParts } from './contracts.ts'
import { ownToken } from './own-token.ts'

export const tokenExchangeType = 'urn:ietf:params:oauth:grant-type:token-exchange'

const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const types = [accessToken, 'urn:ietf:params:oauth:token-type:jwt']
const mostActors = 10

/**
 * RFC 8693: a user's access token for one that another client uses on the user's behalf. Who acts is in the chain of
 * `act`: the user or client of the actor token, else the client that asks.
 */
export const tokenExchange =
  ({ verifier, addresses }: Pick<GrantParts, 'verifier' | 'addresses'>): Grant =>
  ({ client, form, peer }) => {
    const token = form.need('subject_token')
    checkType('subject_token_type', form.need('subject_token_type'))
    const requested = form.get('requested_token_type') ?? accessToken
    checkType('requested_token_type', requested)
    checkTarget(form, [client.clientId, addresses().issuer, ...addresses().tokenEndpoints])
    const { claims, user } = ownToken({ parameter: 'subject_token', token, peer }, verifier)
    const actor = actorOf(form, client.clientId, (given) =>
      ownToken({ parameter: 'actor_token', token: given, peer }, verifier),
    )
    // The same client that asks twice in a row is one actor.
    const actors = user.actors[0] === actor ? user.actors : [actor, ...user.actors]
    if (actors.length > mostActors)
      throw refusal('oauth.ownToken', { parameter: 'subject_token', why: `more than ${mostActors} would act in turn` })
    const grantId = claims.ext_attr.grantid
    return {
      client,
      grantType: tokenExchangeType,
      user: { ...user, actors },
      scope: form.get('scope'),
      within: claims.scope,
      until: claims.exp,
      ...(grantId !== undefined && { grantId }),
      more: { issued_token_type: requested },
    }
  }

function actorOf(form: Form, clientId: string, read: (token: string) => { readonly user: { readonly name: string } }) {
  const token = form.get('actor_token')
  const type = form.get('actor_token_type')
  if (token === undefined) {
    if (type !== undefined) throw refusal('oauth.parameterMissing', { name: 'actor_token' })
    return clientId
  }
  checkType('actor_token_type', form.need('actor_token_type'))
  return read(token).user.name
}

function checkType(parameter: string, found: string): void {
  if (!types.includes(found))
    throw refusal('oauth.tokenType', { parameter, found: found.slice(0, 100), allowed: types.join(', ') })
}

function checkTarget(form: Form, known: readonly string[]): void {
  const found = [...form.all('audience'), ...form.all('resource')].find((each) => !known.includes(each))
  if (found !== undefined) throw refusal('oauth.target', { found: found.slice(0, 200) })
}
