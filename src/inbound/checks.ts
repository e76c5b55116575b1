import type { Clock } from '../base/index.ts'
import type { HttpRoute } from '../flow/index.ts'
import type { Identity } from '../identity/index.ts'
import type { Authenticator } from './authenticate.ts'
import type { Call } from './call.ts'
import { byNamesOnly, checkCertificate, createIdentityCheck, nameOf } from './check-credentials.ts'
import { createPolicyChecks } from './check-policy.ts'
import { createRateChecks } from './check-rates.ts'
import type { Csrf } from './csrf.ts'
import { createPolicies } from './policies.ts'
import type { Stage } from './declared-refusal.ts'
import { type Refused, refused } from './refusals.ts'
import type { Routes } from './routes.ts'

/** One row of the table of checks. */
export interface Check {
  readonly stage: Stage
  /**
   * What must be there. Rows without `proof` run before anything is proved. A dry run leaves a row open where rows
   * before have not found out what it needs, and where the question does not say what only a real call has.
   */
  readonly needs: readonly ('proof' | 'address' | 'identity' | 'match' | 'csrfToken')[]
  /** Undefined lets the call pass. */
  readonly check: (call: Call, dry: boolean) => Refused | undefined
}

/** What a row says in a dry run. */
export interface Explained {
  readonly stage: Stage
  readonly outcome: 'passed' | 'refused' | 'open'
  readonly refused: Refused | undefined
}

export interface Checks {
  /** The rows that need no proof: what they refuse costs no cryptography. */
  readonly arrive: (call: Call) => Refused | undefined
  /** All other rows, once it is proved who calls. The first refusal; undefined lets the call in. */
  readonly run: (call: Call) => Refused | undefined
  /** Every row on a call that is not let in: a dry run for the administrator, after a dry proof. */
  readonly explain: (call: Call) => readonly Explained[]
  /** The size check alone, for a body that grows while it is read. */
  readonly measure: (call: Call) => Refused | undefined
}

/**
 * The table. Rows run from top to bottom and the first that refuses ends the call, so each relies on those above it.
 *
 * - Where a call comes from is asked first: from a network that is not allowed nobody gets to guess, or to make us work.
 * - Who calls is established before what is called: an unknown caller does not learn which addresses exist. What holds
 *   for the caller wherever it calls follows at once; from the rate of the client on each call of a known client counts.
 * - Then the address, what it asks besides, and the role. Only calls that may be made count towards the rates of
 *   endpoint and tenant, which come last: nobody without the role can use up what others need.
 */
export function createChecks(given: {
  readonly identity: Pick<Identity, 'revision' | 'policy' | 'endpointPolicy'>
  readonly authenticator: Pick<Authenticator, 'isProxy'>
  readonly routes: Routes
  readonly csrf: Csrf
  readonly clock: Clock
}): Checks {
  const { identity, authenticator, routes, csrf, clock } = given
  const policies = createPolicies(identity)
  const policy = createPolicyChecks(policies)
  const rate = createRateChecks(policies, clock)
  const size: Check = { stage: 'size', needs: ['match'], check: checkSize }

  const arrival: readonly Check[] = [
    { stage: 'network', needs: ['address'], check: checkNetworkOfPeer },
    { stage: 'tls', needs: [], check: policy.serverName },
    { stage: 'method', needs: [], check: checkMethodKnown },
  ]
  const table: readonly Check[] = [
    { stage: 'certificate', needs: ['proof'], check: checkCertificate },
    { stage: 'network', needs: ['proof', 'address'], check: checkNetworkBehindProxy },
    { stage: 'identity', needs: ['proof'], check: createIdentityCheck({ routes, policies }) },
    { stage: 'policy', needs: ['identity'], check: policy.tenant },
    { stage: 'rate', needs: ['identity'], check: rate.client },
    { stage: 'plan', needs: ['identity'], check: checkPlan },
    { stage: 'route', needs: ['proof'], check: checkRoute },
    { stage: 'network', needs: ['match', 'address'], check: policy.endpointNetwork },
    { stage: 'method', needs: ['match'], check: checkMethodServed },
    { stage: 'policy', needs: ['identity', 'match'], check: policy.endpoint },
    { stage: 'role', needs: ['identity', 'match'], check: checkRole },
    { stage: 'csrf', needs: ['identity', 'match', 'csrfToken'], check: checkCsrf },
    size,
    { stage: 'rate', needs: ['identity', 'match'], check: rate.address },
  ]

  /** The address of a trusted proxy says nothing; that of its client is known once the proxy is. */
  function checkNetworkOfPeer(call: Call): Refused | undefined {
    const refusal = policy.network(call)
    return refusal !== undefined && authenticator.isProxy(call.connection) ? undefined : refusal
  }

  function checkNetworkBehindProxy(call: Call): Refused | undefined {
    return call.proxy === undefined ? undefined : policy.network(call)
  }

  function checkRoute(call: Call): Refused | undefined {
    call.match = routes.find(call.path)
    return call.match === undefined ? refused('route.unknown', { path: call.path.slice(0, 500) }) : undefined
  }

  function checkCsrf(call: Call): Refused | undefined {
    if (!asksForToken(call)) return undefined
    const { identity: caller, head } = call
    if (caller !== undefined && csrf.verify(caller.client, head.cookie, head.csrfToken)) return undefined
    return refused('csrf.tokenInvalid', { present: head.csrfToken !== undefined })
  }

  const isOpen = (call: Call, { needs }: Check): boolean =>
    needs.some((need) => {
      if (need === 'address') return call.remoteAddress === ''
      if (need === 'csrfToken') return asksForToken(call) && call.head.csrfToken === undefined
      return need !== 'proof' && call[need] === undefined
    })

  return {
    arrive: (call) => first(arrival, call),
    run: (call) => first(table, call),
    explain: (call) =>
      [...arrival, ...table].map((row) => {
        const { stage, check } = row
        if (isOpen(call, row)) return { stage, outcome: 'open', refused: undefined }
        const refusal = check(call, true)
        return { stage, outcome: refusal === undefined ? 'passed' : 'refused', refused: refusal }
      }),
    measure: (call) => checkSize(call),
  }
}

