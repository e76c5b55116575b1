import { createPublicKey, X509Certificate } from 'node:crypto'

import { type Clock, uuid } from '../base/index.ts'
import type { IdentityProviderRequest, Managed } from './contracts.ts'
import { faults } from './faults.ts'
import { algorithmsOf } from './json-web-keys.ts'
import { authored, comparable } from './names.ts'
import { type IsPattern, patternsOf, type ProviderParameters, readIdentityProvider } from './read-identity-provider.ts'
import type { IdentityProvider } from './records.ts'
import { holderWords, signerWords } from './registration.ts'
import type { Draft, Registry, View } from './registry.ts'
import { certificateWarnings, endOf } from './signing-certificates.ts'

/** Identity providers: whose signed word counts for users. */
export function createIdentityProviders(given: {
  readonly registry: Registry
  readonly clock: Clock
}): Managed<IdentityProvider, IdentityProviderRequest> {
  const { registry, clock } = given
  return {
    list: () => [...registry.view().of('identityProvider').values()],
    find: (id) => registry.view().of('identityProvider').get(id),
    async create(request, author) {
      const isPattern = await patternsOf(request)
      return registry.change((draft) => draftIdentityProvider(draft, request, { author, now: clock.now(), isPattern }))
    },
    async update(id, change, author) {
      const isPattern = await patternsOf(change)
      return registry.change((draft) => {
        const before = providerOf(draft, id)
        const now = clock.now()
        const parameters = checked(draft, change, { now, isPattern, before })
        return draft.put('identityProvider', { id, ...parameters, ...authored(author, now, before) })
      })
    },
    remove: (id) =>
      registry.change((draft) => {
        providerOf(draft, id)
        draft.drop('identityProvider', id)
      }),
  }
}

/** @throws identity.identityProviderInvalid, identityProviderTaken, certificateTaken */
export function draftIdentityProvider(
  draft: Draft,
  request: IdentityProviderRequest,
  given: { readonly author: string; readonly now: number; readonly isPattern: IsPattern },
): IdentityProvider {
  const parameters = checked(draft, request, { ...given, before: undefined })
  return draft.put('identityProvider', { id: uuid(), ...parameters, ...authored(given.author, given.now) })
}

/** @throws identity.identityProviderUnknown */
export function providerOf(view: View, id: string): IdentityProvider {
  const provider = view.of('identityProvider').get(id)
  if (provider === undefined) throw faults.identityProviderUnknown({ provider: id })
  return provider
}

/** What is questionable about a provider that counts all the same, in words; shown wherever it is. */
export const providerWarnings = (provider: IdentityProvider, now: number): readonly string[] => [
  ...(provider.sha1 ? ['signatures by RSA with SHA-1 are accepted, which can be forged'] : []),
  ...provider.certificates.flatMap((each) => certificateWarnings(each, now)),
  ...(provider.certificates.length > 0 && provider.jwks.length === 0 && !countsNow(provider, now)
    ? ['none of its certificates counts now: nothing that it signs is accepted']
    : []),
]

const countsNow = ({ certificates }: IdentityProvider, now: number): boolean =>
  certificates.some((each) => endOf(each) > now && startOf(each) <= now)

const startOf = ({ pem, from }: IdentityProvider['certificates'][number]): number =>
  Math.max(new X509Certificate(pem).validFromDate.getTime(), from ?? 0)

function checked(
  view: View,
  request: Partial<IdentityProviderRequest>,
  {
    now,
    isPattern,
    before,
  }: { readonly now: number; readonly isPattern: IsPattern; readonly before: IdentityProvider | undefined },
): ProviderParameters {
  const { parameters, problems } = readIdentityProvider(request, before, isPattern)
  const found = [
    ...problems,
    ...(problems.length > 0 ? [] : keyProblems(parameters, now, request)),
    ...(request.clients === undefined || problems.length > 0 ? [] : clientProblems(view, parameters)),
  ]
  if (found.length > 0) throw faults.identityProviderInvalid({ problems: found })
  refuseTaken(view, parameters, before?.id)
  return parameters
}

/** Whether anything that the provider signs could be accepted. */
function keyProblems(
  { certificates, jwks, jwksUri, algorithms }: ProviderParameters,
  now: number,
  request: Partial<IdentityProviderRequest>,
): readonly string[] {
  if (certificates.length === 0 && jwks.length === 0 && jwksUri === undefined)
    return ['certificates, jwks or jwks-uri is needed: without a key nothing can be verified']
  const problems: string[] = []
  if (request.certificates !== undefined && certificates.length > 0 && certificates.every((each) => endOf(each) <= now))
    problems.push('certificates has none that is valid now or later')
  const keys = [
    ...certificates.map(({ pem }) => new X509Certificate(pem).publicKey),
    ...jwks.map((key) => createPublicKey({ key, format: 'jwk' })),
  ]
  if (keys.length > 0 && !keys.some((key) => algorithmsOf(key).some((name) => algorithms.includes(name))))
    problems.push('algorithms has none that a key of the provider can sign by')
  return problems
}

function clientProblems(view: View, { clients }: ProviderParameters): readonly string[] {
  const known = new Set([
    ...view.of('instance').keys(),
    ...[...view.of('key').values()].map(({ clientId }) => clientId),
  ])
  return clients
    .filter((client) => !known.has(client))
    .map((client) => `clients has '${client}', which is neither a service instance nor a client id here`)
}

function refuseTaken(view: View, { name, issuer, certificates }: ProviderParameters, id: string | undefined): void {
  for (const other of view.of('identityProvider').values()) {
    if (other.id === id) continue
    const by = other.name
    if (comparable(other.name) === comparable(name))
      throw faults.identityProviderTaken({ what: 'name', value: name, by })
    if (other.issuer === issuer) throw faults.identityProviderTaken({ what: 'issuer', value: issuer, by })
  }
  for (const { fingerprint } of certificates) {
    const registered = view.of('certificate').get(fingerprint)
    const by = registered ? holderWords(view, registered.holder) : signerWords(view, fingerprint, id)
    if (by !== undefined) throw faults.certificateTaken({ fingerprint, by })
  }
}
