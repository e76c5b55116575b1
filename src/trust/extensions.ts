import {
  booleanOf,
  contentOf,
  type Der,
  DerError,
  elementsOf,
  expect,
  namedBitsOf,
  oidOf,
  readDer,
  smallOf,
  tags,
} from './der.ts'
import { type GeneralName, generalNameOf, generalNamesOf, rdnOf } from './names.ts'

export const anyPolicy = '2.5.29.32.0'

/** Extensions as they stand: by OID, their DER unread. */
export interface RawExtension {
  readonly critical: boolean
  readonly value: Buffer
}

/** Where a CRL may be had (RFC 5280, 4.2.1.13). */
export interface DistributionPoint {
  /** See `pointNamesOf`. */
  readonly names: readonly string[]
  readonly urls: readonly string[]
  /** The CRL is of somebody else, or covers some reasons only: not supported. */
  readonly partial: boolean
}

export interface NameConstraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined
  readonly inhibitPolicyMapping: number | undefined
}

/** The extensions of a certificate that path validation looks at. */
export interface Extensions {
  readonly isAuthority: boolean
  readonly hasBasicConstraints: boolean
  readonly pathLength: number | undefined
  /** Undefined: not restricted. Bits are numbered as in RFC 5280, 4.2.1.3. */
  readonly keyUsage: ReadonlySet<number> | undefined
  /** Undefined: no such extension. */
  readonly extendedKeyUsage: readonly string[] | undefined
  readonly alternativeNames: readonly GeneralName[]
  readonly alternativeNamesCritical: boolean
  readonly nameConstraints: NameConstraints | undefined
  readonly subjectKeyId: string | undefined
  readonly authorityKeyId: string | undefined
  readonly ocspUrls: readonly string[]
  readonly issuerUrls: readonly string[]
  readonly distributionPoints: readonly DistributionPoint[]
  /** Undefined: no such extension. */
  readonly policies: readonly string[] | undefined
  readonly policyMappings: readonly (readonly [issuer: string, subject: string])[]
  readonly policyConstraints: PolicyConstraints | undefined
  readonly inhibitAnyPolicy: number | undefined
  /** The first critical extension that nobody here knows. */
  readonly unknownCritical: string | undefined
}

export const keyUsages = { digitalSignature: 0, keyAgreement: 4, keyCertSign: 5, cRLSign: 6 } as const

/** `Extensions ::= SEQUENCE OF Extension`, each at most once. @throws DerError */
export function rawExtensionsOf(der: Der): ReadonlyMap<string, RawExtension> {
  const found = new Map<string, RawExtension>()
  const elements = elementsOf(expect(der, tags.sequence))
  if (elements.length === 0) throw new DerError('an empty list of extensions')
  for (const element of elements) {
    const [id, second, third, more] = elementsOf(expect(element, tags.sequence))
    const oid = oidOf(id)
    const flagged = second?.tag === tags.boolean
    const critical = flagged && booleanOf(second)
    // A DEFAULT value is left out in DER; FALSE is spelled out by many, and harmless.
    if ((flagged ? more : third) !== undefined) throw new DerError('an extension with more than a value')
    if (found.has(oid)) throw new DerError(`the extension ${oid} is there twice`)
    found.set(oid, { critical, value: contentOf(expect(flagged ? third : second, tags.octetString)) })
  }
  return found
}

const oids = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  distributionPoints: '2.5.29.31',
  policies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyId: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  access: '1.3.6.1.5.5.7.1.1',
} as const

const known = new Set<string>(Object.values(oids))
const neverCritical = [oids.subjectKeyId, oids.authorityKeyId, oids.access] as const

/** @throws DerError */
export function extensionsOf(raw: ReadonlyMap<string, RawExtension>): Extensions {
  const valueOf = <T>(oid: string, read: (value: Buffer) => T): T | undefined => {
    const extension = raw.get(oid)
    return extension === undefined ? undefined : read(extension.value)
  }
  for (const oid of neverCritical) if (raw.get(oid)?.critical) throw new DerError(`the extension ${oid} is critical`)
  const basic = valueOf(oids.basicConstraints, basicConstraintsOf)
  const access = valueOf(oids.access, accessOf) ?? []
  const urlsFor = (method: string) => access.flatMap(([oid, url]) => (oid === method && url !== '' ? [url] : []))
  return {
    isAuthority: basic?.isAuthority ?? false,
    hasBasicConstraints: basic !== undefined,
    pathLength: basic?.pathLength,
    keyUsage: valueOf(oids.keyUsage, keyUsageOf),
    extendedKeyUsage: valueOf(oids.extendedKeyUsage, (value) => someOf(readDer(value)).map(oidOf)),
    alternativeNames: valueOf(oids.alternativeNames, (value) => generalNamesOf(elementsOf(readDer(value)))) ?? [],
    alternativeNamesCritical: raw.get(oids.alternativeNames)?.critical ?? false,
    nameConstraints: valueOf(oids.nameConstraints, nameConstraintsOf),
    subjectKeyId: valueOf(oids.subjectKeyId, (value) => contentOf(readDer(value, tags.octetString)).toString('hex')),
    authorityKeyId: valueOf(oids.authorityKeyId, authorityKeyIdOf),
    ocspUrls: urlsFor('1.3.6.1.5.5.7.48.1'),
    issuerUrls: urlsFor('1.3.6.1.5.5.7.48.2'),
    distributionPoints: valueOf(oids.distributionPoints, distributionPointsOf) ?? [],
    policies: valueOf(oids.policies, policiesOf),
    policyMappings: valueOf(oids.policyMappings, policyMappingsOf) ?? [],
    policyConstraints: valueOf(oids.policyConstraints, policyConstraintsOf),
    inhibitAnyPolicy: valueOf(oids.inhibitAnyPolicy, (value) => smallOf(readDer(value, tags.integer))),
    unknownCritical: [...raw].find(([oid, { critical }]) => critical && !known.has(oid))?.[0],
  }
}

