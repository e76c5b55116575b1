import type { EndpointPolicy, Method, Rate, TenantPolicy } from '../identity/records.ts'
import { flag, int32, type Row, text } from '../odata/index.ts'
import { authoredProperties, authoredRow } from './authored-row.ts'
import { faults } from './faults.ts'
import { readJson } from './parameters/read-json.ts'
import { readList } from './parameters/read-members.ts'
import { optionalFlag, optionalNumber, optionalText, present } from './row-values.ts'

/** The address under which the policy of the tenant is found; those of endpoints begin with `/`. */
export const tenantAddress = 'tenant'

const scopeNames = { client: 'Client', endpoint: 'Endpoint', tenant: 'Tenant' } as const

/** What says what must be approved, or what may run unapproved: changing it takes the right to approve. */
export const ofApprovers: readonly string[] = [
  'Capabilities',
  'LintStop',
  'Publishers',
  'RequireSignature',
  'ScriptNetworks',
]

/** Lists are JSON: `["certificate"]`. What an endpoint has no say in is null there. */
export const inboundPolicyProperties = {
  Address: text(1024),
  Methods: text(),
  Require: text(),
  Networks: text(),
  ChannelCertificates: text(),
  CertificateOutside: text(),
  PinOnRegistration: flag,
  PublicRoots: flag,
  Revocation: text(),
  MinimumRsaBits: int32,
  ServerNameRequired: flag,
  LockAfter: int32,
  ClientRatePerSecond: int32,
  ClientRateBurst: int32,
  EndpointRatePerSecond: int32,
  EndpointRateBurst: int32,
  TenantRatePerSecond: int32,
  TenantRateBurst: int32,
  Capabilities: text(),
  LintStop: text(),
  Publishers: text(),
  RequireSignature: flag,
  Groovy: text(),
  ScriptNetworks: text(),
  ...authoredProperties,
}

const ofEndpoints = new Set<string>([
  'Address',
  'Methods',
  'Require',
  'Networks',
  'ChannelCertificates',
  'EndpointRatePerSecond',
  'EndpointRateBurst',
  ...Object.keys(authoredProperties),
])

const rateRow = (scope: keyof typeof scopeNames, { perSecond, burst }: Rate): Row => ({
  [`${scopeNames[scope]}RatePerSecond`]: perSecond,
  [`${scopeNames[scope]}RateBurst`]: burst,
})

export const tenantPolicyRow = (policy: TenantPolicy): Row => ({
  Address: tenantAddress,
  Methods: JSON.stringify(policy.methods),
  Networks: JSON.stringify(policy.networks),
  ChannelCertificates: policy.channelCertificates,
  CertificateOutside: policy.certificateOutside === undefined ? null : JSON.stringify(policy.certificateOutside),
  PinOnRegistration: policy.pinOnRegistration,
  PublicRoots: policy.publicRoots,
  Revocation: policy.revocation,
  MinimumRsaBits: policy.minimumRsaBits,
  ServerNameRequired: policy.serverNameRequired,
  LockAfter: policy.lockAfter,
  ...rateRow('client', policy.rates.client),
  ...rateRow('endpoint', policy.rates.endpoint),
  ...rateRow('tenant', policy.rates.tenant),
  Capabilities: policy.capabilities,
  LintStop: JSON.stringify(policy.lintStop),
  Publishers: JSON.stringify(policy.publishers),
  RequireSignature: policy.requireSignature,
  Groovy: policy.groovy,
  ScriptNetworks: JSON.stringify(policy.scriptNetworks),
})

export const endpointPolicyRow = (policy: EndpointPolicy): Row => ({
  Address: policy.address,
  Methods: policy.methods === undefined ? null : JSON.stringify(policy.methods),
  Require: policy.require,
  Networks: JSON.stringify(policy.networks),
  ChannelCertificates: policy.channelCertificates ?? null,
  ...rateRow('endpoint', policy.rate),
  ...authoredRow(policy),
})

