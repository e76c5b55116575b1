import { type Clock, Fault } from '../base/index.ts'
import { pairOf } from '../keystore/index.ts'
import type { Identity } from './contracts.ts'
import { readClientCertificate } from './client-certificate.ts'
import { faults } from './faults.ts'
import { keyOf } from './key-records.ts'
import { authored } from './names.ts'
import type { Holder } from './records.ts'
import {
  type Candidate,
  certificateOf,
  certificatesOfKey,
  dropCertificate,
  judgedCandidate,
  pairOfCertificate,
  type Registrar,
  windowProblems,
} from './registration.ts'
import type { Draft, Registry } from './registry.ts'
import { policyOf } from './tenant-policy.ts'

/** All registered certificates, whatever they stand for. */
export function createCertificates(given: {
  readonly registry: Registry
  readonly registrar: Registrar
  readonly clock: Clock
}): Identity['certificates'] {
  const { registry, registrar, clock } = given

  function renewed(draft: Draft, keyId: string, candidate: Candidate): boolean {
    const key = draft.of('key').get(keyId)
    const { fingerprint, subject, issuer, validFrom } = candidate.facts
    if (key === undefined || key.pinned || ended(key.until) || draft.of('certificate').has(fingerprint)) return false
    const before = certificatesOfKey(draft, keyId)
    const pair = pairOf(subject, issuer)
    const counts = before.some((each) => pairOfCertificate(each) === pair && !ended(each.until))
    if (pair === undefined || !counts || before.some((each) => each.validFrom >= validFrom)) return false
    for (const each of before) dropCertificate(draft, each.fingerprint)
    registrar.register(draft, candidate, { holder: { kind: 'key', id: keyId }, author: key.clientId })
    return true
  }

  const ended = (until: number | undefined) => until !== undefined && until <= clock.now()

  return {
    list: (holder) => [...registry.view().of('certificate').values()].filter(heldBy(holder)),
    find: (fingerprint) => registry.view().of('certificate').get(fingerprint.toLowerCase()),
    async addToKey(keyId, request, author) {
      const { from, until } = request
      await registry.reload()
      keyOf(registry.view(), keyId)
      const candidate = await registrar.prepare(request.certificate)
      return registry.change((draft) => {
        if (keyOf(draft, keyId).type !== 'certificate_external')
          throw faults.keyInvalid({
            problems: ['only a key with external certificates takes a further one; rotate this key'],
          })
        return registrar.register(draft, candidate, { holder: { kind: 'key', id: keyId }, from, until, author })
      })
    },
    setWindow: (fingerprint, { from, until }, author) =>
      registry.change((draft) => {
        const certificate = certificateOf(draft, fingerprint)
        const problems = windowProblems({ from, until }, certificate)
        if (problems.length > 0) throw faults.registrationInvalid({ problems })
        return draft.put('certificate', {
          ...certificate,
          from,
          until,
          ...authored(author, clock.now(), certificate),
        })
      }),
    remove: (fingerprint) =>
      registry.change((draft) => dropCertificate(draft, certificateOf(draft, fingerprint).fingerprint)),
    async renew(keyId, certificate) {
      const { minimumRsaBits } = policyOf(registry.view())
      try {
        const candidate = judgedCandidate(readClientCertificate(certificate, { now: clock.now(), minimumRsaBits }))
        return await registry.change((draft) => renewed(draft, keyId, candidate))
      } catch (thrown) {
        // What is refused is no renewal; what could not be tried is another matter.
        if (thrown instanceof Fault && thrown.kind !== 'unavailable') return false
        throw thrown
      }
    },
  }
}

const heldBy =
  (holder: Holder | undefined) =>
  ({ holder: { kind, id } }: { readonly holder: Holder }): boolean =>
    holder === undefined || (kind === holder.kind && id === holder.id)
