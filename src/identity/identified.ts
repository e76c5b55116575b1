import type { Principal } from '../flow/index.ts'
import type { Identified, LookUp } from './contracts.ts'
import { comparable } from './names.ts'
import type { RegisteredCertificate, ServiceInstance, ServiceKey, User, UserGroup } from './records.ts'
import type { View } from './registry.ts'

type Token = Parameters<LookUp['byToken']>[0]

const nothing = Object.freeze({})
const noRoles: ReadonlySet<string> = new Set()
const nowhere: readonly string[] = Object.freeze([])
const nobody: readonly string[] = Object.freeze([])

/** Makes callers out of records, each as far as possible of parts that they share. */
export function createIdentified(given: {
  readonly view: View
  /** Roles that exist: others mean nothing on an instance of plan integration-flow. */
  readonly known: ReadonlySet<string>
  readonly groups: ReadonlyMap<string, readonly UserGroup[]>
}) {
  const { view, known, groups } = given
  const rolesByInstance = new Map<string, ReadonlySet<string>>()
  const byUser = new Map<string, { readonly roles: ReadonlySet<string>; readonly groups: readonly string[] }>()

  function rolesOf({ id, plan, roles }: ServiceInstance): ReadonlySet<string> {
    let set = rolesByInstance.get(id)
    if (set === undefined) {
      set = new Set(plan === 'integration-flow' ? roles.filter((role) => known.has(role)) : roles)
      rolesByInstance.set(id, set)
    }
    return set
  }

  /** Without client credentials a client proves itself only to speak for users: their roles count then, not its own. */
  const ownRolesOf = (instance: ServiceInstance): ReadonlySet<string> =>
    instance.grantTypes.includes('client_credentials') ? rolesOf(instance) : noRoles

  /** Roles and groups of a user, those of the groups included. */
  function sharesOf(user: User) {
    const id = comparable(user.name)
    let shares = byUser.get(id)
    if (shares === undefined) {
      const his = groups.get(id) ?? []
      const roles = new Set([...user.roles, ...his.flatMap((group) => group.roles)])
      shares = { roles, groups: Object.freeze(his.map(({ name }) => name)) }
      byUser.set(id, shares)
    }
    return shares
  }

  function ofUser(user: User, certificate: RegisteredCertificate | undefined): Identified {
    const shares = sharesOf(user)
    const principal = principalOf(
      {
        method: certificate === undefined ? 'basic' : 'certificate',
        name: user.name,
        clientId: undefined,
        groups: shares.groups,
      },
      certificate,
    )
    const method = certificate === undefined ? 'password' : 'certificate'
    return { principal, roles: shares.roles, plan: undefined, method, client: `user ${user.name}` }
  }

  return {
    ofPassword: (user: User): Identified => ofUser(user, undefined),
    ofMapping: (user: User, certificate: RegisteredCertificate): Identified => ofUser(user, certificate),
    ofKey(
      instance: ServiceInstance,
      { clientId, until }: ServiceKey,
      certificate: RegisteredCertificate | undefined,
    ): Identified {
      const proof = certificate === undefined ? 'basic' : 'certificate'
      return {
        principal: principalOf({ method: proof, name: clientId, clientId, groups: nowhere }, certificate),
        roles: ownRolesOf(instance),
        plan: instance.plan,
        method: certificate === undefined ? 'clientSecret' : 'certificate',
        client: `instance ${instance.id}`,
        ...(until !== undefined && { until }),
      }
    },
    ofToken(instance: ServiceInstance, user: User | undefined, token: Token): Identified {
      const { clientId, attributes, issuer } = token
      const name = user?.name ?? token.user ?? clientId
      const named = token.groups.flatMap((group) => view.of('group').get(group) ?? [])
      const roles =
        token.user === undefined
          ? ownRolesOf(instance)
          : new Set([...(user ? sharesOf(user).roles : []), ...named.flatMap((group) => group.roles)])
      return {
        principal: Object.freeze<Principal>({
          method: 'bearer',
          name,
          subject: name,
          clientId,
          issuer,
          certificate: undefined,
          attributes: Object.freeze({ ...attributes }),
          groups: Object.freeze([...new Set([...(user ? sharesOf(user).groups : []), ...token.groups])]),
          actors: token.actors === undefined || token.actors.length === 0 ? nobody : Object.freeze([...token.actors]),
        }),
        roles,
        plan: instance.plan,
        method: 'bearer',
        client: `instance ${instance.id}`,
      }
    },
  }
}

function principalOf(
  { name, ...given }: Pick<Principal, 'method' | 'name' | 'clientId' | 'groups'>,
  certificate: RegisteredCertificate | undefined,
): Principal {
  return Object.freeze<Principal>({
    ...given,
    name,
    subject: name,
    issuer: certificate?.issuer,
    certificate:
      certificate &&
      Object.freeze({
        fingerprint: certificate.fingerprint,
        subject: certificate.subject,
        issuer: certificate.issuer,
      }),
    attributes: nothing,
    actors: nobody,
  })
}
