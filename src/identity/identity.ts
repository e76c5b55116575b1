import type { Clock } from '../base/index.ts'
import type { BuiltInCa, Sealer } from '../keystore/index.ts'
import { createCertificates } from './certificates.ts'
import type { Identity } from './contracts.ts'
import { discoverIssuer } from './discover-issuer.ts'
import { createEndpointPolicies } from './endpoint-policies.ts'
import { createGroups } from './groups.ts'
import { createIdentityProviders } from './identity-providers.ts'
import { createInstances } from './instances.ts'
import { createIssuerClient, type IssuerClient } from './issuer-client.ts'
import { createLookUp } from './look-up.ts'
import { createMappings } from './mappings.ts'
import { createNamedCertificates } from './named-certificates.ts'
import { createPasswordFailures } from './password-failures.ts'
import type { CertificateTrust, MetadataSignatures, RegistryStore } from './ports.ts'
import { createKeyRefresh } from './refresh-keys.ts'
import { createRegistrar } from './registration.ts'
import { createRegistry } from './registry.ts'
import { createRevocationLists } from './revocation-lists.ts'
import { readSamlMetadata } from './saml-metadata.ts'
import { createServiceKeys } from './service-keys.ts'
import { createTenantPolicy } from './tenant-policy.ts'
import { createTrustAnchors } from './trust-anchors.ts'
import { createTrustedSenders } from './trust-sender.ts'
import { createUserRoles } from './user-roles.ts'
import { createUsers } from './users.ts'

/**
 * Loads who is known from the store. Only a process that issues client certificates is given the CA. Without `trust`
 * certificates are registered whether they are trusted or not; the front door asks again in any case.
 */
export async function createIdentity(given: {
  readonly store: RegistryStore
  readonly sealer: Sealer
  readonly clock: Clock
  readonly ca?: BuiltInCa | undefined
  readonly trust?: CertificateTrust | undefined
  /** How issuers are read; by https with the certificates that the system trusts when absent. */
  readonly readIssuer?: IssuerClient | undefined
  /** Without it signed metadata cannot be verified, and is refused where that is asked for. */
  readonly signatures?: MetadataSignatures | undefined
}): Promise<Identity> {
  const { store, sealer, clock, ca, trust, signatures, readIssuer = createIssuerClient() } = given
  const registry = await createRegistry({ store, indexOf: (view) => createLookUp(view, clock) })
  const registrar = createRegistrar({ registry, clock, trust })
  const parts = { registry, registrar, sealer, clock, ca, trust }

  return {
    get revision() {
      return registry.revision()
    },
    reload: registry.reload,
    onChange: registry.onChange,
    byCertificate: (fingerprint) => registry.index().byCertificate(fingerprint),
    unpinned: (pair) => registry.index().unpinned(pair),
    pinnedUnder: (pair) => registry.index().pinnedUnder(pair),
    byClientSecret: (clientId, secret) => registry.index().byClientSecret(clientId, secret),
    knowsClient: (clientId) => registry.index().knowsClient(clientId),
    user: (name) => registry.index().user(name),
    byToken: (token) => registry.index().byToken(token),
    identityProviderOf: (issuer) => registry.index().identityProviderOf(issuer),
    policy: () => registry.index().policy(),
    endpointPolicy: (address) => registry.index().endpointPolicy(address),
    roles: createUserRoles(parts),
    users: createUsers(parts),
    groups: createGroups(parts),
    instances: createInstances(parts),
    keys: createServiceKeys(parts),
    certificates: createCertificates(parts),
    mappings: createMappings(parts),
    channelCertificates: createNamedCertificates(parts, 'channel'),
    proxies: createNamedCertificates(parts, 'proxy'),
    ...createTrustAnchors(parts),
    revocationLists: createRevocationLists(parts),
    tenantPolicy: createTenantPolicy(parts),
    endpointPolicies: createEndpointPolicies(parts),
    identityProviders: createIdentityProviders(parts),
    discoverIssuer: (issuer, { loopback }) => discoverIssuer(readIssuer, issuer, { loopback }),
    readSamlMetadata: (xml, { certificates = [] }) =>
      readSamlMetadata(xml, { now: clock.now(), certificates, signatures }),
    refreshKeys: createKeyRefresh({ registry, read: readIssuer, clock }),
    trustSender: createTrustedSenders(parts),
    ...createPasswordFailures(parts),
  }
}
