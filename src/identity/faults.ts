import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('identity', {
  instanceInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The service instance cannot be saved: ${d.problems.join('; ')}.`,
    remedy: 'Correct the parameters named.',
  },
  keyInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The service key cannot be created: ${d.problems.join('; ')}.`,
    remedy: 'Correct the parameters named.',
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
  certificateTaken: {
    kind: 'conflict',
    message: (d: { fingerprint: string; by: string }) =>
      `The certificate with the fingerprint ${d.fingerprint} is registered already: ${d.by}.`,
    remedy:
      'A certificate identifies one service key in a tenant. Use the key that has it, give its instance more roles, or delete that key first.',
  },
  certificateUnusable: {
    kind: 'invalid',
    message: (d: { subject: string; why: string }) =>
      `The certificate '${d.subject}' cannot identify a client: ${d.why}.`,
    remedy:
      'Give the client certificate itself, valid now or later, with the extended key usage clientAuth (1.3.6.1.5.5.7.3.2).',
  },
  caMissing: {
    kind: 'unsupported',
    message: () => 'This process has no CA to issue a client certificate with.',
    remedy: 'Create the service key at the control address, or register a certificate of your own.',
  },
})
