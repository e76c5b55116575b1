import { flag, integer, text } from '../fields/index.ts'

/** Says that somebody compared the fingerprint. */
export const fingerprintFlag = flag({
  label: 'verified',
  help: 'Take what no entry of the keystore vouches for: you have compared its fingerprint.',
  default: false,
})

/** Who a certificate names, and for how long. */
export const subjectFlags = {
  cn: text({ label: 'name', help: 'Common name of its certificate.', default: '', maxLength: 500 }),
  country: text({ label: 'country', help: 'Country of its certificate: two letters, such as DE.', default: '' }),
  organization: text({ label: 'name', help: 'Organization.', default: '', maxLength: 500 }),
  unit: text({ label: 'name', help: 'Organizational unit.', default: '', maxLength: 500 }),
  locality: text({ label: 'name', help: 'Locality.', default: '', maxLength: 500 }),
  state: text({ label: 'name', help: 'State.', default: '', maxLength: 500 }),
  email: text({ label: 'address', help: 'E-mail address.', default: '', maxLength: 500 }),
  signature: text({ label: 'algorithm', help: 'Such as SHA-512/RSA or SHA-256/ECDSA.', default: '' }),
  days: integer({ label: 'days', help: 'Validity; 0 is what is usual.', min: 0, max: 36_500, default: 0 }),
}

/** The properties that are given, for the body of a request. */
export function subjectBody(
  given: { readonly [Name in Exclude<keyof typeof subjectFlags, 'days'>]: string } & { readonly days: number },
  now: number,
): Record<string, string> {
  const properties = {
    CommonName: given.cn,
    Country: given.country,
    Organization: given.organization,
    OrganizationUnit: given.unit,
    Locality: given.locality,
    State: given.state,
    Email: given.email,
    SignatureAlgorithm: given.signature,
    ValidNotAfter: given.days === 0 ? '' : `/Date(${now + given.days * 86_400_000})/`,
  }
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== ''))
}
