import { declareFaults } from '../../base/index.ts'

export const faults = declareFaults('mail', {
  serverInvalid: {
    kind: 'invalid',
    message: (d: { server: string }) => `'${d.server}' is not the address of a mail server.`,
    remedy: 'Enter host name and port, such as smtp.example.com:587.',
  },
  credentialMissing: {
    kind: 'failed',
    message: () => 'The mail channel logs on with a credential, but its name is empty.',
    remedy: 'Enter the name of a user credential in the channel, and deploy that credential.',
  },
  addressInvalid: {
    kind: 'failed',
    message: (d: { field: string }) => `The mail has no valid address in '${d.field}'.`,
    remedy: 'Correct the addresses of the channel, or the headers and properties they are made of.',
  },
  refused: {
    kind: 'failed',
    message: (d: { server: string; code: number }) =>
      `The mail server ${d.server} refused the mail with the code ${d.code}.`,
    remedy: 'Look the code up in the log of the mail server: it says which address or content it did not take.',
  },
  logonRefused: {
    kind: 'failed',
    message: (d: { server: string }) => `The mail server ${d.server} refused the log-on.`,
    remedy: 'Check user name and password of the credential, and that the server allows this kind of log-on.',
  },
  tls: {
    kind: 'failed',
    message: (d: { server: string }) => `No secure connection to the mail server ${d.server} came about.`,
    remedy:
      'Check that the server offers STARTTLS or SMTPS at this port, and that its certificate is valid for its name.',
  },
  timeout: {
    kind: 'timeout',
    message: (d: { server: string; millis: number }) =>
      `The mail server ${d.server} did not answer within ${d.millis} ms.`,
    remedy: 'Check host name, port and firewalls, or raise the timeout of the channel.',
  },
  unreachable: {
    kind: 'unavailable',
    message: (d: { server: string }) => `The mail server ${d.server} cannot be reached, or broke the connection.`,
    remedy: 'Check host name, port and firewalls.',
  },
})
