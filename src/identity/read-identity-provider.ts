import type { IdentityProviderRequest } from './contracts.ts'
import { readKeys, signatureAlgorithms } from './json-web-keys.ts'
import { descriptionProblems, listProblems, nameProblems } from './names.ts'
import type { GroupRule, IdentityProvider } from './records.ts'
import { readSigningCertificates } from './signing-certificates.ts'

/** What of a provider people choose. */
export type ProviderParameters = Omit<IdentityProvider, 'id' | 'createdBy' | 'createdAt' | 'modifiedBy' | 'modifiedAt'>

const mostRows = 100
const longestIssuer = 1024
const operators: readonly string[] = ['equals', 'contains', 'startsWith', 'endsWith', 'matches']

/** What holds for what is not said. Every algorithm here is as good as the key that makes it. */
const defaults: Omit<ProviderParameters, 'name' | 'issuer'> = {
  description: '',
  enabled: true,
  certificates: [],
  jwks: [],
  jwksUri: undefined,
  loopback: false,
  algorithms: signatureAlgorithms,
  sha1: false,
  userId: { source: 'nameId' },
  audiences: [],
  recipients: [],
  defaultAttributes: {},
  attributes: [],
  defaultGroups: [],
  groupRules: [],
  skew: 60,
  clients: [],
}

/** Whether a text is a regular expression of RE2. */
export type IsPattern = (text: string) => boolean

/** Patterns are matched in linear time. What reads them is loaded where a request has one; saved ones were read before. */
export async function patternsOf({ groupRules }: Partial<IdentityProviderRequest>): Promise<IsPattern> {
  const given: unknown = groupRules
  const rules = Array.isArray(given) ? (given as readonly (Partial<GroupRule> | null)[]) : []
  if (!rules.some((rule) => rule?.operator === 'matches')) return () => true
  const { RE2JS } = await import('re2js')
  return (text) => {
    try {
      RE2JS.compile(text)
      return true
    } catch {
      return false
    }
  }
}

const names = ['name', 'issuer', ...Object.keys(defaults)]

/** Reads a request over what is there already. Requests are unknown input, whatever their type says. */
export function readIdentityProvider(
  request: Partial<IdentityProviderRequest>,
  before: IdentityProvider | undefined,
  isPattern: IsPattern,
): { readonly parameters: ProviderParameters; readonly problems: readonly string[] } {
  const present = before && picked(before)
  const whole = { ...defaults, ...present, ...picked(request) } as ProviderParameters
  const { certificates, problems: ofCertificates } =
    request.certificates === undefined
      ? { certificates: before?.certificates ?? [], problems: [] }
      : readSigningCertificates(request.certificates)
  const { keys, problems: ofKeys } =
    request.jwks === undefined ? { keys: before?.jwks ?? [], problems: [] } : readKeys(request.jwks)
  // The empty text takes the address away.
  const parameters = { ...whole, certificates, jwks: keys, jwksUri: whole.jwksUri === '' ? undefined : whole.jwksUri }
  const problems = [...problemsOf(parameters, isPattern), ...ofCertificates, ...ofKeys]
  return { parameters: problems.length > 0 ? parameters : plain(parameters), problems }
}

/** The members that are known and given. */
const picked = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([name, value]) => names.includes(name) && value !== undefined))

/** Every text once, and of each row what is known. */
const plain = (given: ProviderParameters): ProviderParameters => ({
  ...given,
  algorithms: [...new Set(given.algorithms)],
  userId:
    given.userId.source === 'nameId'
      ? { source: 'nameId' }
      : { source: 'attribute', attribute: given.userId.attribute },
  audiences: [...new Set(given.audiences)],
  recipients: [...new Set(given.recipients)],
  attributes: given.attributes.map(({ from, to }) => ({ from, to })),
  defaultGroups: [...new Set(given.defaultGroups)],
  groupRules: given.groupRules.map(({ group, attribute, operator, value }) => ({ group, attribute, operator, value })),
  clients: [...new Set(given.clients)],
})

const isText = (value: unknown, most = 255): value is string => nameProblems(value, most).length === 0

