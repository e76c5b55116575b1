import type { IdentityProviderRequest } from '../identity/contracts.ts'
import type { IdentityProvider } from '../identity/records.ts'
import { readCertificates } from '../keystore/index.ts'
import {
  type CallBody,
  flag,
  type FunctionImport,
  type PrimitiveProperty,
  readBody,
  type Row,
  text,
} from '../odata/index.ts'
import { certificateText } from './certificate-row.ts'
import { faults } from './faults.ts'
import { identityProviderOf } from './parameters/identity-provider-parameters.ts'
import { readList } from './parameters/read-members.ts'
import { roles } from './roles.ts'
import { optionalFlag, optionalText, present, requireTexts, textOf } from './row-values.ts'
import type { Call, Services } from './services.ts'
import { identityProviderProperties, identityProviderRow } from './sets/trusted-identity-providers.ts'

/** Ways to an identity provider that need no form: its metadata, its address, or all that a sender takes at once. */
export const identityProviderFunctions = (services: Services): readonly FunctionImport<Call>[] => [
  importSamlMetadata(services),
  discoverIdentityProvider(services),
  trustSender(services),
]

const metadataText = text(1_000_000)

/** The JSON body of a function, read like that of an entity. @throws odata.bodyInvalid, odata.mediaTypeUnsupported */
const rowOf = (
  { content, contentType }: CallBody,
  name: string,
  properties: Readonly<Record<string, PrimitiveProperty>>,
): Row => readBody(content, contentType || undefined, { name, key: [], properties })

const asJson = (document: object) => ({
  document: { content: JSON.stringify(document), contentType: 'application/json' },
})

/** Certificates (PEM) by which signed metadata is verified. @throws keystore.certificateUnreadable */
const verifyingOf = (given: Row): readonly string[] => {
  const source = textOf(given, 'MetadataCertificate')
  return source === '' ? [] : readCertificates(source).map((each) => each.toString())
}

/** The last part of an address, as a name for people that is likely to be free. */
const nameOf = (given: Row, issuer: string): string =>
  optionalText(given, 'Name') ?? (URL.parse(issuer)?.host || issuer).slice(0, 150)

/** Makes a provider, or gives one that is named by its id the keys that were read. */
async function put(
  { identity }: Services,
  given: Row,
  read: Pick<IdentityProviderRequest, 'issuer'> & Partial<IdentityProviderRequest>,
  by: string,
): Promise<IdentityProvider> {
  const id = textOf(given, 'Id')
  if (id === '')
    return identity.identityProviders.create(
      { ...read, ...identityProviderOf(given), name: nameOf(given, read.issuer), issuer: read.issuer },
      by,
    )
  const before = identity.identityProviders.find(id)
  // Keys of somebody else under a name that is trusted already would be believed at once.
  if (before !== undefined && before.issuer !== read.issuer)
    throw faults.issuerDiffers({ name: before.name, issuer: before.issuer, found: read.issuer })
  return identity.identityProviders.update(id, { ...read, ...identityProviderOf(given) }, by)
}

const { Certificates: _, Jwks: __, JwksUri: ___, Issuer: ____, ...choices } = identityProviderProperties

const importSamlMetadata = (services: Services): FunctionImport<Call> => ({
  name: 'ImportSamlMetadata',
  method: 'POST',
  status: 200,
  requires: roles.editIdentityProviders,
  parameters: [],
  run: async (_parameters, { caller }, body) => {
    const given = rowOf(body, 'ImportSamlMetadata', {
      ...choices,
      Id: text(64),
      Metadata: metadataText,
      MetadataCertificate: certificateText,
    })
    requireTexts(given, ['Metadata'])
    const { issuer, certificates, verified } = services.identity.readSamlMetadata(textOf(given, 'Metadata'), {
      certificates: verifyingOf(given),
    })
    const read = { issuer, certificates: certificates.map((certificate) => ({ certificate })) }
    const provider = await put(services, given, read, caller.name)
    return asJson({ ...identityProviderRow(services, provider), Verified: verified })
  },
})

const discoverIdentityProvider = (services: Services): FunctionImport<Call> => ({
  name: 'DiscoverIdentityProvider',
  method: 'POST',
  status: 200,
  requires: roles.editIdentityProviders,
  parameters: [],
  run: async (_parameters, { caller }, body) => {
    const given = rowOf(body, 'DiscoverIdentityProvider', { ...choices, Id: text(64), Issuer: text(1024) })
    requireTexts(given, ['Issuer'])
    const { Issuer: _issuer, ...rest } = given
    const loopback = optionalFlag(given, 'Loopback')
    const found = await services.identity.discoverIssuer(textOf(given, 'Issuer'), { loopback })
    return asJson(identityProviderRow(services, await put(services, rest, found, caller.name)))
  },
})

/** Everything for a sender whose users are to call flows. The secret of its key is read like that of every key. */
const trustSender = (services: Services): FunctionImport<Call> => ({
  name: 'TrustSender',
  method: 'POST',
  status: 200,
  requires: roles.editIdentityProviders,
  parameters: [],
  run: async (_parameters, { caller }, body) => {
    const { identity, addresses } = services
    const given = rowOf(body, 'TrustSender', {
      ...identityProviderProperties,
      Metadata: metadataText,
      MetadataCertificate: certificateText,
      Discover: flag,
      Assertion: text(10),
      Roles: text(10_000),
      User: text(150),
      Group: text(150),
    })
    requireTexts(given, ['Name'])
    const { clients: _clients, name: _name, ...said } = identityProviderOf(given)
    const found = await sourceOf(services, given)
    const { issuer = found.issuer ?? '' } = said
    if (found.issuer !== undefined && issuer !== found.issuer)
      throw faults.issuerDiffers({ name: textOf(given, 'Name'), issuer, found: found.issuer })
    const assertion = optionalText(given, 'Assertion')
    const made = await identity.trustSender(
      {
        name: textOf(given, 'Name'),
        provider: { ...found, ...said, issuer },
        ...present({
          // Whether it is a kind at all is for the registry to say.
          assertion: assertion as 'saml2' | 'jwt' | undefined,
          roles: readList(optionalText(given, 'Roles'), 'Roles'),
          user: optionalText(given, 'User'),
          group: optionalText(given, 'Group'),
        }),
      },
      caller.name,
    )
    const [grantType = ''] = made.instance.grantTypes
    return asJson({
      ...identityProviderRow(services, made.provider),
      ServiceInstance: made.instance.id,
      ServiceKey: made.key.key.id,
      ClientId: made.key.key.clientId,
      GrantType: grantType,
      TokenUrl: addresses.tokenUrl,
      RuntimeUrl: addresses.runtimeUrl,
      User: made.user ?? null,
      Group: made.group ?? null,
    })
  },
})

/** What the sender publishes of itself, where it is to be read from there. */
async function sourceOf({ identity }: Services, given: Row): Promise<Partial<IdentityProviderRequest>> {
  if (textOf(given, 'Metadata') !== '') {
    const { issuer, certificates } = identity.readSamlMetadata(textOf(given, 'Metadata'), {
      certificates: verifyingOf(given),
    })
    return { issuer, certificates: certificates.map((certificate) => ({ certificate })) }
  }
  requireTexts(given, ['Issuer'])
  return optionalFlag(given, 'Discover') === true
    ? identity.discoverIssuer(textOf(given, 'Issuer'), { loopback: optionalFlag(given, 'Loopback') })
    : {}
}
