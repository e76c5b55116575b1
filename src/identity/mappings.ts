import type { Managed, MappingRequest } from './contracts.ts'
import { createHeldCertificates, type HeldParts, windowOf } from './held-certificates.ts'
import type { RegisteredCertificate } from './records.ts'
import { certificateOf } from './registration.ts'
import { userFor } from './users.ts'

/**
 * Certificates that stand for users. A user that does not exist is made, without password and roles. As at the
 * original, creating one for a certificate that is mapped already changes its user.
 */
export function createMappings(parts: HeldParts): Managed<RegisteredCertificate, MappingRequest> {
  const { registry, registrar, clock } = parts
  const held = createHeldCertificates(parts, 'user')
  return {
    list: held.list,
    find: held.find,
    remove: held.remove,
    async create(request, author) {
      await registry.reload()
      const candidate = await registrar.prepare(request.certificate)
      return registry.change((draft) => {
        const { name: id } = userFor(draft, request.user, author, clock.now())
        const present = draft.of('certificate').get(candidate.facts.fingerprint)
        if (present?.holder.kind === 'user')
          return held.replace(draft, present, { id, author, from: request.from, until: request.until })
        const holder = { kind: 'user', id } as const
        return registrar.register(draft, candidate, { holder, from: request.from, until: request.until, author })
      })
    },
    async update(fingerprint, change, author) {
      const candidate = await held.prepare(change.certificate)
      return registry.change((draft) => {
        const present = certificateOf(draft, fingerprint, 'user')
        const id = change.user === undefined ? present.holder.id : userFor(draft, change.user, author, clock.now()).name
        return held.replace(draft, present, { id, author, candidate, ...windowOf(change) })
      })
    },
  }
}
