import { X509Certificate } from 'node:crypto'

import { type Clock, silentLog } from '../base/index.ts'
import type { Identity } from '../identity/index.ts'
import type { RegisteredCertificate } from '../identity/records.ts'
import { type Anchor, createTrust, type Trust } from '../trust/index.ts'
import type { Breakage, CalendarEntry, ExpiryCalendar, Rehearse } from './contracts.ts'
import { faults } from './faults.ts'
import { holderWords, isSigning } from './sources.ts'

type Known = Pick<Identity, 'certificates' | 'keys' | 'instances' | 'anchors' | 'identityProviders' | 'policy'>

/** Answers what would no longer work without something that is in the calendar; nothing is changed. */
export function createRehearsal(given: {
  readonly calendar: ExpiryCalendar
  readonly identity: Known
  readonly clock: Clock
  /** Words for each place where an alias of the keystore is used. */
  readonly whereUsed: (kind: 'key' | 'credential', alias: string) => Promise<readonly string[]>
}): Rehearse {
  const { calendar, identity, clock, whereUsed } = given

  /** @throws expiry.itemUnknown, expiry.itemAmbiguous */
  async function find(kind: string, name: string): Promise<CalendarEntry> {
    const ofKind = (await calendar.entries()).filter((entry) => entry.kind === kind)
    const byId = ofKind.find(({ id }) => id === name)
    if (byId !== undefined) return byId
    const [found, ...others] = ofKind.filter((entry) => entry.name === name)
    if (found === undefined) throw faults.itemUnknown({ kind, name })
    if (others.length > 0) throw faults.itemAmbiguous({ kind, name, ids: [found, ...others].map(({ id }) => id) })
    return found
  }

  async function breaksWithout({ kind, id }: CalendarEntry): Promise<readonly Breakage[]> {
    switch (kind) {
      case 'client certificate':
        return withoutCertificate(identity, id, clock.now())
      case 'service key':
        return withoutKey(identity, id)
      case 'trust anchor':
        return withoutAnchor(identity, id, clock)
      case 'server certificate':
        return [{ what: 'both listeners', why: 'clients refuse connections until it is renewed' }]
      case 'revocation list':
        return identity.policy().revocation === 'hard'
          ? [{ what: 'client certificates of this issuer', why: 'nobody can say that they are not revoked' }]
          : []
      case 'signing certificate':
        return withoutSigning(identity, id, clock.now())
      case 'publisher certificate':
        return [
          { what: 'deployments of bundles that it signed', why: 'their signature would be of nobody who is trusted' },
        ]
      case 'key pair':
      case 'certificate':
        return (await whereUsed('key', id)).map((what) => ({ what, why: `it names the alias ${id}` }))
      default:
        // Which PGP key a message needs is known only when it comes.
        return []
    }
  }

  return async (kind, name) => {
    const entry = await find(kind, name)
    return { kind: entry.kind, id: entry.id, name: entry.name, breaks: await breaksWithout(entry) }
  }
}

const counts = ({ validFrom, validTo, from, until }: RegisteredCertificate, now: number): boolean =>
  now >= Math.max(validFrom, from ?? -Infinity) && now <= Math.min(validTo, until ?? Infinity)

/** What it stands for goes on where another certificate of the same holder counts now. */
function withoutCertificate(identity: Known, fingerprint: string, now: number): readonly Breakage[] {
  const record = identity.certificates.find(fingerprint)
  if (record === undefined) return []
  const others = identity.certificates.list(record.holder).filter((other) => other.fingerprint !== fingerprint)
  if (others.some((other) => counts(other, now))) return []
  return [{ what: holderWords(identity, record), why: 'it has no other certificate that counts now' }]
}

function withoutKey(identity: Known, id: string): readonly Breakage[] {
  const key = identity.keys.find(id)
  const instance = key && identity.instances.find(key.instanceId)
  if (key === undefined || instance === undefined) return []
  const what = `calls with the client id ${key.clientId}`
  return [{ what, why: `it is the service key ${key.name} of the instance ${instance.name}` }]
}

/** Assertions go on where another certificate of the provider counts now. Its published keys verify JWTs alone. */
function withoutSigning(identity: Known, id: string, now: number): readonly Breakage[] {
  const provider = identity.identityProviders
    .list()
    .find((each) => each.certificates.some(({ fingerprint }) => fingerprint === id))
  if (provider?.enabled !== true) return []
  const others = provider.certificates.filter(({ fingerprint }) => fingerprint !== id)
  if (others.some((other) => isSigning(other, now))) return []
  const what = `${provider.jwks.length > 0 ? 'SAML assertions' : 'assertions'} of ${provider.issuer}`
  return [{ what, why: `the identity provider ${provider.name} has no other certificate that counts now` }]
}

/** Registered certificates that lead to an anchor now, and to none without this one. Revocation is left aside. */
async function withoutAnchor(identity: Known, fingerprint: string, clock: Clock): Promise<readonly Breakage[]> {
  const anchors = identity.anchors.list()
  const now = trustOf(identity, anchors, clock)
  const then = trustOf(
    identity,
    anchors.filter((anchor) => anchor.fingerprint !== fingerprint),
    clock,
  )
  const lost: Breakage[] = []
  for (const record of identity.certificates.list()) {
    const certificate = new X509Certificate(record.pem)
    if (!(await now.validate(certificate, [])).trusted) continue
    if ((await then.validate(certificate, [])).trusted) continue
    lost.push({ what: holderWords(identity, record), why: `its certificate ${record.subject} would lead to no anchor` })
  }
  return lost
}

function trustOf(identity: Known, anchors: ReturnType<Identity['anchors']['list']>, clock: Clock): Trust {
  const { publicRoots, minimumRsaBits, pinOnRegistration } = identity.policy()
  const trust = createTrust({ clock, log: silentLog })
  const counting = anchors.filter(({ origin }) => pinOnRegistration || origin !== 'registration')
  trust.set({
    anchors: counting.map(({ kind, pem }): Anchor => ({ kind, certificate: new X509Certificate(pem) })),
    crls: [],
    publicRoots,
    revocation: 'off',
    minimumRsaBits,
  })
  return trust
}
