import { declareFaults } from '../../base/index.ts'

export const faults = declareFaults('https', {
  roleMissing: {
    kind: 'invalid',
    message: () => 'The authorization by user role names no role.',
    remedy: 'Enter the role a caller needs, such as ESBMessaging.send.',
  },
  certificatesMissing: {
    kind: 'invalid',
    message: () => 'The authorization by client certificate lists no certificate.',
    remedy: 'Add the subject and issuer DN of every certificate that may call, or authorize by user role.',
  },
  certificateIncomplete: {
    kind: 'invalid',
    message: () => 'A certificate of the authorization by client certificate has no subject or no issuer.',
    remedy: 'Enter both the subject DN and the issuer DN of every certificate.',
  },
})
