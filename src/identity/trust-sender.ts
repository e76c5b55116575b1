import { type Clock, newSecret } from '../base/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { Identity, TrustedSenderRequest } from './contracts.ts'
import { faults } from './faults.ts'
import { draftIdentityProvider } from './identity-providers.ts'
import { draftInstance } from './instances.ts'
import { authored, comparable, loginNameProblems, nameProblems } from './names.ts'
import { patternsOf } from './read-identity-provider.ts'
import type { Draft, Registry } from './registry.ts'
import { draftSecretKey } from './service-keys.ts'
import { roleNames, unknownRoleProblems } from './user-roles.ts'

const bearer = (kind: 'saml2' | 'jwt'): string => `urn:ietf:params:oauth:grant-type:${kind}-bearer`

interface Change {
  readonly author: string
  readonly now: number
}

/**
 * Provider, service instance with its key, and roles in one change. The instance itself has no role: it calls nothing
 * but for a user, and the provider is believed by this instance alone.
 */
export function createTrustedSenders(given: {
  readonly registry: Registry
  readonly sealer: Sealer
  readonly clock: Clock
}): Identity['trustSender'] {
  const { registry, sealer, clock } = given
  return async (request, author) => {
    const secret = newSecret()
    const isPattern = await patternsOf(request.provider)
    return registry.change((draft) => {
      refuseProblems(draft, request)
      const { name, provider: described, user } = request
      const change = { author, now: clock.now() }
      const kind = request.assertion ?? (described.certificates === undefined ? 'jwt' : 'saml2')
      const instance = draftInstance(
        draft,
        { name, plan: 'integration-flow', roles: [], grantTypes: [bearer(kind)] },
        author,
        change.now,
      )
      const key = draftSecretKey(draft, { instanceId: instance.id, name, secret, sealer, ...change })
      const roles = request.roles ?? ['ESBMessaging.send']
      const group = user === undefined ? (request.group ?? name) : undefined
      const defaultGroups = [...new Set([...(described.defaultGroups ?? []), ...(group === undefined ? [] : [group])])]
      const provider = draftIdentityProvider(
        draft,
        { ...described, name, defaultGroups, clients: [instance.id] },
        { ...change, isPattern },
      )
      if (group !== undefined) giveGroup(draft, group, roles, change)
      const known = user === undefined ? undefined : giveUser(draft, user, roles, change)
      return {
        provider,
        instance,
        key: { key, secret, certificate: undefined, privateKey: undefined },
        user: known,
        group,
      }
    })
  }
}

function refuseProblems(draft: Draft, { name, assertion, roles = [], user, group }: TrustedSenderRequest): void {
  const known = roleNames(draft)
  const problems = [
    // The key has it as its name, too.
    ...nameProblems(name, 32),
    ...(assertion === undefined || ['saml2', 'jwt'].includes(assertion) ? [] : ["assertion must be 'saml2' or 'jwt'"]),
    ...roles.flatMap((role) => unknownRoleProblems(role, known)),
    ...(user === undefined ? [] : loginNameProblems(user, 'user')),
    ...(group === undefined ? [] : nameProblems(group, 150, 'group')),
    ...(user !== undefined && group !== undefined ? ['user and group exclude each other'] : []),
  ]
  if (problems.length > 0) throw faults.senderInvalid({ problems })
}

function giveGroup(draft: Draft, name: string, roles: readonly string[], { author, now }: Change): void {
  const present = draft.of('group').get(name)
  draft.put('group', {
    name,
    description: present?.description ?? '',
    members: present?.members ?? [],
    roles: [...new Set([...(present?.roles ?? []), ...roles])],
    ...authored(author, now, present),
  })
}

/** The name of the user as he is spelled. One that is not there is made without a password. */
function giveUser(draft: Draft, name: string, roles: readonly string[], { author, now }: Change): string {
  const present = draft.of('user').get(comparable(name))
  const user = draft.put('user', {
    name: present?.name ?? name,
    description: present?.description ?? '',
    passwordHash: present?.passwordHash,
    locked: present?.locked ?? false,
    roles: [...new Set([...(present?.roles ?? []), ...roles])],
    ...authored(author, now, present),
  })
  return user.name
}
