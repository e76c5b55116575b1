import { roles } from '../roles.ts'
import type { Services } from '../services.ts'
import { namedCertificates } from './named-certificates.ts'

/**
 * Certificates of proxies that may say which client certificate they have seen. Such a proxy can speak for every
 * client, so naming one needs the right to everything.
 */
export const trustedProxies = ({ identity }: Services) =>
  namedCertificates({
    name: 'TrustedProxies',
    type: 'TrustedProxy',
    managed: identity.proxies,
    edit: roles.editTrustedProxies,
  })
