import type { X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { HttpRoute } from '../flow/index.ts'
import type { Identified, Identity } from '../identity/index.ts'
import { leadsTo } from '../keystore/index.ts'
import { readBasic } from './authorization.ts'
import type { Call } from './call.ts'
import type { Csrf } from './csrf.ts'
import { type Refused, refused, type Stage } from './refusals.ts'
import type { Routes } from './routes.ts'

/** One row of the table of checks. */
export interface Check {
  readonly stage: Stage
  /** What rows before must have found out. A dry run leaves the row open where they have not. */
  readonly needs: readonly ('identity' | 'match')[]
  /** Undefined lets the call pass. */
  readonly check: (call: Call) => Refused | undefined
}

/** What a row says in a dry run. */
export interface Explained {
  readonly stage: Stage
  readonly outcome: 'passed' | 'refused' | 'open'
  readonly refused: Refused | undefined
}

export interface Checks {
  /** The first refusal; undefined lets the call in. */
  readonly run: (call: Call) => Refused | undefined
  /** Every row on a call that is not let in: a dry run for the administrator. */
  readonly explain: (call: Call) => readonly Explained[]
  /** The size check alone, for a body that grows while it is read. */
  readonly measure: (call: Call) => Refused | undefined
}

/**
 * The table. Rows run from top to bottom and the first that refuses ends the call, so each relies on those above it.
 * Who calls is established before what is called: an unknown caller does not learn which addresses exist.
 */
export function createChecks(given: {
  readonly identity: Identity
  readonly routes: Routes
  readonly csrf: Csrf
  readonly clock: Clock
  /** CAs whose certificates need no registration to be called trusted; identity is by registration in any case. */
  readonly anchors: readonly X509Certificate[]
}): Checks {
  const { identity, routes, csrf, clock, anchors } = given
  const size: Check = { stage: 'size', needs: ['match'], check: checkSize }

  const table: readonly Check[] = [
    { stage: 'method', needs: [], check: checkMethodKnown },
    { stage: 'certificate', needs: [], check: checkCertificate },
    { stage: 'identity', needs: [], check: checkIdentity },
    { stage: 'plan', needs: ['identity'], check: checkPlan },
    { stage: 'route', needs: [], check: checkRoute },
    { stage: 'method', needs: ['match'], check: checkMethodServed },
    { stage: 'role', needs: ['identity', 'match'], check: checkRole },
    { stage: 'csrf', needs: ['identity', 'match'], check: checkCsrf },
    size,
  ]

  /** The owner of the presented certificate. */
  function owner({ connection }: Call): Identified | undefined {
    const { presented, byCertificate } = connection
    if (presented === undefined) return undefined
    const { revision } = identity
    if (byCertificate?.revision === revision) return byCertificate.identified
    const identified = identity.byCertificate(presented.fingerprint)
    connection.byCertificate = { revision, identified }
    return identified
  }

  /**
   * The handshake proved that the client has the private key. A registered certificate needs nothing more: it is
   * pinned. Any other is refused; whether a trusted CA issued it only makes the reason clearer.
   */
  function checkCertificate(call: Call): Refused | undefined {
    const { presented } = call.connection
    if (presented === undefined) return undefined
    const { subject, issuer, validFrom, validTo, certificate } = presented
    const now = clock.now()
    if (now < validFrom) return refused('certificate.notYetValid', { subject, from: new Date(validFrom).toISOString() })
    if (now >= validTo) return refused('certificate.expired', { subject, to: new Date(validTo).toISOString() })
    if (!presented.forClients) return refused('certificate.notForClients', { subject })
    if (owner(call) === undefined && !leadsTo(anchors, certificate))
      return refused('certificate.untrusted', { subject, issuer })
    return undefined
  }

  /** Certificate or Authorization header; whoever sends both must be the same client by both. */
  function checkIdentity(call: Call): Refused | undefined {
    const { presented } = call.connection
    const { authorization, severalAuthorizations } = call.head
    const byCertificate = owner(call)
    if (presented !== undefined && byCertificate === undefined) return refused('identity.certificateUnknown', presented)
    if (severalAuthorizations)
      return refused('identity.authorizationMalformed', { why: 'there is more than one of it' })
    if (authorization === undefined) {
      call.identity = byCertificate
      return byCertificate === undefined ? refused('identity.credentialMissing') : undefined
    }
    const found = verify(call, authorization)
    if ('stage' in found) return found
    if (byCertificate !== undefined && byCertificate.instanceId !== found.instanceId)
      return refused('identity.contradictory', { one: byCertificate.principal.name, other: found.principal.name })
    call.identity = byCertificate ?? found
    return undefined
  }

  /** Only headers found right are remembered, so comparing with them tells a guesser nothing about a secret. */
  function verify({ connection }: Call, header: string): Identified | Refused {
    const { revision } = identity
    const remembered = connection.byAuthorization
    if (remembered?.revision === revision && remembered.identified !== undefined && remembered.header === header)
      return remembered.identified
    const basic = readBasic(header)
    if ('refused' in basic) return basic.refused
    const identified = identity.byClientSecret(basic.clientId, basic.secret)
    if (identified === undefined) {
      const { clientId } = basic
      const shown = identity.knowsClient(clientId) || looksLikeClientId.test(clientId)
      return refused('identity.secretWrong', { clientId: shown ? clientId : undefined })
    }
    connection.byAuthorization = { revision, identified, header }
    return identified
  }

  function checkRoute(call: Call): Refused | undefined {
    call.match = routes.find(call.path)
    return call.match === undefined ? refused('route.unknown', { path: call.path.slice(0, 500) }) : undefined
  }

  function checkCsrf({ method, match, identity, head }: Call): Refused | undefined {
    if (match?.door.route.csrfProtected !== true || harmless.has(method)) return undefined
    const client = identity?.principal.name
    if (client !== undefined && csrf.verify(client, head.cookie, head.csrfToken)) return undefined
    return refused('csrf.tokenInvalid', { present: head.csrfToken !== undefined })
  }

  return {
    run(call) {
      for (const { check } of table) {
        const refusal = check(call)
        if (refusal !== undefined) return refusal
      }
      return undefined
    },
    explain: (call) =>
      table.map(({ stage, needs, check }) => {
        if (needs.some((need) => call[need] === undefined)) return { stage, outcome: 'open', refused: undefined }
        const refusal = check(call)
        return { stage, outcome: refusal === undefined ? 'passed' : 'refused', refused: refusal }
      }),
    measure: size.check,
  }
}

/** The form of the ids of service keys, as in `sb-…!…`. */
const looksLikeClientId = /^sb-[^!\s]{1,60}![^\s]{1,36}$/

const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

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

function checkPlan({ identity, plan }: Call): Refused | undefined {
  if (identity?.plan === plan) return undefined
  const clientId = identity?.principal.name ?? ''
  return refused('plan.mismatch', { clientId, plan: identity?.plan ?? 'none', needed: plan })
}

/**
 * By role: one role of the instance is identical to the channel's. By certificate: subject and issuer are those of a
 * pair in the channel; the certificate is registered besides, which the rows above made sure of.
 */
function checkRole({ identity, match, connection }: Call): Refused | undefined {
  if (identity === undefined || match === undefined) return refused('role.certificateNeeded')
  const { route, pairs, unreadable } = match.door
  const { authorization } = route
  if (authorization.kind === 'identity') return undefined
  if (authorization.kind === 'role') {
    if (identity.roles.has(authorization.role)) return undefined
    const roles = [...identity.roles].join(', ') || 'none'
    return refused('role.missing', { clientId: identity.principal.name, role: authorization.role, roles })
  }
  const { presented } = connection
  if (presented === undefined) return refused('role.certificateNeeded')
  if (presented.pair !== undefined && pairs.has(presented.pair)) return undefined
  const [name] = presented.pair === undefined ? [presented.subject] : unreadable
  if (name !== undefined) return refused('role.undecidable', { unreadable: JSON.stringify(name) })
  return refused('role.certificateNotListed', presented)
}

function checkSize({ size, match }: Call): Refused | undefined {
  const most = match?.door.route.maxBodySize ?? 0
  return size > most ? refused('size.bodyTooLarge', { size, most }) : undefined
}
