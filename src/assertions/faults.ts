import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('assertions', {
  keyUnfit: {
    kind: 'invalid',
    message: (d: { algorithm: string }) => `The private key cannot sign by ${d.algorithm}.`,
    remedy: 'Use RSA with 2048 bits or more for RS and PS, EC on the curve of the name for ES, Ed25519 for EdDSA.',
  },
  certificateOfAnother: {
    kind: 'invalid',
    message: () => 'The certificate does not belong to the private key.',
    remedy: 'Give the certificate that was issued for this key, leaf first.',
  },
  draftInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The assertion cannot be made so: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named.',
  },
  keyReserved: {
    kind: 'denied',
    message: (d: { alias: string }) => `The keystore entry '${d.alias}' does not sign assertions.`,
    remedy: 'Use a key pair of the tenant, or sap_cloudintegrationcertificate.',
  },
  textUnreadable: {
    kind: 'invalid',
    message: (d: { why: string }) => `This cannot be signed: ${d.why}.`,
    remedy: 'Give one unsigned saml:Assertion with an ID and an Issuer, as XML.',
  },
})
