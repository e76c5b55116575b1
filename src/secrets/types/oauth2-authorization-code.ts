import { choice, secretText, text } from '../../fields/index.ts'
import { type MaterialType, secretUrl } from './declare-material.ts'

const ours = ['client_id', 'response_type', 'redirect_uri', 'state', 'scope', 'code_challenge', 'code_challenge_method']

/** OAuth2 Authorization Code. The refresh token is sealed beside the client secret. */
export const oauth2AuthorizationCode: MaterialType = {
  type: 'OAuth2AuthorizationCode',
  label: 'OAuth2 Authorization Code',
  most: 500,
  firstStatus: 'UNAUTHORIZED',
  sentTo: ['tokenServiceUrl'],
  shown: {
    provider: choice({
      label: 'Provider',
      help: 'Whose tokens they are.',
      options: { generic: 'Generic', microsoft365: 'Microsoft 365' },
      default: 'generic',
    }),
    authorizationUrl: secretUrl({ label: 'Authorization URL', help: 'Page on which a person agrees.' }),
    tokenServiceUrl: secretUrl({ label: 'Token Service URL', help: 'Address that issues tokens.' }),
    refreshTokenExpiry: text({
      label: 'Refresh Token Expiry',
      help: 'Days for which a refresh token holds; empty: for ever.',
      default: '',
      pattern: /^\d{1,4}$/,
      form: 'a whole number of days',
    }),
    clientId: text({ label: 'Client ID', help: 'Of the client at the provider.', maxLength: 1024 }),
    sendAs: choice({
      label: 'Send As',
      help: 'Where client ID and secret stand in the request.',
      options: { body: 'Body Parameter', header: 'Basic Auth Header' },
      default: 'body',
    }),
    userName: text({ label: 'User Name', help: 'Whose account it is.', default: '', maxLength: 200 }),
    scope: text({
      label: 'Scope',
      help: 'Scopes that are asked for, with blanks between.',
      default: '',
      maxLength: 4096,
    }),
  },
  secret: { clientSecret: secretText({ label: 'Client Secret', help: 'Never shown again.', maxLength: 4096 }) },
  rules({ provider, refreshTokenExpiry = '', authorizationUrl = '' }) {
    const query = URL.parse(authorizationUrl)?.searchParams
    const problems = ours
      .filter((name) => query?.has(name))
      .map((name) => `authorizationUrl must not hold ${name}, which is added to it`)
    const days = refreshTokenExpiry === '' ? undefined : Number(refreshTokenExpiry)
    if (days !== undefined && days < 3) problems.push('refreshTokenExpiry must be at least 3 days')
    if (provider === 'microsoft365' && (days === undefined || days > 90))
      problems.push('refreshTokenExpiry must be from 3 to 90 days for Microsoft 365')
    return problems
  },
}
