import type { IdentityProviderRequest, SigningCertificateRequest } from '../../identity/contracts.ts'
import type { IdentityProvider, SigningCertificate } from '../../identity/records.ts'
import { factsOf, readCertificates } from '../../keystore/index.ts'
import type { Row } from '../../odata/index.ts'
import { faults } from '../faults.ts'
import { optionalFlag, optionalNumber, optionalText, present } from '../row-values.ts'
import { type Json, readJson } from './read-json.ts'
import { asText, type Reader, readList, readMembers } from './read-members.ts'

/** What a body says of an identity provider. Whether that makes sense is for the registry to say. */
export function identityProviderOf(body: Row): Partial<IdentityProviderRequest> {
  const attribute = optionalText(body, 'UserIdAttribute')
  return present({
    name: optionalText(body, 'Name'),
    issuer: optionalText(body, 'Issuer'),
    description: optionalText(body, 'Description'),
    enabled: optionalFlag(body, 'Enabled'),
    certificates: certificatesOf(optionalText(body, 'Certificates')),
    jwks: jsonOf<IdentityProvider['jwks']>(body, 'Jwks'),
    jwksUri: optionalText(body, 'JwksUri'),
    loopback: optionalFlag(body, 'Loopback'),
    algorithms: readList(optionalText(body, 'Algorithms'), 'Algorithms'),
    sha1: optionalFlag(body, 'Sha1'),
    userId: attribute === undefined ? undefined : userIdOf(attribute),
    audiences: readList(optionalText(body, 'Audiences'), 'Audiences'),
    recipients: readList(optionalText(body, 'Recipients'), 'Recipients'),
    defaultAttributes: jsonOf<IdentityProvider['defaultAttributes']>(body, 'DefaultAttributes'),
    attributes: jsonOf<IdentityProvider['attributes']>(body, 'Attributes'),
    defaultGroups: readList(optionalText(body, 'DefaultGroups'), 'DefaultGroups'),
    groupRules: jsonOf<IdentityProvider['groupRules']>(body, 'GroupRules'),
    skew: optionalNumber(body, 'Skew'),
    clients: readList(optionalText(body, 'Clients'), 'Clients'),
  })
}

const userIdOf = (attribute: string): IdentityProvider['userId'] =>
  attribute === '' ? { source: 'nameId' } : { source: 'attribute', attribute }

/** A property that holds JSON; the registry checks its shape. @throws api.jsonInvalid */
function jsonOf<Shape>(body: Row, property: string): Shape | undefined {
  const source = optionalText(body, property)
  return source === undefined ? undefined : (readJson(source, property) as Shape)
}

/** Milliseconds since 1970, or ISO 8601. */
const asTime: Reader<number> = (value) => {
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value
  return typeof time === 'number' && Number.isSafeInteger(time)
    ? { value: time }
    : { problem: 'must be a time such as 2030-01-31T12:00:00Z' }
}

// What is shown of a certificate may come back as it is; it says nothing that the certificate does not.
const shown = ['fingerprint', 'subject', 'issuer', 'serialNumber', 'keyType', 'validFrom', 'validTo']
const certificateReaders = {
  certificate: asText,
  from: asTime,
  until: asTime,
  ...(Object.fromEntries(shown.map((name) => [name, asText])) as Readonly<Record<string, Reader<string>>>),
}

/** @throws api.jsonInvalid, api.parametersInvalid */
function certificatesOf(source: string | undefined): readonly SigningCertificateRequest[] | undefined {
  if (source === undefined) return undefined
  const property = 'Certificates'
  // A certificate alone needs no JSON around it.
  if (!/^\s*\[/.test(source)) return source.trim() === '' ? [] : [{ certificate: source }]
  return (readJson(source, property) as readonly Json[]).map((row) => {
    const { certificate, from, until } = readMembers(row, certificateReaders, property)
    if (typeof certificate !== 'string')
      throw faults.parametersInvalid({ property, problems: ["each needs a 'certificate' as PEM"] })
    return { certificate, from, until }
  })
}

/** Signing certificates as they are shown: with what they say. */
export const shownCertificates = (certificates: readonly SigningCertificate[]): readonly object[] =>
  certificates.map(({ fingerprint, pem, from, until }) => {
    const [certificate] = readCertificates(pem)
    const facts = certificate && factsOf(certificate)
    return {
      fingerprint,
      subject: facts?.subject,
      issuer: facts?.issuer,
      serialNumber: facts?.serialNumber,
      keyType: facts?.keyType,
      validFrom: isoOf(facts?.validFrom),
      validTo: isoOf(facts?.validTo),
      from: isoOf(from),
      until: isoOf(until),
      certificate: pem,
    }
  })

const isoOf = (time: number | undefined): string | null => (time === undefined ? null : new Date(time).toISOString())
