import { alias, choice, expression, text } from '../fields/index.ts'

/** The words of the original for each profile, and ours for those that it has not. */
export const authenticationMethods = {
  None: 'None',
  Basic: 'Basic',
  'Client Certificate': 'Client Certificate',
  'OAuth2 Client Credentials': 'OAuth2 Client Credentials',
  'OAuth2 SAML Bearer Assertion': 'OAuth2 SAML Bearer Assertion',
  'OAuth2 Authorization Code': 'OAuth2 Authorization Code',
  'OAuth2 JWT Bearer': 'OAuth2 JWT Bearer',
  'OAuth2 Token Exchange': 'OAuth2 Token Exchange',
  'Principal Propagation': 'Principal Propagation',
} as const

/** How a channel authenticates itself, under the keys of the HTTP adapter; others of its family have their own. */
export const authenticationFields = {
  authenticationMethod: choice({
    label: 'Authentication',
    help: 'How Sluice authenticates itself at the receiver.',
    options: authenticationMethods,
    default: 'None',
  }),
  credentialName: alias({
    label: 'Credential Name',
    help: 'User credential for Basic, OAuth2 material for the methods of OAuth2; may hold ${...}.',
    of: 'credential',
    default: '',
  }),
  privateKeyAlias: alias({
    label: 'Private Key Alias',
    help: 'Key pair of the client certificate, empty for the one that the system provides; of Principal Propagation the CA that issues the certificates of users. May hold ${...}.',
    of: 'key',
    default: '',
  }),
  authenticationUser: expression({
    label: 'User',
    help: 'For whom the call is made, where the method speaks for a user: empty for who called the flow. Anybody else needs a grant of the kind impersonation. May hold ${...}.',
    default: '',
  }),
  userCertificateSubject: text({
    label: 'User Certificate Subject',
    help: 'Of Principal Propagation: subject of the certificate of the user, from ${name}, ${client_id} and attributes of the user such as ${mail}.',
    maxLength: 500,
    default: 'CN=${name}',
  }),
  userCertificateCarrier: choice({
    label: 'User Certificate Carrier',
    help: 'Of Principal Propagation: how the certificate of the user gets to the receiver.',
    options: { tls: 'TLS Client Certificate', header: 'Header SSL_CLIENT_CERT' },
    default: 'tls',
  }),
}
