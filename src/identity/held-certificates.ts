import type { Clock } from '../base/index.ts'
import type { CertificateRequest } from './contracts.ts'
import { faults } from './faults.ts'
import { authored } from './names.ts'
import type { Holder, RegisteredCertificate } from './records.ts'
import { type Candidate, certificateOf, dropCertificate, type Registrar, windowProblems } from './registration.ts'
import type { Draft, Registry } from './registry.ts'

/** What certificates that stand for somebody by name are kept with. */
export interface HeldParts {
  readonly registry: Registry
  readonly registrar: Registrar
  readonly clock: Clock
}

/** Changes to certificates of one kind of holder. */
export function createHeldCertificates({ registry, registrar, clock }: HeldParts, kind: Holder['kind']) {
  const ofKind = ({ holder }: RegisteredCertificate) => holder.kind === kind

  /** The certificate under another name, in another window, or another certificate in its place. */
  function replace(
    draft: Draft,
    present: RegisteredCertificate,
    given: Partial<Omit<CertificateRequest, 'certificate'>> & {
      readonly candidate?: Candidate | undefined
      readonly id: string
      readonly author: string
    },
  ): RegisteredCertificate {
    const { candidate, id, author } = given
    const holder = { kind, id }
    if (candidate !== undefined && candidate.facts.fingerprint !== present.fingerprint) {
      dropCertificate(draft, present.fingerprint)
      return registrar.register(draft, candidate, { holder, author, from: given.from, until: given.until })
    }
    const from = 'from' in given ? given.from : present.from
    const until = 'until' in given ? given.until : present.until
    const problems = windowProblems({ from, until }, present)
    if (problems.length > 0) throw faults.registrationInvalid({ problems })
    return draft.put('certificate', { ...present, holder, from, until, ...authored(author, clock.now(), present) })
  }

  return {
    replace,
    /** Reads a certificate after what others changed, where one is given. */
    async prepare(certificate: string | Uint8Array | undefined): Promise<Candidate | undefined> {
      await registry.reload()
      return certificate === undefined ? undefined : registrar.prepare(certificate)
    },
    list: () => [...registry.view().of('certificate').values()].filter(ofKind),
    find: (fingerprint: string): RegisteredCertificate | undefined => {
      const found = registry.view().of('certificate').get(fingerprint.toLowerCase())
      return found && ofKind(found) ? found : undefined
    },
    remove: (fingerprint: string) =>
      registry.change((draft) => dropCertificate(draft, certificateOf(draft, fingerprint, kind).fingerprint)),
  }
}

/** Which of the two times a request speaks of. */
export const windowOf = (request: Partial<CertificateRequest>) => ({
  ...('from' in request && { from: request.from }),
  ...('until' in request && { until: request.until }),
})
