import { alias, choice, secretText, table, text } from '../../fields/index.ts'
import { type MaterialType, notBlank, secretUrl } from './declare-material.ts'

const reserved = new Set(['client_id', 'client_secret', 'grant_type'])
const mostParameters = 20

interface CustomParameter {
  readonly key: string
  readonly value: string
  readonly sendAsPartOf: string
}

/** OAuth2 Client Credentials. */
export const oauth2ClientCredential: MaterialType = {
  type: 'OAuth2ClientCredential',
  label: 'OAuth2 Client Credentials',
  most: 10_000,
  firstStatus: 'DEPLOYED',
  sentTo: ['tokenServiceUrl'],
  shown: {
    tokenServiceUrl: secretUrl({ label: 'Token Service URL', help: 'Address that issues access tokens.' }),
    grantType: choice({
      label: 'Grant Type',
      help: 'Where grant_type stands in the request.',
      options: { url: 'Send as part of URL', body: 'Send as part of body' },
      default: 'url',
    }),
    clientId: text({ label: 'Client ID', help: 'Of the client at the token service.', maxLength: 1024 }),
    clientAuthentication: choice({
      label: 'Client Authentication',
      help: 'How the client proves who it is to the token service.',
      options: {
        body: 'Send as Body Parameter',
        header: 'Send as Request Header',
        certificate: 'Client Certificate',
        privateKeyJwt: 'Signed JWT',
        none: 'None',
      },
      default: 'body',
    }),
    keyPairAlias: alias({
      label: 'Key Pair Alias',
      help: 'Key pair of the client certificate, or that signs; empty for the one that the system provides.',
      of: 'key',
      default: '',
    }),
    scope: text({
      label: 'Scope',
      help: 'Scopes that are asked for, with blanks between.',
      default: '',
      maxLength: 4096,
    }),
    contentType: choice({
      label: 'Content Type',
      help: 'Form of the request.',
      options: { urlencoded: 'application/x-www-form-urlencoded', json: 'application/json' },
      default: 'urlencoded',
    }),
    resource: text({ label: 'Resource', help: 'Sent as resource.', default: '', maxLength: 1024 }),
    audience: text({ label: 'Audience', help: 'Sent as audience.', default: '', maxLength: 1024 }),
    customParameters: table({
      label: 'Custom Parameters',
      help: 'Further parameters of the request.',
      columns: {
        key: text({ label: 'Key', help: 'Name of the parameter.', maxLength: 1024 }),
        value: text({ label: 'Value', help: 'Its value.', maxLength: 1024 }),
        sendAsPartOf: choice({
          label: 'Send as Part of',
          help: 'Where it stands in the request.',
          options: { body: 'Body', header: 'Header', url: 'URL' },
        }),
      },
    }),
  },
  secret: {
    clientSecret: secretText({
      label: 'Client Secret',
      help: 'Never shown again. None where a key proves who the client is.',
      default: '',
      maxLength: 4096,
    }),
  },
  rules: ({ customParameters = '[]', clientAuthentication, clientSecret }) => [
    ...customProblems(JSON.parse(customParameters || '[]') as CustomParameter[]),
    ...((clientAuthentication === 'body' || clientAuthentication === 'header') && !notBlank(clientSecret)
      ? ['clientSecret must not be empty where the client proves itself by it']
      : []),
  ],
}

function customProblems(rows: readonly CustomParameter[]): readonly string[] {
  const problems: string[] = []
  if (rows.length > mostParameters) problems.push(`customParameters has more than ${mostParameters} rows`)
  const seen = new Set<string>()
  for (const [index, { key, value, sendAsPartOf }] of rows.entries()) {
    const row = `customParameters row ${index + 1}`
    if (key.trim() === '' || value.trim() === '') problems.push(`${row}: key and value must not be blank`)
    if (reserved.has(key.trim().toLowerCase())) problems.push(`${row}: the key ${key.trim()} is set by Sluice itself`)
    if (sendAsPartOf === 'header' && !/^[\w!#$%&'*+.^`|~-]+$/.test(key))
      problems.push(`${row}: the key is no name of a header`)
    if (/[\r\n\0]/.test(key + value)) problems.push(`${row}: must be one line`)
    const triple = JSON.stringify([key, value, sendAsPartOf])
    if (seen.has(triple)) problems.push(`${row}: is there twice`)
    seen.add(triple)
  }
  return problems
}
