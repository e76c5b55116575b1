import { declareFaults } from '../base/index.ts'

const withKey =
  'Set SLUICE_KEY to the file of a service key of plan api; the first start writes <data>/quickstart/api-key.json.'

export const faults = declareFaults('cli', {
  hostKeysAbsent: {
    kind: 'unavailable',
    message: (d: { host: string; reason: string }) => `${d.host} showed no host key: ${d.reason}`,
    remedy: 'See what sluice test ssh says of this server, or add the lines that ssh-keyscan prints elsewhere.',
  },
  usage: {
    kind: 'invalid',
    message: (d: { problems: readonly string[]; command: string }) => d.problems.join('\n'),
    remedy: (d: { command: string }) => `See ${['sluice', 'help', d.command].filter(Boolean).join(' ')}.`,
  },
  fileUnreadable: {
    kind: 'missing',
    message: (d: { what: string; file: string; why: string }) => `The ${d.what} ${d.file} cannot be read: ${d.why}.`,
    remedy: (d: { setting?: string }) =>
      d.setting === undefined
        ? 'Check the path and its permissions.'
        : `Start the server once, or set ${d.setting} to the right file.`,
  },
  keyInvalid: {
    kind: 'invalid',
    message: (d: { file: string; why: string }) => `${d.file} is no usable service key: ${d.why}.`,
    remedy: withKey,
  },
  addressInvalid: {
    kind: 'invalid',
    message: (d: { address: string }) => `${d.address} is no https address.`,
    remedy:
      'Set SLUICE_URL to the control address, such as https://localhost:9443; credentials are never sent without TLS.',
  },
  connectionRefused: {
    kind: 'unavailable',
    message: (d: { host: string }) => `Nobody listens at ${d.host}.`,
    remedy: 'Start the server with sluice start, or set SLUICE_URL to where it runs.',
  },
  hostUnknown: {
    kind: 'unavailable',
    message: (d: { host: string }) => `The host name of ${d.host} is not known.`,
    remedy: 'Correct the host name in SLUICE_URL.',
  },
  serverUntrusted: {
    kind: 'denied',
    message: (d: { host: string; why: string }) => `The certificate of ${d.host} is not trusted: ${d.why}.`,
    remedy:
      'Set SLUICE_CA to the PEM file of the authority that issued it; for a local server <data>/quickstart/ca.pem.',
  },
  serverNameWrong: {
    kind: 'denied',
    message: (d: { host: string }) => `The certificate that ${d.host} shows is for another host name.`,
    remedy: 'Use a name from the certificate, or add this one with SLUICE_HOST_NAMES on the server.',
  },
  serverExpired: {
    kind: 'denied',
    message: (d: { host: string }) => `The certificate of ${d.host} has expired or is not valid yet.`,
    remedy: 'Renew it on the server and compare the clocks of both machines.',
  },
  tlsFailed: {
    kind: 'unavailable',
    message: (d: { host: string; why: string }) => `No TLS connection with ${d.host}: ${d.why}.`,
    remedy: 'Check that the port speaks https; if the server refused a client certificate, sluice refusals says why.',
  },
  connectionLost: {
    kind: 'unavailable',
    message: (d: { host: string; why: string }) => `The connection with ${d.host} broke: ${d.why}.`,
    remedy: 'Check that the server still runs, and try again.',
  },
  timedOut: {
    kind: 'timeout',
    message: (d: { host: string }) => `${d.host} did not answer in time.`,
    remedy: 'Check the network and the load of the server, and try again.',
  },
  unauthenticated: {
    kind: 'denied',
    message: (d: { host: string }) => `${d.host} does not accept the client id and secret.`,
    remedy: withKey,
  },
  forbidden: {
    kind: 'denied',
    message: (d: { words: string }) => d.words,
    remedy: 'Add the role to the service instance of the key, or set SLUICE_KEY to a key that has it.',
  },
  csrf: {
    kind: 'denied',
    message: (d: { host: string }) => `${d.host} did not accept the CSRF token it gave out.`,
    remedy: 'Try again; if a proxy stands between, let it pass cookies and the header x-csrf-token.',
  },
  notFound: {
    kind: 'missing',
    message: (d: { words: string }) => d.words,
    remedy: 'sluice status lists what is deployed; names are compared with case.',
  },
  requestRefused: {
    kind: 'failed',
    message: (d: { status: number; words: string }) => `The server answered ${d.status}: ${d.words}`,
    remedy: 'Correct what it names; the log of the server says more where the status is 500 or above.',
  },
  answerUnreadable: {
    kind: 'failed',
    message: (d: { host: string; path: string }) =>
      `${d.host} gave an answer to ${d.path} that is not of the management API.`,
    remedy: 'Check that SLUICE_URL names the control address, not the runtime address or a proxy.',
  },
  endpointMissing: {
    kind: 'missing',
    message: (d: { flow: string }) => `${d.flow} has no address that can be called.`,
    remedy: 'See sluice status; a path such as /http/orders can be given instead of a flow.',
  },
  credentialsAbsent: {
    kind: 'missing',
    message: (d: { what: string }) => `No ${d.what} was given.`,
    remedy: 'Type it at the prompt, or pass it on standard input: printf %s "$PASSWORD" | sluice ...',
  },
  attachmentMissing: {
    kind: 'missing',
    message: (d: { name: string; known: readonly string[] }) =>
      `The message has no attachment ${d.name}; it has ${d.known.length === 0 ? 'none' : d.known.join(', ')}.`,
    remedy: 'Give one of these names.',
  },
  packageOther: {
    kind: 'conflict',
    message: (d: { id: string; held: string; wanted: string }) =>
      `${d.id} is in package ${d.held} already, not in ${d.wanted}.`,
    remedy: 'Leave --package out to change it where it is, or deploy it under another id with --id.',
  },
  entryUnknown: {
    kind: 'missing',
    message: (d: { what: string; wanted: string; list: string }) => `There is no ${d.what} ${d.wanted}.`,
    remedy: (d: { list: string }) => `See sluice ${d.list}.`,
  },
  entryAmbiguous: {
    kind: 'invalid',
    message: (d: { what: string; wanted: string; found: readonly string[] }) =>
      `${d.wanted} can be more than one ${d.what}: ${d.found.join(', ')}.`,
    remedy: 'Give one of these ids instead of the name.',
  },
  fileExists: {
    kind: 'conflict',
    message: (d: { file: string }) => `${d.file} exists already.`,
    remedy: 'Name another file with --out, or move this one away; a file with a secret is never overwritten.',
  },
  fileUnwritable: {
    kind: 'failed',
    message: (d: { file: string; why: string }) => `${d.file} cannot be written: ${d.why}.`,
    remedy: 'Check that you may write there and that there is room.',
  },
  privateKeyGiven: {
    kind: 'invalid',
    message: (d: { file: string; wanted: string }) => `${d.file} holds a private key where ${d.wanted} is wanted.`,
    remedy: 'Give the other file. It was not sent anywhere; a private key never leaves its owner.',
  },
  fingerprintUnverified: {
    kind: 'conflict',
    message: (d: { subject: string; fingerprint: string }) =>
      `No entry of the keystore vouches for ${d.subject} (SHA-256 ${d.fingerprint}).`,
    remedy: 'Compare the fingerprint with the one that the owner tells you, and repeat with --fingerprint-verified.',
  },
  deployTimeout: {
    kind: 'timeout',
    message: (d: { id: string; seconds: number }) => `${d.id} is neither started nor refused after ${d.seconds} s.`,
    remedy: 'It may still start: see sluice status.',
  },
  defect: {
    kind: 'defect',
    message: (d: { words: string }) => `Sluice failed: ${d.words}`,
    remedy: 'This is a defect: report it with the command and the version.',
  },
})
