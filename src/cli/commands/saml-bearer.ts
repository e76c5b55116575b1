import { choice, flag, text } from '../../fields/index.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { givenOnly, putMaterial } from '../put-material.ts'
import { list } from '../several.ts'

const optional = (label: string, help: string) => text({ label, help, default: '' })

/** Flags and the property that each becomes. */
const properties = {
  target: 'TargetSystemType',
  audience: 'Audience',
  'token-url': 'TokenServiceUrl',
  'token-user': 'TokenServiceUser',
  'company-id': 'CompanyId',
  'user-id': 'UserId',
  'user-id-source': 'UserIdSource',
  'key-pair': 'KeyPairAlias',
  issuer: 'Issuer',
  'name-id-format': 'NameIdFormat',
  recipient: 'Recipient',
  'authn-context': 'AuthnContextClassRef',
  validity: 'AssertionValidity',
  scope: 'Scope',
  description: 'Description',
} as const

/** `name=value`, several of one name. @throws cli.usage */
function attributeOf(given: string): object {
  const at = given.indexOf('=')
  if (at < 1)
    throw faults.usage({ problems: [`--attribute must be name=value, not '${given}'`], command: 'saml-bearer set' })
  return { name: given.slice(0, at), value: given.slice(at + 1) }
}

export const samlBearerSet = declareCommand({
  name: 'saml-bearer set',
  summary:
    'Creates or changes an OAuth2 SAML bearer assertion. What is not given stays. Client key and password come from prompts, or a line each of standard input.',
  examples: [
    {
      line: 'saml-bearer set SF --target successfactors --audience www.successfactors.com --token-url https://api.example.com/oauth/token --company-id ACME',
      words: 'Asks for the client key (API key).',
    },
    {
      line: 'saml-bearer set BTP --target cf --audience btp --token-url https://uaa.example.com/oauth/token/alias/x --token-user sb-1',
      words: 'Asks for the client key and the password of the token service user.',
    },
  ],
  positionals: { name: text({ label: 'name', help: 'Name under which flows refer to it.', maxLength: 150 }) },
  flags: {
    target: choice({
      label: 'kind',
      help: 'What the assertion is for.',
      options: {
        '': 'As it is',
        successfactors: 'SuccessFactors',
        cf: 'SAP BTP (CF)',
        neo: 'SAP BTP (Neo)',
        generic: 'Other',
      },
      default: '',
    }),
    audience: optional('text', 'Audience of the assertion.'),
    'token-url': optional('address', 'Token service.'),
    'token-user': optional('id', 'Token service user; its password is asked for.'),
    'company-id': optional('company', 'Of SuccessFactors.'),
    'user-id': optional('principal or commonName', 'Whose identity the assertion carries.'),
    'user-id-source': optional('attribute', 'Attribute of the principal with the user id.'),
    'key-pair': optional('alias', 'Key pair that signs.'),
    issuer: optional('text', 'Name under which the target knows who signs.'),
    'name-id-format': optional('word', 'unspecified, emailAddress or persistent.'),
    recipient: optional('address', 'Recipient of the assertion; default: the token service.'),
    'authn-context': optional('uri', 'How the user has logged on (authnContextClassRef).'),
    attribute: list({ label: 'name=value', help: 'Further attribute of every assertion.' }),
    validity: optional('seconds', 'For how long an assertion holds, 60 to 3600.'),
    scope: optional('scopes', 'Scopes with blanks between.'),
    description: optional('text', 'What it is for.'),
    'client-key': flag({ label: 'Client key', help: 'Without a client key.', default: true }),
    'keep-secret': flag({ label: 'keep', help: 'Leave client key and password as they are.', default: false }),
  },
  async run({ name, attribute, 'client-key': hasKey, 'keep-secret': keep, ...given }, session) {
    const named = Object.entries(givenOnly(given)).map(([flag, value]) => [
      properties[flag as keyof typeof properties],
      value,
    ])
    const done = await putMaterial(session, {
      set: 'OAuth2SamlBearerAssertions',
      name,
      properties: {
        ...(Object.fromEntries(named) as Readonly<Record<string, string>>),
        ...(attribute.length > 0 && { AssertionAttributes: JSON.stringify(attribute.map(attributeOf)) }),
      },
      secrets: [
        ...(hasKey ? [{ property: 'ClientKey', words: 'Client key' }] : []),
        ...(given['token-user'] === '' ? [] : [{ property: 'TokenServicePassword', words: 'Token service password' }]),
      ],
      ask: (before) => before === undefined || !keep,
    })
    session.output.result({ name, done }, `${done}  ${name}`)
  },
})