const problemsOf = (given: ProviderParameters, isPattern: IsPattern): readonly string[] => [
  ...nameProblems(given.name, 150),
  ...nameProblems(given.issuer, longestIssuer, 'issuer'),
  ...descriptionProblems(given.description),
  ...flagProblems({ enabled: given.enabled, sha1: given.sha1, loopback: given.loopback }),
  ...uriProblems(given.jwksUri),
  ...listProblems('algorithms', given.algorithms, (name) =>
    signatureAlgorithms.includes(name) ? [] : [`algorithms has '${name}'; known are ${signatureAlgorithms.join(', ')}`],
  ),
  ...(Array.isArray(given.algorithms) && given.algorithms.length === 0 ? ['algorithms needs at least one'] : []),
  ...userIdProblems(given.userId),
  ...texts('audiences', given.audiences, longestIssuer),
  ...texts('recipients', given.recipients, longestIssuer),
  ...defaultAttributeProblems(given.defaultAttributes),
  ...rowProblems('attributes', given.attributes, attributeProblems),
  ...texts('default-groups', given.defaultGroups, 150),
  ...rowProblems('group-rules', given.groupRules, (row) => ruleProblems(row, isPattern)),
  ...(Number.isInteger(given.skew) && given.skew >= 0 && given.skew <= 300 ? [] : ['skew needs 0 to 300 seconds']),
  ...texts('clients', given.clients, 1024),
]

const texts = (what: string, list: unknown, most: number): readonly string[] => [
  ...listProblems(what, list, (text) => nameProblems(text, most, `each of ${what}`)),
  ...(Array.isArray(list) && list.length > mostRows ? [`${what} has more than ${mostRows} entries`] : []),
]

const flagProblems = (flags: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(flags).flatMap(([name, value]) =>
    value === undefined || typeof value === 'boolean' ? [] : [`${name} must be true or false`],
  )

function uriProblems(uri: unknown): readonly string[] {
  if (uri === undefined) return []
  const url = typeof uri === 'string' && uri.length <= 2000 ? URL.parse(uri) : null
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === ''
    ? []
    : ['jwks-uri must be an https address without user and password']
}

function userIdProblems(given: unknown): readonly string[] {
  const { source, attribute } = (given ?? {}) as Readonly<Record<string, unknown>>
  if (source === 'nameId') return []
  if (source !== 'attribute') return ["user-id source must be 'nameId' or 'attribute'"]
  return nameProblems(attribute, 255, 'the attribute of user-id')
}

/** A name that JavaScript reads as something else cannot name an attribute. */
const isAttribute = (name: unknown): boolean => isText(name) && name !== '__proto__'

function defaultAttributeProblems(given: unknown): readonly string[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return ['default-attributes must map names to texts']
  const entries = Object.entries(given)
  return [
    ...(entries.length > mostRows ? [`default-attributes has more than ${mostRows} entries`] : []),
    ...entries.flatMap(([name, value]) =>
      isAttribute(name) && typeof value === 'string' && value.length <= 2000
        ? []
        : [`default-attributes: '${name}' needs a name of 1 to 255 characters and a text of at most 2000`],
    ),
  ]
}

function rowProblems(
  what: string,
  rows: unknown,
  problemsOfRow: (row: Readonly<Record<string, unknown>>) => readonly string[],
): readonly string[] {
  if (!Array.isArray(rows)) return [`${what} must be a list`]
  if (rows.length > mostRows) return [`${what} has more than ${mostRows} rows`]
  return rows.flatMap((row: unknown, index) =>
    problemsOfRow((row ?? {}) as Readonly<Record<string, unknown>>).map((each) => `${what} row ${index + 1}: ${each}`),
  )
}

function attributeProblems({ from, to }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!isAttribute(from) || !isAttribute(to)) return ['from and to need names of 1 to 255 characters']
  return (from === '*') === (to === '*')
    ? []
    : ["'*' takes all attributes under their own names: from and to are '*' then"]
}

function ruleProblems(
  { group, attribute, operator, value }: Readonly<Record<string, unknown>>,
  isPattern: IsPattern,
): readonly string[] {
  return [
    ...nameProblems(group, 150, 'group'),
    ...(isAttribute(attribute) ? [] : ['attribute needs 1 to 255 characters']),
    ...(operators.includes(String(operator)) ? [] : [`operator must be one of ${operators.join(', ')}`]),
    ...nameProblems(value, 1000, 'value'),
    ...(operator !== 'matches' || !isText(value, 1000) || isPattern(value)
      ? []
      : ['value is no regular expression of RE2 (it has no look-around and no back-references)']),
  ]
}