/** What of the tenant's policy a body changes. @throws api.jsonInvalid, api.parametersInvalid */
export function tenantPolicyChange(body: Row, current: TenantPolicy): Partial<TenantPolicy> {
  if (body.Require !== undefined)
    throw invalid('Require', 'it is for endpoints: it says which of their methods are needed')
  const isCleared = isNull(body, 'CertificateOutside')
  return {
    ...present({
      methods: methodsOf(body),
      networks: readList(optionalText(body, 'Networks'), 'Networks'),
      certificateOutside: isCleared
        ? undefined
        : readList(optionalText(body, 'CertificateOutside'), 'CertificateOutside'),
      pinOnRegistration: optionalFlag(body, 'PinOnRegistration'),
      publicRoots: optionalFlag(body, 'PublicRoots'),
      revocation: optionalText(body, 'Revocation') as TenantPolicy['revocation'] | undefined,
      minimumRsaBits: optionalNumber(body, 'MinimumRsaBits'),
      channelCertificates: channelCertificatesOf(body),
      serverNameRequired: optionalFlag(body, 'ServerNameRequired'),
      lockAfter: optionalNumber(body, 'LockAfter'),
      capabilities: optionalText(body, 'Capabilities') as TenantPolicy['capabilities'] | undefined,
      lintStop: readList(optionalText(body, 'LintStop'), 'LintStop'),
      publishers: readList(optionalText(body, 'Publishers'), 'Publishers'),
      requireSignature: optionalFlag(body, 'RequireSignature'),
      groovy: optionalText(body, 'Groovy') as TenantPolicy['groovy'] | undefined,
      scriptNetworks: readList(optionalText(body, 'ScriptNetworks'), 'ScriptNetworks'),
    }),
    ...(isCleared && { certificateOutside: undefined }),
    ...(saysRate(body) && {
      rates: {
        client: rateOf(body, 'client', current.rates.client),
        endpoint: rateOf(body, 'endpoint', current.rates.endpoint),
        tenant: rateOf(body, 'tenant', current.rates.tenant),
      },
    }),
  }
}

/** What of an endpoint's policy a body says; no methods, or no word for certificates of channels: as the tenant says. */
export function endpointPolicyChange(body: Row, current: EndpointPolicy | undefined): Partial<EndpointPolicy> {
  for (const property of Object.keys(body))
    if (!ofEndpoints.has(property))
      throw invalid(property, 'it holds for the whole tenant: change it in the policy tenant')
  const isOpen = isNull(body, 'Methods') || methodsOf(body)?.length === 0
  const isInherited = body.ChannelCertificates === ''
  return {
    ...present({
      methods: isOpen ? undefined : methodsOf(body),
      require: optionalText(body, 'Require') as EndpointPolicy['require'] | undefined,
      networks: readList(optionalText(body, 'Networks'), 'Networks'),
      channelCertificates: isInherited ? undefined : channelCertificatesOf(body),
    }),
    ...(isOpen && { methods: undefined }),
    ...(isInherited && { channelCertificates: undefined }),
    ...(saysRate(body) && { rate: rateOf(body, 'endpoint', current?.rate ?? { perSecond: 0, burst: 0 }) }),
  }
}

const invalid = (property: string, problem: string) => faults.parametersInvalid({ property, problems: [problem] })

// Words are checked by the registry, with all else.
const methodsOf = (body: Row) => readList(optionalText(body, 'Methods'), 'Methods') as readonly Method[] | undefined

const channelCertificatesOf = (body: Row) =>
  optionalText(body, 'ChannelCertificates') as TenantPolicy['channelCertificates'] | undefined

/** A property that holds JSON says `null`, which a property of OData cannot say: there it means absent. */
const isNull = (body: Row, property: string): boolean => {
  const given = optionalText(body, property)
  return given !== undefined && readJson(given, property) === null
}

const saysRate = (body: Row): boolean => Object.keys(body).some((name) => /Rate(?:PerSecond|Burst)$/.test(name))

const rateOf = (body: Row, scope: keyof typeof scopeNames, current: Rate): Rate => ({
  perSecond: optionalNumber(body, `${scopeNames[scope]}RatePerSecond`) ?? current.perSecond,
  burst: optionalNumber(body, `${scopeNames[scope]}RateBurst`) ?? current.burst,
})
