/** A small PKI, and path validation of a certificate in it. */
import assert from 'node:assert/strict'

import { silentLog } from '../../src/base/index.ts'
import { type Made, make, noon } from '../../src/trust/certificate-maker.ts'
import { createTrust, type Trusted, type Verdict } from '../../src/trust/trust.ts'

export const trusted: Trusted = { anchors: [], crls: [], publicRoots: false, revocation: 'off', minimumRsaBits: 2048 }
export const root = make({ subject: 'Root', authority: true })
export const ca = make({ subject: 'Intermediate', issuer: root, authority: true })
export const leaf = make({ subject: 'leaf', issuer: ca })

export function validate(
  given: Made,
  sent: readonly Made[] = [ca],
  anchors: readonly Made[] = [root],
  pinned: readonly Made[] = [],
): Verdict {
  const trust = createTrust({ clock: { now: () => noon, monotonic: () => 0 }, log: silentLog })
  trust.set({
    ...trusted,
    anchors: [
      ...anchors.map(({ x509 }) => ({ kind: 'ca', certificate: x509 }) as const),
      ...pinned.map(({ x509 }) => ({ kind: 'leaf', certificate: x509 }) as const),
    ],
  })
  const verdict = trust.validate(
    given.x509,
    sent.map(({ x509 }) => x509),
  )
  assert.ok(!(verdict instanceof Promise), 'nothing has to be fetched')
  return verdict
}

export const codeOf = (verdict: Verdict) => (verdict.trusted ? 'trusted' : verdict.failure.code)
