import { choice, flag, text } from '../../fields/index.ts'
import { literal, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { givenOnly, putMaterial } from '../put-material.ts'
import { list } from '../several.ts'

const optional = (label: string, help: string) => text({ label, help, default: '' })

/** Flags and the property that each becomes, by the type that knows it. */
const properties: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'client-credentials': {
    'token-url': 'TokenServiceUrl',
    'client-id': 'ClientId',
    'send-as': 'ClientAuthentication',
    'key-pair': 'KeyPairAlias',
    'grant-type': 'GrantType',
    'content-type': 'ScopeContentType',
    scope: 'Scope',
    resource: 'Resource',
    audience: 'Audience',
  },
  'authorization-code': {
    'token-url': 'TokenUrl',
    'authorization-url': 'AuthUrl',
    'client-id': 'ClientId',
    'send-as': 'ClientAuthentication',
    scope: 'Scope',
    provider: 'Provider',
    'refresh-days': 'RefreshTokenExpiry',
    user: 'UserName',
  },
}

const sets: Readonly<Record<string, string>> = {
  'client-credentials': 'OAuth2ClientCredentials',
  'authorization-code': 'OAuth2AuthorizationCodes',
}

/** Ways in which a client proves itself without a secret. */
const keyless: ReadonlySet<string> = new Set(['certificate', 'privateKeyJwt', 'none'])

/** `body:key=value`. @throws cli.usage */
function customParameter(given: string): Readonly<Record<string, string>> {
  const [, place, key, value] = /^(body|header|url):([^=]+)=(.+)$/s.exec(given) ?? []
  if (place === undefined || key === undefined || value === undefined)
    throw faults.usage({
      problems: [`--custom must be body:key=value, header:key=value or url:key=value, not '${given}'`],
      command: 'oauth-credential set',
    })
  return { Key: key, Value: value, SendAsPartOf: place }
}

export const oauthCredentialSet = declareCommand({
  name: 'oauth-credential set',
  summary:
    'Creates or changes an OAuth2 credential. What is not given stays. The client secret comes from a prompt or standard input, never from an argument.',
  examples: [
    {
      line: 'oauth-credential set CRM --token-url https://login.example.com/token --client-id abc',
      words: 'Asks for the client secret.',
    },
    {
      line: 'oauth-credential set MAIL --type authorization-code --authorization-url https://login.example.com/authorize --token-url https://login.example.com/token --client-id abc',
      words: 'Has to be authorized afterwards.',
    },
  ],
  positionals: { name: text({ label: 'name', help: 'Name under which flows refer to it.', maxLength: 150 }) },
  flags: {
    type: choice({
      label: 'type',
      help: 'Whose account it is: that of the client, or that of a person.',
      options: { 'client-credentials': 'Client credentials', 'authorization-code': 'Authorization code' },
      default: 'client-credentials',
    }),
    'token-url': optional('address', 'Token service.'),
    'authorization-url': optional('address', 'Page on which a person agrees; for authorization codes.'),
    'client-id': optional('id', 'Client ID.'),
    'send-as': optional(
      'word',
      'How the client proves itself: body or header (with its secret), or certificate, privateKeyJwt or none; the last three for client credentials.',
    ),
    'key-pair': optional('alias', 'Key pair of the certificate or signature; for client credentials.'),
    'grant-type': optional('url or body', 'Where grant_type stands in the request; for client credentials.'),
    'content-type': optional('urlencoded or json', 'Form of the request; for client credentials.'),
    scope: optional('scopes', 'Scopes with blanks between.'),
    resource: optional('text', 'Sent as resource; for client credentials.'),
    audience: optional('text', 'Sent as audience; for client credentials.'),
    provider: optional('generic or microsoft365', 'For authorization codes.'),
    'refresh-days': optional('days', 'How long a refresh token holds; for authorization codes.'),
    user: optional('name', 'Whose account it is; for authorization codes.'),
    custom: list({
      label: 'parameter',
      help: 'Further parameter as body:key=value, header:key=value or url:key=value.',
    }),
    description: optional('text', 'What it is for.'),
    'keep-secret': flag({ label: 'keep', help: 'Leave the client secret as it is.', default: false }),
  },
  async run({ name, type, custom, description, 'keep-secret': keep, ...given }, session) {
    const known = properties[type]!
    const flags = Object.entries(givenOnly(given))
    const foreign = flags.filter(([flag]) => known[flag] === undefined).map(([flag]) => `--${flag}`)
    if (custom.length > 0 && type !== 'client-credentials') foreign.push('--custom')
    if (foreign.length > 0)
      throw faults.usage({ problems: [`${foreign.join(', ')} is not for ${type}`], command: 'oauth-credential set' })
    const done = await putMaterial(session, {
      set: sets[type]!,
      name,
      properties: {
        ...givenOnly({ Description: description }),
        ...Object.fromEntries(flags.map(([flag, value]) => [known[flag], value])),
        ...(custom.length > 0 && { CustomParameters: custom.map(customParameter) }),
      },
      secrets: [{ property: 'ClientSecret', words: 'Client secret' }],
      ask: (before) => !keyless.has(given['send-as']) && (before === undefined || !keep),
    })
    session.output.result({ name, done }, `${done}  ${name}`)
  },
})

export const oauthCredentialAuthorize = declareCommand({
  name: 'oauth-credential authorize',
  summary: 'Prints the address on which a person agrees in a browser. It counts once, for ten minutes.',
  examples: [{ line: 'oauth-credential authorize MAIL', words: 'Open the address, log on and agree.' }],
  positionals: { name: text({ label: 'name', help: 'Name of the authorization code.' }) },
  flags: {},
  async run({ name }, { api, output }) {
    const address = `AuthorizeOAuth2AuthorizationCode${query({ Name: literal(name) })}`
    const url = (await api().invoke(address)).toString()
    output.result({ name, url }, url)
  },
})
