import { declareFaults } from '../base/index.ts'

type Server = { server: string }
type Quoted = { server: string; words: string }

const said = ({ words }: { words: string }): string => (words === '' ? '.' : `: ${words}`)

/** Every reason why a connectivity test fails, with what can be done about it. */
export const faults = declareFaults('connectivity', {
  kindUnknown: {
    kind: 'missing',
    message: (d: { kind: string }) => `There is no connectivity test '${d.kind}'.`,
    remedy: 'Choose one of the kinds that are listed.',
  },
  inputInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly { field: string; problem: string }[] }) =>
      `The test cannot run: ${d.problems.map(({ field, problem }) => `'${field}' ${problem}`).join('; ')}.`,
    remedy: 'Correct the named inputs.',
  },
  tooManyTests: {
    kind: 'exhausted',
    message: (d: { perMinute: number; seconds: number }) => `More than ${d.perMinute} tests were run within a minute.`,
    remedy: (d: { perMinute: number; seconds: number }) => `Try again in ${d.seconds} seconds.`,
  },
  tooManyAtOnce: {
    kind: 'exhausted',
    message: (d: { concurrent: number }) => `${d.concurrent} tests are running, and no more may run at once.`,
    remedy: 'Wait until one of them has ended.',
  },
  addressNotPermitted: {
    kind: 'denied',
    message: (d: { host: string; addresses: readonly string[]; why: string }) =>
      `${d.host} may not be tested: its address ${d.addresses.join(', ')} is not permitted, because ${d.why}.`,
    remedy: 'If the server is meant to be reached, ask the operator to add its network to those that tests may reach.',
  },
  credentialMissing: {
    kind: 'missing',
    message: (d: { alias: string }) =>
      d.alias === '' ? 'The test logs on, but names no credential.' : `There is no user credential '${d.alias}'.`,
    remedy: 'Deploy a user credential, and enter its name.',
  },
  keyPairMissing: {
    kind: 'missing',
    message: (d: { alias: string }) =>
      d.alias === '' ? 'The test needs a private key, but names no alias.' : `There is no key pair '${d.alias}'.`,
    remedy: 'Enter the alias of a key pair in the keystore.',
  },
  keyUnfit: {
    kind: 'invalid',
    message: (d: { alias: string; why: string }) => `The key pair '${d.alias}' cannot be used here: ${d.why}.`,
    remedy: 'Choose a key pair of another kind.',
  },
  hostUnknown: {
    kind: 'unavailable',
    message: (d: { host: string }) => `The host name ${d.host} is not known to DNS.`,
    remedy: 'Check the spelling, and that the name can be looked up from where Sluice runs.',
  },
  lookupFailed: {
    kind: 'unavailable',
    message: (d: { host: string; why: string }) => `The host name ${d.host} could not be looked up: ${d.why}.`,
    remedy: 'Check that the DNS server of this machine works, and try again.',
  },
  connectionRefused: {
    kind: 'unavailable',
    message: (d: Server) => `${d.server} refuses connections: the host is up, but nothing listens at this port.`,
    remedy: 'Check the port, and that the service is running and listens on more than its own machine.',
  },
  timeout: {
    kind: 'timeout',
    message: (d: { server: string; step: string; millis: number }) =>
      `${d.server} did not answer within ${d.millis} ms (step '${d.step}').`,
    remedy: (d: { step: string }) =>
      d.step === 'connect'
        ? 'A firewall probably drops the connection: have it opened for the address of Sluice, or correct host and port.'
        : 'Check that this port speaks the chosen protocol and protection, or raise the timeout.',
  },
  cancelled: {
    kind: 'timeout',
    message: () => 'The test was ended before it was done.',
    remedy: 'Run it again; a single test may take a minute at most.',
  },
  hostUnreachable: {
    kind: 'unavailable',
    message: (d: Server) => `There is no way through the network to ${d.server}.`,
    remedy: 'Check the address, the routes of this machine, and the firewalls in between.',
  },
  connectionBroken: {
    kind: 'unavailable',
    message: (d: { server: string; step: string }) => `${d.server} closed the connection in the step '${d.step}'.`,
    remedy:
      'Check that this port speaks the chosen protocol, and look into the log of the server; firewalls cut connections, and some servers do when they dislike a client certificate.',
  },
  notTls: {
    kind: 'failed',
    message: (d: Server) => `${d.server} does not speak TLS from the start.`,
    remedy: 'Choose the port for TLS, or a protection that begins without encryption (STARTTLS), or none.',
  },
  tlsVersion: {
    kind: 'failed',
    message: (d: Server) => `${d.server} speaks no version of TLS that is still safe (1.2 or 1.3).`,
    remedy: 'Have TLS 1.2 or 1.3 enabled on the server.',
  },
  tlsNoCommonCipher: {
    kind: 'failed',
    message: (d: Server) => `${d.server} ended the handshake: it found no cipher, curve or signature in common.`,
    remedy:
      'Have a current cipher suite enabled on the server; some servers also answer so when a certificate is missing.',
  },
  tlsAlert: {
    kind: 'failed',
    message: (d: { server: string; alert: string; meaning: string }) =>
      `${d.server} ended the handshake with the alert '${d.alert}': ${d.meaning}.`,
    remedy: 'Look into the log of the server; it names the cause of the alert.',
  },
  tlsHostNameUnknown: {
    kind: 'failed',
    message: (d: { server: string; host: string }) => `${d.server} serves no host with the name ${d.host}.`,
    remedy: 'Enter the name under which the server is known to its clients, not an alias or address.',
  },
  tlsFailed: {
    kind: 'failed',
    message: (d: { server: string; why: string }) => `No TLS connection to ${d.server} came about: ${d.why}.`,
    remedy: 'Look into the log of the server, and compare its TLS settings with those of a server that works.',
  },
  certificateExpired: {
    kind: 'failed',
    message: (d: { subject: string; at: string }) => `The certificate '${d.subject}' expired at ${d.at}.`,
    remedy: 'Have the operator of the server renew it; check the clock of this machine if the date is in the future.',
  },
  certificateNotYetValid: {
    kind: 'failed',
    message: (d: { subject: string; at: string }) => `The certificate '${d.subject}' is not valid before ${d.at}.`,
    remedy: 'Check the clock of this machine; else wait, or have a certificate installed that is valid now.',
  },
  certificateSelfSigned: {
    kind: 'failed',
    message: (d: { subject: string }) => `The certificate '${d.subject}' is self-signed and not in the keystore.`,
    remedy: 'Compare its fingerprint with the operator of the server, then add it to the keystore.',
  },
  issuerUntrusted: {
    kind: 'failed',
    message: (d: { missing: string; alone: boolean; root: boolean }) =>
      d.root
        ? `The chain of the server ends at '${d.missing}', which is neither a public root nor in the keystore.`
        : `The certificate of the issuer '${d.missing}' is missing: it is neither sent by the server${
            d.alone ? ' (which sent its own certificate alone)' : ''
          } nor in the keystore.`,
    remedy: (d: { missing: string; root: boolean }) =>
      d.root
        ? `Compare the fingerprint with the operator of the server, then add '${d.missing}' to the keystore.`
        : `Have the server send its intermediate certificates too, or add '${d.missing}' to the keystore.`,
  },
  hostNameMismatch: {
    kind: 'failed',
    message: (d: { host: string; names: readonly string[] }) =>
      `The certificate is not for ${d.host}: ${d.names.length === 0 ? 'it names no host' : `it is for ${d.names.join(', ')}`}.`,
    remedy: 'Use one of the names in the certificate, or have one issued that names this host.',
  },
  certificateWeak: {
    kind: 'failed',
    message: (d: { why: string }) => `A certificate of the server is too weak: ${d.why}.`,
    remedy:
      'Have a certificate issued with a current key length (RSA 2048 or EC P-256) and signed with SHA-256 or better.',
  },
  certificateInvalid: {
    kind: 'failed',
    message: (d: { why: string }) => `The certificate of the server is not acceptable: ${d.why}.`,
    remedy: 'Have the operator of the server install a certificate that was issued for a server, with its full chain.',
  },
  clientCertificateRequired: {
    kind: 'failed',
    message: (d: Server) => `${d.server} demands a client certificate, and none was sent.`,
    remedy: 'Choose authentication with client certificate, and the alias of the key pair that the server knows.',
  },
  clientCertificateRefused: {
    kind: 'failed',
    message: (d: { server: string; alert: string; meaning: string }) =>
      `${d.server} refused the client certificate with '${d.alert}': ${d.meaning}.`,
    remedy: 'Have the issuer of the client certificate trusted by the server, and check validity and the full chain.',
  },
  hostKeyUnknown: {
    kind: 'failed',
    message: (d: { server: string; type: string; fingerprint: string }) =>
      `reject HostKey: the known hosts have no ${d.type} key of ${d.server}; it shows ${d.fingerprint}.`,
    remedy: 'Compare the fingerprint with the operator of the server, then add the host key to the known hosts.',
  },
  hostKeyChanged: {
    kind: 'failed',
    message: (d: { server: string; type: string; fingerprint: string; known: readonly string[] }) =>
      `HostKey has been changed: ${d.server} shows the ${d.type} key ${d.fingerprint}, known is ${d.known.join(', ')}.`,
    remedy:
      'Ask the operator whether the key was replaced. If so, replace it in the known hosts; if not, somebody is in between.',
  },
  hostKeyRevoked: {
    kind: 'failed',
    message: (d: { server: string; fingerprint: string }) =>
      `reject HostKey: the key ${d.fingerprint} of ${d.server} is marked as revoked in the known hosts.`,
    remedy: 'Do not connect; ask the operator of the server for its new key.',
  },
  noCommonAlgorithm: {
    kind: 'failed',
    message: (d: { server: string; which: string; offered: readonly string[] }) =>
      `No ${d.which} in common with ${d.server}${d.offered.length === 0 ? '' : `, which offers ${d.offered.join(', ')}`}.`,
    remedy: 'Have a current algorithm enabled on the server; those that are broken are not spoken here.',
  },
  authenticationRefused: {
    kind: 'failed',
    message: (d: Quoted) => `${d.server} refused the log-on${said(d)}`,
    remedy: 'Check user name and secret, that the account is active, and that it may log on this way.',
  },
  keyRefused: {
    kind: 'failed',
    message: (d: { server: string; user: string }) => `${d.server} did not accept the key of the user '${d.user}'.`,
    remedy: 'Have the public key installed for this user on the server, and check the user name.',
  },
  authenticationMethodMissing: {
    kind: 'failed',
    message: (d: { server: string; wanted: string; offered: readonly string[] }) =>
      `${d.server} does not offer the log-on by ${d.wanted}; it offers ${d.offered.join(', ') || 'none'}.`,
    remedy: 'Choose an authentication that the server offers; many offer log-on by password only after encryption.',
  },
  starttlsNotOffered: {
    kind: 'failed',
    message: (d: Server) => `${d.server} does not offer to change to TLS (STARTTLS).`,
    remedy: 'Use the port that is encrypted from the start, or have STARTTLS enabled on the server.',
  },
  starttlsRefused: {
    kind: 'failed',
    message: (d: Quoted) => `${d.server} offers STARTTLS, but refused it${said(d)}`,
    remedy: 'Look into the log of the server: often its certificate or key cannot be read.',
  },
  starttlsInjected: {
    kind: 'failed',
    message: (d: Server) => `${d.server} sent more in the clear after agreeing to change to TLS.`,
    remedy: 'Do not use this connection: somebody in between may have added commands (CVE-2011-0411).',
  },
  serviceRefused: {
    kind: 'failed',
    message: (d: Quoted) => `${d.server} is not ready to serve us${said(d)}`,
    remedy: 'Check that the address of Sluice may use this server, and that the server is not overloaded.',
  },
  requestRefused: {
    kind: 'failed',
    message: (d: { server: string; what: string; words: string }) => `${d.server} refused ${d.what}${said(d)}`,
    remedy: 'Check the permissions of the user, and look into the log of the server.',
  },
  protocolUnexpected: {
    kind: 'failed',
    message: (d: { server: string; protocol: string; words: string }) =>
      `${d.server} does not answer as ${d.protocol} does${said(d)}`,
    remedy: 'Check the port, the protection and that this is the server you mean.',
  },
  answerTooLarge: {
    kind: 'exhausted',
    message: (d: Server) => `${d.server} answered with more than a test reads.`,
    remedy: 'Check that this is the server you mean; name a smaller folder or document.',
  },
  folderMissing: {
    kind: 'failed',
    message: (d: { server: string; folder: string; words: string }) =>
      `${d.server} has no folder '${d.folder}' for this user${said(d)}`,
    remedy: 'List the folders, and enter one of them as it is spelled there.',
  },
  entryMissing: {
    kind: 'failed',
    message: (d: { server: string; entry: string; words: string }) =>
      `${d.server} does not show the entry '${d.entry}'${said(d)}`,
    remedy:
      'Check the distinguished name, and that this user may read the entry; many servers show it after a bind only.',
  },
  directoryMissing: {
    kind: 'failed',
    message: (d: { server: string; directory: string; words: string }) =>
      `${d.server} does not show the directory '${d.directory}'${said(d)}`,
    remedy: 'Check the path (below the home directory of the user) and the permissions of the user.',
  },
  senderRefused: {
    kind: 'failed',
    message: (d: { server: string; address: string; words: string }) =>
      `${d.server} refused the sender ${d.address}${said(d)}`,
    remedy: 'Use an address that this account may send from; many servers also demand authentication first.',
  },
  recipientRefused: {
    kind: 'failed',
    message: (d: { server: string; address: string; words: string }) =>
      `${d.server} refused the recipient ${d.address}${said(d)}`,
    remedy: 'Check the address, and that this account may send to it through this server.',
  },
  httpStatus: {
    kind: 'failed',
    message: (d: { url: string; status: number }) => `${d.url} answered with the status ${d.status}.`,
    remedy: (d: { status: number }) =>
      d.status === 401 || d.status === 403
        ? 'Check credential or client certificate, and that this user may call the address.'
        : d.status >= 500
          ? 'The server is reached but fails: look into its log.'
          : 'Check path and method of the address.',
  },
  documentInvalid: {
    kind: 'failed',
    message: (d: { url: string; what: string; why: string }) => `${d.url} is not ${d.what}: ${d.why}.`,
    remedy: 'Check the address with the operator of the identity provider.',
  },
  issuerMismatch: {
    kind: 'failed',
    message: (d: { entered: string; found: string }) => `The issuer names itself '${d.found}', not '${d.entered}'.`,
    remedy: 'Enter the issuer exactly as it names itself, with or without the slash at the end; else do not trust it.',
  },
  metadataExpired: {
    kind: 'failed',
    message: (d: { at: string }) => `The metadata were valid until ${d.at} only.`,
    remedy: 'Have the identity provider publish fresh metadata.',
  },
  amqpVersion: {
    kind: 'failed',
    message: (d: { server: string; version: string }) => `${d.server} speaks AMQP ${d.version}, not 1.0.`,
    remedy: 'Enable AMQP 1.0 on the broker (RabbitMQ before 4.0: plugin rabbitmq_amqp1_0).',
  },
  unexpected: {
    kind: 'defect',
    message: (d: { server: string; words: string }) =>
      `The test of ${d.server} failed in a way that has no name yet${said(d)}`,
    remedy: 'Report this with the kind of server; meanwhile look into the log of the server.',
  },
})
