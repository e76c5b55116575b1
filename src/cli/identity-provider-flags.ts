import { choice, type Values, text } from '../fields/index.ts'
import { readCertificateText } from './certificate-text.ts'
import { faults } from './faults.ts'
import { readBytes } from './files.ts'
import { givenOnly } from './put-material.ts'
import { list, pairs } from './several.ts'
import type { Session } from './session.ts'

const optional = (label: string, help: string) => text({ label, help, default: '' })
const onOff = (label: string, help: string) =>
  choice({ label, help, options: { '': 'As it is', on: 'On', off: 'Off' }, default: '' })

const none = "an empty text ('') takes all away"

/** What can be said of an identity provider, however it is made. What is not said stays, or is the default. */
export const choiceFlags = {
  description: optional('text', 'What it is.'),
  enabled: onOff('on or off', 'Whether its assertions count.'),
  algorithm: list({ label: 'name', help: `Accepted signature algorithm such as RS256 or ES256; ${none}.` }),
  sha1: onOff('on or off', 'Accept RSA with SHA-1 in SAML assertions, which can be forged.'),
  'user-id': optional('attribute', "Attribute or claim with the user id; 'nameid' for NameID or sub."),
  audience: list({ label: 'text', help: `Accepted audience besides this server; ${none}.` }),
  recipient: list({ label: 'address', help: `Accepted recipient besides the token endpoints; ${none}.` }),
  'default-attribute': pairs({ label: 'name=value', help: 'Attribute that every user has.' }),
  attribute: pairs({ label: 'from=to', help: "Attribute of the assertion, and its name for flows; '*=*' for all." }),
  'default-group': list({ label: 'group', help: `Group in which every user is; ${none}.` }),
  'group-rule': list({
    label: 'rule',
    help: `Group of users, as 'buyers: role equals buyer' (equals, contains, startsWith, endsWith, matches); ${none}.`,
  }),
  skew: text({
    label: 'seconds',
    help: 'How far clocks may differ, up to 300.',
    default: '',
    pattern: /^\d{1,3}$/,
    form: 'a number of seconds',
  }),
}

/** What it signs by. */
export const keyFlags = {
  cert: list({ label: 'file', help: 'Signing certificate (PEM or DER); several overlap.' }),
  jwks: optional('file', 'JSON Web Key Set, or a list of keys.'),
  'jwks-uri': optional('address', 'Where the keys are published, as https address.'),
  loopback: onOff('on or off', 'Fetch keys also from this machine itself.'),
}

/** The certificate that vouches for signed metadata. */
export const metadataCertificate = optional('file', 'Certificate that has to have signed the metadata.')

type Choices = Values<typeof choiceFlags>

const toggle = (value: string): boolean | undefined => (value === '' ? undefined : value === 'on')

/** A list as JSON; undefined where none is given, the empty list where one empty text is. */
const listText = (given: readonly string[]): string | undefined =>
  given.length === 0 ? undefined : JSON.stringify(given.filter((each) => each !== ''))

/** The properties of the API that are given. @throws cli.usage */
export function choicesOf(given: Choices, command: string): Readonly<Record<string, unknown>> {
  const { attribute, 'default-attribute': defaults, 'group-rule': rules, skew, 'user-id': userId } = given
  return withoutAbsent({
    ...givenOnly({ Description: given.description }),
    Enabled: toggle(given.enabled),
    Algorithms: listText(given.algorithm),
    Sha1: toggle(given.sha1),
    UserIdAttribute: userId === '' ? undefined : userId === 'nameid' ? '' : userId,
    Audiences: listText(given.audience),
    Recipients: listText(given.recipient),
    DefaultAttributes: defaults.size === 0 ? undefined : JSON.stringify(Object.fromEntries(defaults)),
    Attributes:
      attribute.size === 0 ? undefined : JSON.stringify([...attribute].map(([from, to]) => ({ from, to: to.trim() }))),
    DefaultGroups: listText(given['default-group']),
    GroupRules: rules.length === 0 ? undefined : JSON.stringify(rules.filter(Boolean).map(ruleOf(command))),
    Skew: skew === '' ? undefined : Number(skew),
  })
}

const ruleOf = (command: string) => (rule: string) => {
  const [, group, attribute, operator, value] =
    /^([^:]+):\s*(\S+)\s+(equals|contains|startsWith|endsWith|matches)\s+(.+)$/s.exec(rule) ?? []
  if (group === undefined)
    throw faults.usage({ problems: [`--group-rule must be like 'buyers: role equals buyer', not '${rule}'`], command })
  return { group, attribute, operator, value }
}

/** Certificates and keys of the files that are given. @throws cli.fileUnreadable, cli.privateKeyGiven, cli.usage */
export async function keysOf(
  session: Session,
  given: Values<typeof keyFlags>,
  command: string,
): Promise<Readonly<Record<string, unknown>>> {
  const certificates: string[] = []
  for (const file of given.cert) certificates.push(await readCertificateText(session, file))
  return withoutAbsent({
    Certificates:
      certificates.length === 0 ? undefined : JSON.stringify(certificates.map((certificate) => ({ certificate }))),
    Jwks: given.jwks === '' ? undefined : await keySetOf(session, given.jwks, command),
    JwksUri: given['jwks-uri'] || undefined,
    Loopback: toggle(given.loopback),
  })
}

async function keySetOf(session: Session, file: string, command: string): Promise<string> {
  const problem = `${file} is no JSON Web Key Set: {"keys":[...]}`
  const content = await readBytes(session, file, 'key set')
  let set: unknown
  try {
    set = JSON.parse(content.toString('utf8'))
  } catch (cause) {
    throw faults.usage({ problems: [problem], command }, { cause })
  }
  const keys = Array.isArray(set) ? set : (set as { readonly keys?: unknown } | null)?.keys
  if (!Array.isArray(keys)) throw faults.usage({ problems: [problem], command })
  return JSON.stringify(keys)
}

/** The metadata of a file, and what it is verified by. @throws cli.fileUnreadable, cli.privateKeyGiven */
export async function metadataOf(session: Session, file: string, certificate: string) {
  return withoutAbsent({
    Metadata: (await readBytes(session, file, 'metadata')).toString('utf8'),
    MetadataCertificate: certificate === '' ? undefined : await readCertificateText(session, certificate),
  })
}

const withoutAbsent = (properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))
