import type { Managed, NamedCertificateRequest } from './contracts.ts'
import { faults } from './faults.ts'
import { createHeldCertificates, type HeldParts, windowOf } from './held-certificates.ts'
import { nameProblems } from './names.ts'
import type { RegisteredCertificate } from './records.ts'
import { certificateOf } from './registration.ts'

/** Certificates of senders or proxies, under names that people gave. Several can have one name, so that they overlap. */
export function createNamedCertificates(
  parts: HeldParts,
  kind: 'channel' | 'proxy',
): Managed<RegisteredCertificate, NamedCertificateRequest> {
  const { registry, registrar } = parts
  const held = createHeldCertificates(parts, kind)
  return {
    list: held.list,
    find: held.find,
    remove: held.remove,
    async create(request, author) {
      refuseName(request.name)
      await registry.reload()
      const candidate = await registrar.prepare(request.certificate)
      const { name: id, from, until } = request
      return registry.change((draft) =>
        registrar.register(draft, candidate, { holder: { kind, id }, from, until, author }),
      )
    },
    async update(fingerprint, change, author) {
      if (change.name !== undefined) refuseName(change.name)
      const candidate = await held.prepare(change.certificate)
      return registry.change((draft) => {
        const present = certificateOf(draft, fingerprint, kind)
        return held.replace(draft, present, {
          id: change.name ?? present.holder.id,
          author,
          candidate,
          ...windowOf(change),
        })
      })
    },
  }
}

function refuseName(name: unknown): void {
  const problems = nameProblems(name, 150)
  if (problems.length > 0) throw faults.registrationInvalid({ problems })
}
