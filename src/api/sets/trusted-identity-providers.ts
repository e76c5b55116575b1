import { type Identity, providerWarnings } from '../../identity/index.ts'
import type { IdentityProvider } from '../../identity/records.ts'
import { type EntitySet, flag, int32, odataFaults, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { identityProviderOf, shownCertificates } from '../parameters/identity-provider-parameters.ts'
import { roles } from '../roles.ts'
import { requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** Grants in which an assertion of an identity provider is brought. */
const byAssertion = ['saml2-bearer', 'jwt-bearer', 'token-exchange'].map(
  (name) => `urn:ietf:params:oauth:grant-type:${name}`,
)

/** The service instances that may bring assertions of a provider, by name. */
function usedBy(identity: Identity, { clients }: IdentityProvider): readonly string[] {
  const ofClients = new Set(
    identity.keys.list().flatMap(({ clientId, instanceId }) => (clients.includes(clientId) ? [instanceId] : [])),
  )
  return identity.instances
    .list()
    .filter(({ grantTypes }) => grantTypes.some((grant) => byAssertion.includes(grant)))
    .filter(({ id }) => clients.length === 0 || clients.includes(id) || ofClients.has(id))
    .map(({ name }) => name)
}

/** An identity provider as it is shown, with what is questionable about it. It holds no secret. */
export function identityProviderRow(
  { identity, clock }: Pick<Services, 'identity' | 'clock'>,
  provider: IdentityProvider,
): Row {
  const { userId } = provider
  return {
    Id: provider.id,
    Name: provider.name,
    Issuer: provider.issuer,
    Description: provider.description,
    Enabled: provider.enabled,
    Certificates: JSON.stringify(shownCertificates(provider.certificates)),
    Jwks: JSON.stringify(provider.jwks),
    JwksUri: provider.jwksUri ?? null,
    Loopback: provider.loopback ?? false,
    Algorithms: JSON.stringify(provider.algorithms),
    Sha1: provider.sha1,
    UserIdAttribute: userId.source === 'attribute' ? userId.attribute : null,
    Audiences: JSON.stringify(provider.audiences),
    Recipients: JSON.stringify(provider.recipients),
    DefaultAttributes: JSON.stringify(provider.defaultAttributes),
    Attributes: JSON.stringify(provider.attributes),
    DefaultGroups: JSON.stringify(provider.defaultGroups),
    GroupRules: JSON.stringify(provider.groupRules),
    Skew: provider.skew,
    Clients: JSON.stringify(provider.clients),
    UsedBy: JSON.stringify(usedBy(identity, provider)),
    Warnings: JSON.stringify(providerWarnings(provider, clock.now())),
    ...authoredRow(provider),
  }
}

const json = text(262_144)

/** The properties that a body may have. */
export const identityProviderProperties = {
  Name: text(150),
  Issuer: text(1024),
  Description: text(1000),
  Enabled: flag,
  Certificates: json,
  Jwks: json,
  JwksUri: text(2000),
  Loopback: flag,
  Algorithms: text(1000),
  Sha1: flag,
  UserIdAttribute: text(255),
  Audiences: json,
  Recipients: json,
  DefaultAttributes: json,
  Attributes: json,
  DefaultGroups: json,
  GroupRules: json,
  Skew: int32,
  Clients: json,
}

/** Whose signed word counts for users. Lists and maps are JSON; a certificate may also be given as PEM alone. */
export function trustedIdentityProviders(services: Services): EntitySet<Call> {
  const { identity } = services
  const row = (provider: IdentityProvider) => identityProviderRow(services, provider)

  /** @throws odata.entityMissing */
  function required(key: Row): IdentityProvider {
    const found = identity.identityProviders.find(textOf(key, 'Id'))
    if (found === undefined) throw odataFaults.entityMissing({ set: 'TrustedIdentityProviders' })
    return found
  }

  return {
    name: 'TrustedIdentityProviders',
    list: { requires: roles.readSecurityMaterial, run: async () => identity.identityProviders.list().map(row) },
    create: {
      requires: roles.editIdentityProviders,
      status: 201,
      run: async (body, { caller }) => {
        requireTexts(body, ['Name', 'Issuer'])
        const request = { name: textOf(body, 'Name'), issuer: textOf(body, 'Issuer'), ...identityProviderOf(body) }
        return row(await identity.identityProviders.create(request, caller.name))
      },
    },
    update: {
      requires: roles.editIdentityProviders,
      status: 204,
      run: async (key, body, { caller }) => {
        await identity.identityProviders.update(required(key).id, identityProviderOf(body), caller.name)
      },
    },
    remove: {
      requires: roles.editIdentityProviders,
      status: 204,
      run: (key, { caller }) => identity.identityProviders.remove(required(key).id, caller.name),
    },
    type: {
      name: 'TrustedIdentityProvider',
      key: ['Id'],
      properties: {
        Id: text(64),
        ...identityProviderProperties,
        UsedBy: text(),
        Warnings: text(),
        ...authoredProperties,
      },
    },
  }
}