function first(rows: readonly Check[], call: Call): Refused | undefined {
  for (const { check } of rows) {
    const refusal = check(call, false)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

const asksForToken = ({ method, match }: Call): boolean =>
  match?.door.route.csrfProtected === true && !harmless.has(method)

const served: Readonly<Record<HttpRoute['protocol'], readonly string[]>> = {
  REST: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  SOAP: ['GET', 'HEAD', 'POST'],
  AS2: ['POST'],
}
const known = new Set(served.REST)

const forbidden = (method: string, allowed: readonly string[]): Refused => {
  const listed = allowed.join(', ')
  return { ...refused('method.forbidden', { method, allowed: listed }), headers: [['Allow', listed]] }
}

/** TRACE would give a script of a browser the credentials back; CONNECT and the like are not for servers. */
const checkMethodKnown = ({ method }: Call): Refused | undefined =>
  known.has(method) ? undefined : forbidden(method, served.REST)

function checkMethodServed({ method, match }: Call): Refused | undefined {
  const allowed = served[match?.door.route.protocol ?? 'REST']
  return allowed.includes(method) ? undefined : forbidden(method, allowed)
}

/** Users have no plan: their roles say all. */
function checkPlan({ identity, plan }: Call): Refused | undefined {
  if (identity === undefined || identity.plan === undefined || identity.plan === plan) return undefined
  return refused('plan.mismatch', { clientId: nameOf(identity), plan: identity.plan, needed: plan })
}

/**
 * By role: one role of the caller is identical to the channel's. By certificate: subject and issuer are those of a pair
 * in the channel; that the certificate is registered besides, or need not be, the rows above made sure of.
 */
function checkRole(call: Call): Refused | undefined {
  const { identity, match, presented, byCertificate: owner } = call
  if (identity === undefined || match === undefined) return refused('role.certificateNeeded')
  const { route, pairs, unreadable } = match.door
  const { authorization } = route
  if (authorization.kind !== 'certificate') {
    if (byNamesOnly(call)) return refused('role.namesOnly', { subject: identity.principal.subject })
    if (authorization.kind === 'identity' || identity.roles.has(authorization.role)) return undefined
    const roles = [...identity.roles].join(', ') || 'no role'
    return refused('role.missing', { client: nameOf(identity), role: authorization.role, roles })
  }
  if (presented === undefined || owner === undefined) return refused('role.certificateNeeded')
  if (presented.pair !== undefined && pairs.has(presented.pair)) return undefined
  const [name] = presented.pair === undefined ? [presented.subject] : unreadable
  if (name !== undefined) return refused('role.undecidable', { unreadable: JSON.stringify(name) })
  return refused('role.certificateNotListed', presented)
}

function checkSize({ size, match }: Call): Refused | undefined {
  const most = match?.door.route.maxBodySize ?? 0
  return size > most ? refused('size.bodyTooLarge', { size, most }) : undefined
}
