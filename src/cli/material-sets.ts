import { text } from '../fields/index.ts'
import type { Column } from './registry.ts'

const usual: readonly Column[] = [
  { property: 'Name', title: 'Name' },
  { property: 'Description', title: 'Description' },
]

/** Types of security material as the command line names them, each with its entity set and what is shown of it. */
export const materialSets: Readonly<Record<string, { readonly set: string; readonly columns: readonly Column[] }>> = {
  user: {
    set: 'UserCredentials',
    columns: [
      { property: 'Name', title: 'Name' },
      { property: 'Kind', title: 'Kind' },
      { property: 'User', title: 'User' },
      { property: 'Description', title: 'Description' },
    ],
  },
  'secure-parameter': { set: 'SecureParameters', columns: [...usual, { property: 'Status', title: 'Status' }] },
  'oauth2-client-credentials': {
    set: 'OAuth2ClientCredentials',
    columns: [
      ...usual,
      { property: 'ClientId', title: 'Client ID' },
      { property: 'TokenServiceUrl', title: 'Token service' },
    ],
  },
  'oauth2-authorization-code': {
    set: 'OAuth2AuthorizationCodes',
    columns: [
      ...usual,
      { property: 'Status', title: 'Status' },
      { property: 'UserName', title: 'User' },
      { property: 'TokenUrl', title: 'Token service' },
    ],
  },
  'oauth2-saml-bearer': {
    set: 'OAuth2SamlBearerAssertions',
    columns: [
      ...usual,
      { property: 'TargetSystemType', title: 'Target' },
      { property: 'TokenServiceUrl', title: 'Token service' },
    ],
  },
  jdbc: {
    set: 'JdbcDataSources',
    columns: [...usual, { property: 'DatabaseType', title: 'Database' }, { property: 'JdbcUrl', title: 'JDBC URL' }],
  },
}

const names = Object.keys(materialSets)

/** Which of them a command is about. */
export const materialType = text({
  label: 'type',
  help: `Type of the security material: ${names.join(', ')}.`,
  default: 'user',
  pattern: new RegExp(`^(?:${names.join('|')})$`),
  form: `one of ${names.join(', ')}`,
})
