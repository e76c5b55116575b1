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
