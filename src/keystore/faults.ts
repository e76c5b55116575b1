import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('keystore', {
  masterKeyMissing: {
    kind: 'missing',
    message: (d: { file: string }) => `The master key ${d.file} does not exist, but there are tenants sealed under it.`,
    remedy: 'Put the master key file back from its backup; nothing was changed. Without it no secret can be opened.',
  },
  masterKeyUnreadable: {
    kind: 'invalid',
    message: (d: { file: string; why: string }) => `The master key ${d.file} cannot be used: ${d.why}.`,
    remedy: 'Restore the file (32 random bytes in base64), readable by the account of Sluice only (chmod 600).',
  },
  masterKeyWrong: {
    kind: 'denied',
    message: (d: { tenant: string }) => `The key of the tenant '${d.tenant}' was sealed under another master key.`,
    remedy: 'Start with the master key with which this installation was created; nothing was changed.',
  },
  masterKeyCommandFailed: {
    kind: 'invalid',
    message: (d: { why: string }) => `The command of the master key cannot be used: ${d.why}.`,
    remedy: 'Run the command of SLUICE_MASTER_KEY_COMMAND by hand: it has to print 32 bytes in base64 and end with 0.',
  },
  masterKeyUnchanged: {
    kind: 'conflict',
    message: () => 'The new master key is the one that is used already.',
    remedy: 'Name a source that gives another key; nothing was changed.',
  },
  comparisonPhraseUnfit: {
    kind: 'invalid',
    message: (d: { least: number; most: number }) => `A comparison phrase has ${d.least} to ${d.most} characters.`,
    remedy: 'Choose some random words, and give the same ones to both installations.',
  },
  tenantUnknown: {
    kind: 'missing',
    message: (d: { tenant: string }) => `There is no tenant '${d.tenant}'.`,
    remedy: 'Check the name of the tenant.',
  },
  sealBroken: {
    kind: 'denied',
    message: (d: { context: string; why: string }) => `The sealed value of '${d.context}' cannot be opened: ${d.why}.`,
    remedy: 'Enter the secret again, or restore the database together with the master key that belongs to it.',
  },
  certificateUnreadable: {
    kind: 'invalid',
    message: (d: { why: string }) => `This is not a certificate: ${d.why}.`,
    remedy: 'Give an X.509 certificate as PEM (line breaks do not matter) or DER.',
  },
  keyUnreadable: {
    kind: 'invalid',
    message: (d: { why: string }) => `The private key cannot be used: ${d.why}.`,
    remedy: 'Give the private key as PEM (PKCS#8, PKCS#1 or SEC 1) together with its passphrase, if it has one.',
  },
  keyOfAnother: {
    kind: 'invalid',
    message: (d: { alias: string }) => `The private key for '${d.alias}' does not belong to the first certificate.`,
    remedy: 'Give the certificate that was issued for this key, leaf first.',
  },
  chainBroken: {
    kind: 'invalid',
    message: (d: { subject: string; issuer: string }) =>
      `The chain is broken: '${d.subject}' was not issued by '${d.issuer}', which follows it.`,
    remedy: 'Put the leaf first and each issuer right after what it issued.',
  },
  requestUnreadable: {
    kind: 'invalid',
    message: (d: { why: string }) => `This is not a certificate request: ${d.why}.`,
    remedy:
      'Give a request in PKCS#10 as PEM or DER: openssl req -new -key client.key -subj /CN=name -out request.csr.',
  },
  requestRefused: {
    kind: 'invalid',
    message: (d: { why: string }) => `The certificate request is not signed: ${d.why}.`,
    remedy: 'Make a new key (RSA 2048 to 8192 bits, EC P-256, P-384 or P-521, Ed25519) and a new request with SHA-256.',
  },
  validityUnfit: {
    kind: 'invalid',
    message: (d: { days: number }) => `A client certificate cannot be valid for ${d.days} days.`,
    remedy: 'Give a whole number from 1 to 365.',
  },
  passwordUnfit: {
    kind: 'invalid',
    message: () => 'The password cannot protect a PKCS#12 file that every program reads.',
    remedy: 'Give 8 to 128 printable ASCII characters.',
  },
  pkcs12Unreadable: {
    kind: 'invalid',
    message: (d: { why: string }) => `This is not a PKCS#12 file: ${d.why}.`,
    remedy: 'Give a .p12 or .pfx file; a JKS file becomes one with keytool -importkeystore -deststoretype PKCS12.',
  },
  pkcs12PasswordWrong: {
    kind: 'denied',
    message: () => 'The password does not open this PKCS#12 file, or the file was changed.',
    remedy: 'Give the password with which the file was made.',
  },
  pkcs12Unsupported: {
    kind: 'unsupported',
    message: (d: { what: string }) => `This PKCS#12 file has what Sluice cannot read: ${d.what}.`,
    remedy:
      'Write it anew: openssl pkcs12 -legacy -in old.p12 -nodes -out all.pem, openssl pkcs12 -export -in all.pem.',
  },
  fileUnreadable: {
    kind: 'invalid',
    message: (d: { what: string; why: string }) => `This is not ${d.what}: ${d.why}.`,
    remedy: 'Give a whole file of a known kind: PKCS#12, JKS, JCEKS, PEM, PKCS#1, PKCS#8, OpenSSH or PuTTY.',
  },
  fileUnsupported: {
    kind: 'unsupported',
    message: (d: { what: string }) => `The file has what Sluice cannot read: ${d.what}.`,
    remedy: 'Write it anew with the program that made it, in its present default format, and import that.',
  },
  filePasswordWrong: {
    kind: 'invalid',
    message: (d: { what: string }) => `The password does not open ${d.what}, or the file was changed.`,
    remedy: 'Give the password with which the file was made.',
  },
  fileTooLarge: {
    kind: 'exhausted',
    message: (d: { what: string; bytes: number; limit: number }) =>
      `${d.what} has ${d.bytes} bytes; at most ${d.limit} are taken.`,
    remedy: 'Import less at once, or have the limit raised in the settings.',
  },
  keystoreFull: {
    kind: 'exhausted',
    message: (d: { bytes: number; limit: number }) =>
      `The keystore would have ${d.bytes} bytes; at most ${d.limit} are kept.`,
    remedy: 'Delete entries that nothing uses, or have the limit raised in the settings.',
  },
  keystoreEmpty: {
    kind: 'invalid',
    message: () => 'The file has no key pair and no certificate.',
    remedy: 'Look into it with keytool -list or openssl pkcs12 -info, and give a file with entries.',
  },
  keyAbsent: {
    kind: 'invalid',
    message: (d: { what: string }) => `The file has no ${d.what}.`,
    remedy: 'Give a file with the private key; certificates alone are imported as certificates.',
  },
  severalKeys: {
    kind: 'invalid',
    message: (d: { count: number }) => `The file has ${d.count} key pairs, and one alias takes one.`,
    remedy: 'Import the file as a keystore, or give one with a single key pair.',
  },
  keyUnfit: {
    kind: 'invalid',
    message: (d: { why: string }) => `The key cannot be taken: ${d.why}.`,
    remedy: 'Use RSA with 2048 to 4096 bits, EC on P-256, P-384 or P-521, or Ed25519.',
  },
  requestInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The key cannot be made so: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named.',
  },
  notTrusted: {
    kind: 'conflict',
    message: (d: { subject: string; fingerprint: string; certificate: string }) =>
      `No entry of the keystore vouches for '${d.subject}' (SHA-256 ${d.fingerprint}).`,
    remedy:
      'Compare the fingerprint with the one that the owner tells you on another way, and import again with fingerprintVerified=true.',
  },
  typeDiffers: {
    kind: 'conflict',
    message: (d: { alias: string; present: string; given: string }) =>
      `The keystore entry '${d.alias}' is a ${d.present}; a ${d.given} cannot take its place.`,
    remedy: 'Choose another alias, or delete the entry first.',
  },
  entryInUse: {
    kind: 'conflict',
    message: (d: { alias: string; users: readonly string[] }) =>
      `The keystore entry '${d.alias}' is in use by ${d.users.join('; ')}.`,
    remedy: 'Change or undeploy what uses it first.',
  },
  requestNotOffered: {
    kind: 'conflict',
    message: (d: { alias: string; why: string }) => `There is no signing request for '${d.alias}': ${d.why}.`,
    remedy: 'Ask for a key pair of your own under another alias.',
  },
  responseMismatch: {
    kind: 'invalid',
    message: (d: { alias: string }) => `None of the certificates belongs to the private key of '${d.alias}'.`,
    remedy: 'Give the answer of the CA to the signing request of this very entry.',
  },
  expired: {
    kind: 'invalid',
    message: (d: { subject: string; until: string }) => `The certificate of '${d.subject}' expired on ${d.until}.`,
    remedy: 'Give one that is valid, or say that you want it all the same (acceptExpired) to open old messages.',
  },
  rootAbsent: {
    kind: 'missing',
    message: (d: { alias: string }) => `The chain of '${d.alias}' does not reach a root.`,
    remedy: 'Import the answer of the CA with its root, or ask the CA for its root certificate.',
  },
  backupAbsent: {
    kind: 'missing',
    message: () => 'There is no backup of the keystore.',
    remedy: 'Make one before it is needed: sluice key backup.',
  },
  historyTarget: {
    kind: 'invalid',
    message: (d: { alias: string }) => `'${d.alias}' is no alias of a key that the system provides.`,
    remedy: 'Name one that is, such as sap_cloudintegrationcertificate, or leave it out.',
  },
  exportForbidden: {
    kind: 'denied',
    message: (d: { alias: string; why: string }) => `The private key of '${d.alias}' stays here: ${d.why}.`,
    remedy: 'Keys of the tenant can be exported where the setting for it is on; those of the system never.',
  },
  aliasInvalid: {
    kind: 'invalid',
    message: (d: { alias: string; why: string }) => `'${d.alias}' cannot be an alias: ${d.why}.`,
    remedy: 'Choose 1 to 250 printable characters that do not begin with a reserved prefix.',
  },
  aliasUnknown: {
    kind: 'missing',
    message: (d: { alias: string }) => `There is no keystore entry '${d.alias}'.`,
    remedy: 'Check the alias in the keystore; aliases are compared exactly.',
  },
  aliasTaken: {
    kind: 'conflict',
    message: (d: { alias: string }) => `There is a keystore entry '${d.alias}' already.`,
    remedy: 'Choose another alias, or ask to replace the entry.',
  },
  notKeyPair: {
    kind: 'conflict',
    message: (d: { alias: string }) => `The keystore entry '${d.alias}' is a certificate without a private key.`,
    remedy: 'Name a key pair, or import the private key with its chain under this alias.',
  },
  systemOwned: {
    kind: 'denied',
    message: (d: { alias: string }) => `The keystore entry '${d.alias}' belongs to the system.`,
    remedy: 'Entries of the system are made and renewed by Sluice; import your own under another alias.',
  },
})
