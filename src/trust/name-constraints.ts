import type { ParsedCertificate } from './certificate.ts'
import type { NameConstraints } from './extensions.ts'
import type { GeneralName } from './names.ts'

/** Why a certificate breaks the constraints of a CA above it (RFC 5280, 4.2.1.10); undefined when it does not. */
export function nameBreach(constraints: NameConstraints, certificate: ParsedCertificate): string | undefined {
  const odd = [...constraints.permitted, ...constraints.excluded].find((base) => !isSoundBase(base))
  if (odd !== undefined) return `the constraint ${wordsOf(odd)} itself is not well-formed`
  for (const name of namesOf(certificate)) {
    const excluded = constraints.excluded.filter((base) => isSameForm(base, name))
    const permitted = constraints.permitted.filter((base) => isSameForm(base, name))
    if (excluded.length === 0 && permitted.length === 0) continue
    // A form nobody here can compare, and a name that is not well-formed, are as good as forbidden.
    if (!isSoundName(name)) return `${wordsOf(name)} cannot be compared`
    const base = excluded.find((subtree) => isWithin(name, subtree) || couldStandFor(name, subtree))
    if (base !== undefined) return `${wordsOf(name)} is excluded`
    if (permitted.length > 0 && !permitted.some((subtree) => isWithin(name, subtree)))
      return `${wordsOf(name)} is not among the permitted`
  }
  return undefined
}

/** How many comparisons these constraints cost at most, so that the caller can stop before making them. */
export const comparisonsOf = (constraints: NameConstraints, certificate: ParsedCertificate): number =>
  (constraints.permitted.length + constraints.excluded.length) *
  (1 + certificate.alternativeNames.length + certificate.subject.emails.length)

function namesOf({ subject, alternativeNames }: ParsedCertificate): readonly GeneralName[] {
  const directory = subject.rdns.length > 0 ? [{ form: 'directory', value: subject } as const] : []
  return [...directory, ...subject.emails.map((value) => ({ form: 'email', value }) as const), ...alternativeNames]
}

const wordsOf = (name: GeneralName): string => {
  if (name.form === 'directory') return `'${name.value.text}'`
  return `'${name.form === 'ip' ? [...name.value].join('.') : name.value}'`
}

/** Names of forms that are not looked into are told apart by their tag. */
const isSameForm = (one: GeneralName, other: GeneralName): boolean => {
  if (one.form === 'ip' && other.form === 'ip')
    return one.value.length === other.value.length * 2 || !isSoundName(other)
  if (one.form !== 'other' || other.form !== 'other') return one.form === other.form
  return one.value.slice(0, 4) === other.value.slice(0, 4)
}

const label = '[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?'
const host = new RegExp(`^${label}(?:\\.${label})*$`, 'i')
const pattern = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`, 'i')

const isDottedAddress = (value: string): boolean => /^\d+(?:\.\d+){3}$/.test(value)

/** A host name, or a wildcard for the hosts right below one; an underscore is let pass, as it is widely used. */
export const isDnsName = (value: string): boolean => pattern.test(value) && !isDottedAddress(value)

function isSoundName(name: GeneralName): boolean {
  switch (name.form) {
    case 'dns':
      return isDnsName(name.value)
    case 'email': {
      const [local = '', domain = '', ...more] = name.value.split('@')
      return local !== '' && more.length === 0 && host.test(domain)
    }
    case 'uri':
      return hostOfUri(name.value) !== undefined
    case 'ip':
      return name.value.length === 4 || name.value.length === 16
    case 'directory':
      return true
    default:
      return false
  }
}

function isSoundBase(base: GeneralName): boolean {
  switch (base.form) {
    case 'dns':
      return base.value === '' || host.test(base.value)
    case 'email':
      return base.value.includes('@') ? isSoundName(base) : isHostBase(base.value)
    case 'uri':
      return isHostBase(base.value)
    case 'ip': {
      const half = base.value.length / 2
      // A mask is ones, then zeros.
      const mask = [...base.value.subarray(half)].map((octet) => octet.toString(2).padStart(8, '0')).join('')
      return (half === 4 || half === 16) && /^1*0*$/.test(mask)
    }
    default:
      return true
  }
}

const isHostBase = (value: string): boolean => value === '' || host.test(value.startsWith('.') ? value.slice(1) : value)

/** A base that begins with a dot means what is below it, any other the host itself. */
function isHostWithin(name: string, base: string): boolean {
  const [lower, wanted] = [name.toLowerCase(), base.toLowerCase()]
  return wanted === '' || (wanted.startsWith('.') ? lower.endsWith(wanted) : lower === wanted)
}

const isDomainWithin = (name: string, base: string): boolean =>
  base === '' || name === base || name.endsWith(`.${base}`)

function isWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.form === 'directory' && base.form === 'directory')
    return base.value.rdns.every((rdn, at) => name.value.rdns[at] === rdn)
  if (name.form === 'ip' && base.form === 'ip') {
    const size = name.value.length
    return name.value.every((octet, at) => {
      const mask = base.value[size + at] ?? 0
      return (octet & mask) === ((base.value[at] ?? 0) & mask)
    })
  }
  if (name.form === 'dns' && base.form === 'dns')
    return isDomainWithin(name.value.toLowerCase().replace(/^\*\./, ''), base.value.toLowerCase())
  if (name.form === 'uri' && base.form === 'uri') return isHostWithin(hostOfUri(name.value) ?? '', base.value)
  if (name.form === 'email' && base.form === 'email') {
    const [local, domain = ''] = name.value.split('@')
    const [mailbox, of] = base.value.split('@')
    // The part before the @ is compared as it is, asterisks included.
    return of === undefined ? isHostWithin(domain, base.value) : local === mailbox && isHostWithin(domain, of)
  }
  return false
}

/** `*.example.com` can stand for `bar.example.com`: where that is excluded, the wildcard is, too. */
function couldStandFor(name: GeneralName, base: GeneralName): boolean {
  if (name.form !== 'dns' || base.form !== 'dns' || !name.value.startsWith('*.')) return false
  return isDomainWithin(base.value.toLowerCase(), name.value.slice(2).toLowerCase())
}

/** The host of `scheme://user@host:port/...`; undefined for an address and where there is none. */
function hostOfUri(uri: string): string | undefined {
  const found = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:@]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1]
  return found !== undefined && host.test(found) && !isDottedAddress(found) ? found : undefined
}
