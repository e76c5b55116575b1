import { roles } from '../roles.ts'
import type { Services } from '../services.ts'
import { namedCertificates } from './named-certificates.ts'

/** Certificates of senders whose channels list them by their names. */
export const channelCertificates = ({ identity }: Services) =>
  namedCertificates({
    name: 'ChannelCertificates',
    type: 'ChannelCertificate',
    managed: identity.channelCertificates,
    edit: roles.editSecurityMaterial,
  })
