import type { Grant } from './contracts.ts'

/** RFC 6749, 4.4: the token is the service instance's own, with its roles. */
export const clientCredentials: Grant = ({ client, form }) => ({
  client,
  grantType: 'client_credentials',
  user: undefined,
  scope: form.get('scope'),
})
