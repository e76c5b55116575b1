import { X509Certificate } from 'node:crypto'

import type { AuditAction, AuditObjectType } from '../../audit/index.ts'
import { tenantAddress } from '../inbound-policy-row.ts'

/** How the writes of an entity set stand in the audit log. */
export interface AuditedSet {
  readonly objectType: AuditObjectType | ((id: string) => AuditObjectType)
  /** Property that identifies an entity. */
  readonly id: string
  /** Properties of bodies that are shown to nobody; that they were given is recorded. */
  readonly secret?: readonly string[]
  /** What stands for the value of a property that nobody could read in the log. */
  readonly shown?: Readonly<Record<string, (value: string) => string>>
  /** True where creating can change what is there already. */
  readonly upserts?: true
  /** True where the content is a credential, so that reading it is recorded. */
  readonly opens?: true
}

function publishersIn(list: string): string {
  const certificates = (JSON.parse(list) as readonly string[]).map((pem) => new X509Certificate(pem))
  return certificates
    .map(
      ({ subject, fingerprint256 }) =>
        `${subject.replaceAll('\n', ',')} (${fingerprint256.replaceAll(':', '').toLowerCase()})`,
    )
    .join('; ')
}

/**
 * Every entity set whose writes the API itself records. Keystore and security material record their own, because they
 * are changed by others than the API, too.
 */
export const auditedSets: Readonly<Record<string, AuditedSet>> = {
  UserRoles: { objectType: 'Role', id: 'Name' },
  Users: { objectType: 'User', id: 'Name', secret: ['Password'] },
  UserGroups: { objectType: 'User Group', id: 'Name' },
  ServiceInstances: { objectType: 'Service Instance', id: 'Id' },
  ServiceKeys: { objectType: 'Service Key', id: 'Id', opens: true },
  ServiceKeyCertificates: { objectType: 'X.509 Certificate', id: 'Fingerprint' },
  CertificateUserMappings: { objectType: 'Certificate User Mapping', id: 'Id', upserts: true },
  ChannelCertificates: { objectType: 'X.509 Certificate', id: 'Fingerprint' },
  TrustedProxies: { objectType: 'X.509 Certificate', id: 'Fingerprint' },
  TrustAnchors: { objectType: 'Trust Anchor', id: 'Fingerprint' },
  TrustedIdentityProviders: { objectType: 'Trusted Identity Provider', id: 'Id' },
  CertificateRevocationLists: { objectType: 'Revocation List', id: 'Fingerprint' },
  InboundPolicies: {
    objectType: (id) => (id === tenantAddress ? 'Tenant Policy' : 'Endpoint Policy'),
    id: 'Address',
    shown: { Publishers: publishersIn },
  },
}

/** What a call of a function import was, as far as it is recorded. */
export interface FunctionCall {
  readonly parameters: Readonly<Record<string, string>>
  /** The body where it is a JSON object, else empty. */
  readonly body: Readonly<Record<string, unknown>>
  readonly answer: string
}

export interface AuditedFunction {
  readonly action: AuditAction
  readonly objectType: AuditObjectType
  /** Undefined where this call is not recorded. */
  readonly idOf: (call: FunctionCall) => string | undefined
  readonly attributes?: (call: FunctionCall) => Readonly<Record<string, string>>
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The first certificate of an answer: its subject with its serial number. */
function issuedIn({ answer }: FunctionCall): string {
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(answer)?.[0]
  if (pem === undefined) return ''
  const { subject, serialNumber } = new X509Certificate(pem)
  return `${subject.replaceAll('\n', ',')} (${serialNumber.toLowerCase()})`
}

/** The provider that a function has made or changed. */
const idIn = ({ answer }: FunctionCall): string => textOf((JSON.parse(answer) as { readonly Id?: unknown }).Id)

function providerIn(answer: string): Readonly<Record<string, string>> {
  const { Name: name, Issuer: issuer, Certificates: list } = JSON.parse(answer) as Readonly<Record<string, unknown>>
  const certificates = JSON.parse(textOf(list) || '[]') as readonly { readonly fingerprint: string }[]
  const fingerprints = certificates.map(({ fingerprint }) => fingerprint).join(' ')
  return { name: textOf(name), issuer: textOf(issuer), certificates: fingerprints }
}

/** Every function import whose calls the API records. */
export const auditedFunctions: Readonly<Record<string, AuditedFunction>> = {
  RotateServiceKey: {
    action: 'Change',
    objectType: 'Service Key',
    idOf: ({ parameters }) => parameters['Id'],
    attributes: ({ parameters }) => ({ what: 'rotated', overlapDays: parameters['OverlapDays'] ?? '7' }),
  },
  ServiceKeyKit: {
    action: 'Read',
    objectType: 'Service Key',
    idOf: ({ body }) => textOf(body['Id']),
    attributes: () => ({ what: 'kit' }),
  },
  ImportSamlMetadata: {
    action: 'Change',
    objectType: 'Trusted Identity Provider',
    idOf: idIn,
    attributes: ({ answer }) => ({ what: 'SAML metadata', ...providerIn(answer) }),
  },
  DiscoverIdentityProvider: {
    action: 'Change',
    objectType: 'Trusted Identity Provider',
    idOf: idIn,
    attributes: ({ answer }) => ({ what: 'discovered', ...providerIn(answer) }),
  },
  TrustSender: {
    action: 'Create',
    objectType: 'Trusted Identity Provider',
    idOf: idIn,
    attributes: ({ answer }) => {
      const { ServiceInstance: instance, User: user, Group: group } = JSON.parse(answer) as Record<string, unknown>
      const named = { serviceInstance: textOf(instance), user: textOf(user), group: textOf(group) }
      return { what: 'sender', ...providerIn(answer), ...named }
    },
  },
  IssueClientCertificate: { action: 'Create', objectType: 'X.509 Certificate', idOf: issuedIn },
  SignCertificateRequest: { action: 'Create', objectType: 'X.509 Certificate', idOf: issuedIn },
  ExplainInboundCall: {
    action: 'Test',
    objectType: 'User',
    // Only a question with a password tries something out.
    idOf: ({ body }) => {
      const basic = body['basic']
      return typeof basic === 'object' && basic !== null ? textOf((basic as { user?: unknown }).user) : undefined
    },
    attributes: ({ body, answer }) => ({
      endpoint: textOf(body['endpoint']),
      accepted: String((JSON.parse(answer) as { accepted?: unknown }).accepted === true),
    }),
  },
}
