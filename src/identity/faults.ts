import { declareFaults } from '../base/index.ts'

type Problems = { readonly problems: readonly string[] }
const listed = ({ problems }: Problems) => problems.join('; ')
const correct = 'Correct what is named; nothing was changed.'
const another = 'Choose another name, or change the one that is there.'
const leafAlone =
  'Give the client certificate itself, valid now or later, with the extended key usage clientAuth (1.3.6.1.5.5.7.3.2).'

export const faults = declareFaults('identity', {
  roleInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The role cannot be saved: ${listed(d)}.`,
    remedy: correct,
  },
  userInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The user cannot be saved: ${listed(d)}.`,
    remedy: correct,
  },
  groupInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The user group cannot be saved: ${listed(d)}.`,
    remedy: correct,
  },
  instanceInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The service instance cannot be saved: ${listed(d)}.`,
    remedy: 'Correct the parameters named.',
  },
  keyInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The service key cannot be created: ${listed(d)}.`,
    remedy: 'Correct the parameters named.',
  },
  registrationInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The certificate cannot be registered so: ${listed(d)}.`,
    remedy: correct,
  },
  anchorInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The certificate cannot become a trust anchor: ${listed(d)}.`,
    remedy: 'Give one valid certificate: a CA, or exactly the client certificate that is to be trusted.',
  },
  revocationListInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `This is not a certificate revocation list: ${d.why}.`,
    remedy: 'Give a complete X.509 CRL of one issuer as PEM or DER.',
  },
  policyInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The policy cannot be saved: ${listed(d)}.`,
    remedy: correct,
  },
  identityProviderInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The identity provider cannot be saved: ${listed(d)}.`,
    remedy: correct,
  },
  identityProviderUnknown: {
    kind: 'missing',
    message: (d: { provider: string }) => `There is no identity provider '${d.provider}'.`,
    remedy: 'Check the id in the list of trusted identity providers.',
  },
  identityProviderTaken: {
    kind: 'conflict',
    message: (d: { what: 'name' | 'issuer'; value: string; by: string }) =>
      `The ${d.what} '${d.value}' belongs to the identity provider '${d.by}' already.`,
    remedy: 'Change the identity provider that is there: a further certificate lets old and new overlap.',
  },
  metadataInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `This metadata cannot be used: ${listed(d)}.`,
    remedy: 'Give the SAML 2.0 metadata of one identity provider as it publishes it.',
  },
  metadataOfSeveral: {
    kind: 'invalid',
    message: (d: { issuers: readonly string[] }) =>
      `This is the metadata of several entities: ${d.issuers.map((each) => `'${each}'`).join(', ')}.`,
    remedy: 'Give the EntityDescriptor of one of them by itself.',
  },
  metadataSignatureWrong: {
    kind: 'invalid',
    message: (d: { why: string }) => `The signature of the metadata does not hold: ${d.why}.`,
    remedy: 'Fetch the metadata again, and check whose certificate was given to verify it with.',
  },
  issuerRefused: {
    kind: 'invalid',
    message: (d: { address: string; why: string }) => `'${d.address}' is not fetched: ${d.why}.`,
    remedy: 'Give the https address of the issuer as it names itself.',
  },
  issuerUnreachable: {
    kind: 'unavailable',
    message: (d: { address: string; why: string }) => `'${d.address}' could not be read: ${d.why}.`,
    remedy: 'Check the address, and that this machine reaches it by https with a certificate that is trusted here.',
  },
  issuerAnswerInvalid: {
    kind: 'invalid',
    message: (d: { address: string; why: string }) => `What '${d.address}' answered cannot be used: ${d.why}.`,
    remedy: 'Check that this is an OpenID Connect issuer, and that its address is spelt as it names itself.',
  },
  senderInvalid: {
    kind: 'invalid',
    message: (d: Problems) => `The sender cannot be trusted so: ${listed(d)}.`,
    remedy: correct,
  },
  roleUnknown: {
    kind: 'missing',
    message: (d: { role: string }) => `There is no user role '${d.role}'.`,
    remedy: 'Check the name in the list of user roles; upper and lower case differ.',
  },
  userUnknown: {
    kind: 'missing',
    message: (d: { user: string }) => `There is no user '${d.user}'.`,
    remedy: 'Check the name in the list of users.',
  },
  groupUnknown: {
    kind: 'missing',
    message: (d: { group: string }) => `There is no user group '${d.group}'.`,
    remedy: 'Check the name in the list of user groups; upper and lower case differ.',
  },
  instanceUnknown: {
    kind: 'missing',
    message: (d: { instance: string }) => `There is no service instance '${d.instance}'.`,
    remedy: 'Check the id in the list of service instances.',
  },
  keyUnknown: {
    kind: 'missing',
    message: (d: { key: string }) => `There is no service key '${d.key}'.`,
    remedy: 'Check the id in the list of the keys of the service instance.',
  },
  certificateUnknown: {
    kind: 'missing',
    message: (d: { fingerprint: string }) => `No certificate with the fingerprint ${d.fingerprint} is registered here.`,
    remedy: 'Check the fingerprint (SHA-256, hex) in the list of certificates.',
  },
  anchorUnknown: {
    kind: 'missing',
    message: (d: { fingerprint: string }) => `There is no trust anchor with the fingerprint ${d.fingerprint}.`,
    remedy: 'Check the fingerprint (SHA-256, hex) in the list of trust anchors.',
  },
  revocationListUnknown: {
    kind: 'missing',
    message: (d: { fingerprint: string }) => `There is no revocation list with the fingerprint ${d.fingerprint}.`,
    remedy: 'Check the fingerprint (SHA-256, hex) in the list of revocation lists.',
  },
  endpointPolicyUnknown: {
    kind: 'missing',
    message: (d: { address: string }) => `There is no policy for the address '${d.address}'.`,
    remedy: 'Check the address in the list of endpoint policies.',
  },
  roleNameTaken: {
    kind: 'conflict',
    message: (d: { name: string }) => `There is a user role '${d.name}' already.`,
    remedy: another,
  },
  userNameTaken: {
    kind: 'conflict',
    message: (d: { name: string }) => `There is a user '${d.name}' already.`,
    remedy: another,
  },
  groupNameTaken: {
    kind: 'conflict',
    message: (d: { name: string }) => `There is a user group '${d.name}' already.`,
    remedy: another,
  },
  instanceNameTaken: {
    kind: 'conflict',
    message: (d: { name: string }) => `There is a service instance '${d.name}' already.`,
    remedy: 'Choose another name.',
  },
  keyNameTaken: {
    kind: 'conflict',
    message: (d: { name: string; instance: string }) =>
      `The service instance '${d.instance}' has a service key '${d.name}' already.`,
    remedy: 'Choose another name.',
  },
  clientIdTaken: {
    kind: 'conflict',
    message: (d: { clientId: string; by: string }) => `The client id '${d.clientId}' belongs to ${d.by}.`,
    remedy: 'A client id names one service instance in a tenant. Choose another one, or leave it out.',
  },
  endpointPolicyTaken: {
    kind: 'conflict',
    message: (d: { address: string }) => `There is a policy for the address '${d.address}' already.`,
    remedy: 'Change the policy that is there.',
  },
  rolePredefined: {
    kind: 'conflict',
    message: (d: { role: string }) => `The role '${d.role}' is predefined: it can be neither changed nor deleted.`,
    remedy: 'Create a role of your own.',
  },
  roleInUse: {
    kind: 'conflict',
    message: (d: { role: string; by: readonly string[] }) =>
      `The role '${d.role}' cannot be deleted: it is assigned to ${d.by.join(', ')}.`,
    remedy: 'Take the role from those named first.',
  },
  userInUse: {
    kind: 'conflict',
    message: (d: { user: string; by: readonly string[] }) =>
      `The user '${d.user}' cannot be deleted: certificates are mapped to it: ${d.by.join(', ')}.`,
    remedy: 'Delete the certificate-to-user mappings named, or map the certificates to another user, first.',
  },
  anchorTaken: {
    kind: 'conflict',
    message: (d: { fingerprint: string; name: string }) =>
      `The certificate with the fingerprint ${d.fingerprint} is a trust anchor already: '${d.name}'.`,
    remedy: 'Nothing needs to be done: it is trusted.',
  },
  revocationListOlder: {
    kind: 'conflict',
    message: (d: { issuer: string; present: string; given: string }) =>
      `The revocation list of '${d.issuer}' of ${d.given} is not newer than the one of ${d.present} that is there.`,
    remedy: 'Give the latest list, or delete the one that is there first.',
  },
  certificateTaken: {
    kind: 'conflict',
    message: (d: { fingerprint: string; by: string }) =>
      `The certificate with the fingerprint ${d.fingerprint} is registered already: ${d.by}.`,
    remedy:
      'A certificate identifies one thing in a tenant. Use the one that has it, give that one more roles, or delete it first.',
  },
  certificatesAmbiguous: {
    kind: 'conflict',
    message: (d: { subject: string; issuer: string; by: string }) =>
      `Subject '${d.subject}' and issuer '${d.issuer}' belong to ${d.by} already, so a renewed certificate could be of either.`,
    remedy:
      'Names with an unpinned key identify that key alone: pin both keys, use other names, or delete the one named first.',
  },
  certificateIsPrivateKey: {
    kind: 'invalid',
    message: () => 'This holds a private key, which belongs to the client alone.',
    remedy: 'Give the certificate without its key. Whoever has seen the key can be the client: renew it if in doubt.',
  },
  certificatesSeveral: {
    kind: 'invalid',
    message: (d: { subjects: readonly string[] }) =>
      `These are several certificates that are no chain: ${d.subjects.map((each) => `'${each}'`).join(', ')}.`,
    remedy: 'Register each client certificate for itself.',
  },
  certificateOfAuthority: {
    kind: 'invalid',
    message: (d: { subject: string }) => `The certificate '${d.subject}' is that of a CA, not of a client.`,
    remedy: `${leafAlone} A CA is added to the trust anchors; a client certificate that you signed yourself needs that extended key usage (openssl req -x509 -addext extendedKeyUsage=clientAuth).`,
  },
  certificateExpired: {
    kind: 'invalid',
    message: (d: { subject: string; to: string }) => `The certificate '${d.subject}' has expired on ${d.to}.`,
    remedy: 'Give a certificate that is valid now or later.',
  },
  certificateNotForClients: {
    kind: 'invalid',
    message: (d: { subject: string }) => `The certificate '${d.subject}' is not issued for client authentication.`,
    remedy: leafAlone,
  },
  certificateWeak: {
    kind: 'invalid',
    message: (d: { subject: string; key: string; needed: string }) =>
      `The key of the certificate '${d.subject}' is too weak: it is ${d.key}, and ${d.needed}.`,
    remedy: 'Let a certificate be issued for a stronger key.',
  },
  certificateUntrusted: {
    kind: 'invalid',
    message: (d: { subject: string; selfSigned: boolean; reason: string }) =>
      `The certificate '${d.subject}' ${d.selfSigned ? 'is self-signed and not trusted' : 'is not trusted'} here: ${d.reason}`,
    remedy:
      'Add its CA, or the certificate itself, to the trust anchors, give the missing intermediate certificates with it, or allow to pin on registration.',
  },
  caMissing: {
    kind: 'unsupported',
    message: () => 'This process has no CA to issue a client certificate with.',
    remedy: 'Create the service key at the control address, or register a certificate of your own.',
  },
})