function someOf(der: Der): Der[] {
  const elements = elementsOf(der)
  if (elements.length === 0) throw new DerError('an empty list')
  return elements
}

function basicConstraintsOf(value: Buffer): { isAuthority: boolean; pathLength: number | undefined } {
  const elements = elementsOf(readDer(value))
  const isAuthority = elements[0]?.tag === tags.boolean && booleanOf(elements.shift() as Der)
  const length = elements.shift()
  if (elements.length > 0) throw new DerError('basic constraints with more than their fields')
  return { isAuthority, pathLength: length && smallOf(length) }
}

function keyUsageOf(value: Buffer): ReadonlySet<number> {
  const bits = namedBitsOf(readDer(value, tags.bitString))
  if (bits.size === 0) throw new DerError('a key usage that allows nothing')
  return bits
}

function authorityKeyIdOf(value: Buffer): string | undefined {
  const id = elementsOf(readDer(value)).find(({ tag }) => tag === 0x80)
  return id && contentOf(id).toString('hex')
}

function accessOf(value: Buffer): readonly (readonly [method: string, url: string])[] {
  return someOf(readDer(value)).map((description) => {
    const [method, location, more] = elementsOf(expect(description, tags.sequence))
    if (location === undefined || more !== undefined) throw new DerError('an access description without a location')
    const name = generalNameOf(location)
    return [oidOf(method), name.form === 'uri' ? name.value : '']
  })
}

/**
 * The names in a DistributionPointName as texts in which equal names are equal; one that is relative to an issuer is
 * written out only by `absolute`, when it is known to whom. @throws DerError
 */
export function pointNamesOf(where: Der | undefined): Pick<DistributionPoint, 'names' | 'urls'> {
  const name = where && elementsOf(where)[0]
  if (name === undefined) return { names: [], urls: [] }
  if (name.tag === 0xa1) return { names: [`relative:${rdnOf(name).key}`], urls: [] }
  const names = generalNamesOf(elementsOf(expect(name, 0xa0)))
  return {
    names: names.map(comparable),
    urls: names.flatMap((each) => (each.form === 'uri' ? [each.value] : [])),
  }
}

function comparable(name: GeneralName): string {
  if (name.form === 'directory') return `directory:${name.value.key}`
  return `${name.form}:${name.form === 'ip' ? name.value.toString('hex') : name.value}`
}

/** A name of a distribution point in full. */
export const absolute = (name: string, issuerKey: string): string =>
  name.replace(/^relative:/, () => `directory:${issuerKey}\n`)

function distributionPointsOf(value: Buffer): readonly DistributionPoint[] {
  return someOf(readDer(value)).map((point) => {
    const fields = new Map(elementsOf(expect(point, tags.sequence)).map((field) => [field.tag, field]))
    return { ...pointNamesOf(fields.get(0xa0)), partial: fields.has(0x81) || fields.has(0xa2) }
  })
}

function policiesOf(value: Buffer): readonly string[] {
  const policies = someOf(readDer(value)).map((information) => oidOf(elementsOf(expect(information, tags.sequence))[0]))
  if (new Set(policies).size !== policies.length) throw new DerError('a policy is named twice')
  return policies
}

const policyMappingsOf = (value: Buffer): readonly (readonly [string, string])[] =>
  someOf(readDer(value)).map((mapping) => {
    const [issuer, subject] = elementsOf(expect(mapping, tags.sequence)).map(oidOf)
    if (issuer === undefined || subject === undefined) throw new DerError('a policy mapping without its two policies')
    return [issuer, subject]
  })

function policyConstraintsOf(value: Buffer): PolicyConstraints {
  const fields = new Map(someOf(readDer(value)).map((field) => [field.tag, smallOf(field, field.tag)]))
  if ([...fields.keys()].some((tag) => tag !== 0x80 && tag !== 0x81)) throw new DerError('unknown policy constraints')
  return { requireExplicitPolicy: fields.get(0x80), inhibitPolicyMapping: fields.get(0x81) }
}

function nameConstraintsOf(value: Buffer): NameConstraints {
  const lists = someOf(readDer(value))
  if (lists.some(({ tag }) => tag !== 0xa0 && tag !== 0xa1)) throw new DerError('unknown name constraints')
  const subtrees = (tag: number): readonly GeneralName[] => {
    const list = lists.find((element) => element.tag === tag)
    if (list === undefined) return []
    return someOf(list).map((subtree) => {
      const [base, ...bounds] = elementsOf(expect(subtree, tags.sequence))
      if (base === undefined) throw new DerError('a name constraint without a name')
      // `minimum` is always 0 and `maximum` absent (RFC 5280, 4.2.1.10); a minimum of 0 that is spelled out is harmless.
      if (bounds.some((bound) => bound.tag !== 0x80 || smallOf(bound, 0x80) !== 0))
        throw new DerError('a name constraint with a minimum or a maximum')
      return generalNameOf(base)
    })
  }
  return { permitted: subtrees(0xa0), excluded: subtrees(0xa1) }
}
