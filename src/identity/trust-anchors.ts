import type { X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import { factsOf } from '../keystore/index.ts'
import { readChain, refuseWeak } from './client-certificate.ts'
import type { Identity } from './contracts.ts'
import { faults } from './faults.ts'
import { authored, nameProblems } from './names.ts'
import type { TrustAnchor } from './records.ts'
import { commonNameOf } from './registration.ts'
import type { Draft, Registry, View } from './registry.ts'
import { policyOf } from './tenant-policy.ts'

type Anchors = Pick<Identity, 'anchors' | 'ensureBuiltInAnchor'>

/** What client certificates are trusted by, besides the public roots. */
export function createTrustAnchors({
  registry,
  clock,
}: {
  readonly registry: Registry
  readonly clock: Clock
}): Anchors {
  function present(view: View, fingerprint: string): TrustAnchor {
    const anchor = view.of('anchor').get(fingerprint.toLowerCase())
    if (anchor === undefined) throw faults.anchorUnknown({ fingerprint })
    return anchor
  }

  function add(
    draft: Draft,
    certificate: X509Certificate,
    {
      name,
      origin,
      author,
    }: { readonly name?: string | undefined; readonly origin: TrustAnchor['origin']; readonly author: string },
  ): TrustAnchor {
    const { fingerprint, subject, isAuthority, validTo } = factsOf(certificate)
    const problems = [
      ...(name === undefined ? [] : nameProblems(name, 150)),
      ...(validTo <= clock.now() ? [`'${subject}' has expired on ${new Date(validTo).toISOString()}`] : []),
    ]
    if (problems.length > 0) throw faults.anchorInvalid({ problems })
    refuseWeak(certificate, subject, policyOf(draft).minimumRsaBits)
    const taken = draft.of('anchor').get(fingerprint)
    if (taken !== undefined) throw faults.anchorTaken({ fingerprint, name: taken.name })
    return draft.put('anchor', {
      fingerprint,
      kind: isAuthority ? 'ca' : 'leaf',
      name: name ?? commonNameOf(subject),
      pem: certificate.toString(),
      origin,
      ...authored(author, clock.now()),
    })
  }

  return {
    anchors: {
      list: () => [...registry.view().of('anchor').values()],
      find: (fingerprint) => registry.view().of('anchor').get(fingerprint.toLowerCase()),
      create: (request, author) =>
        registry.change((draft) => {
          const [certificate, ...more] = readChain(request.certificate)
          if (certificate === undefined || more.length > 0)
            throw faults.anchorInvalid({ problems: [`these are ${more.length + 1} certificates: give one at a time`] })
          return add(draft, certificate, { name: request.name, origin: 'administrator', author })
        }),
      update: (id, change, author) =>
        registry.change((draft) => {
          const anchor = present(draft, id)
          const { name } = change
          const problems = nameProblems(name, 150)
          if (problems.length > 0) throw faults.anchorInvalid({ problems })
          return draft.put('anchor', { ...anchor, name, ...authored(author, clock.now(), anchor) })
        }),
      remove: (id) =>
        registry.change((draft) => {
          const { fingerprint } = present(draft, id)
          draft.drop('anchor', fingerprint)
        }),
    },
    ensureBuiltInAnchor: (pem) =>
      registry.change((draft) => {
        const [certificate] = readChain(pem)
        if (certificate === undefined) return
        const { fingerprint } = factsOf(certificate)
        const policy = draft.of('tenantPolicy').get('tenant')
        if (policy?.builtInCa === fingerprint) return
        const author = 'Sluice'
        if (!draft.of('anchor').has(fingerprint)) add(draft, certificate, { origin: 'built-in', author })
        const now = clock.now()
        draft.put('tenantPolicy', { ...policyOf(draft), ...authored(author, now), ...policy, builtInCa: fingerprint })
      }),
  }
}
