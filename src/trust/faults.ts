import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('trust', {
  crlUnreadable: {
    kind: 'invalid',
    message: (d: { number: number; why: string }) => `The CRL number ${d.number} cannot be used: ${d.why}.`,
    remedy: 'Give a complete X.509 CRL of version 2 (RFC 5280) as PEM or DER.',
  },
})
