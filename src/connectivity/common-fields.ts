import { alias, choice, duration, type Field, flag, informative, integer, text } from '../fields/index.ts'

export const host = text({
  label: 'Host',
  help: 'Host name or IP address of the server, without scheme and path.',
  maxLength: 253,
  pattern: /^(?:[^\s/:@?#[\]%]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]+)$/,
  form: 'a host name or IP address without scheme, port and path',
})

/** A port that may be left to the protocol: undefined stands for its own port, which `usual` names in the help. */
export function port(usual: string): Field<number | undefined> {
  const count = integer({ label: 'Port', help: `Port of the server; empty for ${usual}.`, min: 1, max: 65_535 })
  return {
    ...count,
    fallback: '',
    read: (raw) => (raw.trim() === '' ? { value: undefined } : count.read(raw)),
  }
}

export const timeout = duration({
  label: 'Timeout (ms)',
  help: 'The longest that each step of the test may take, in milliseconds.',
  unit: 'ms',
  min: 100,
  max: 60_000,
  default: 10_000,
})

export const validate = flag({
  label: 'Validate Server Certificate',
  help: 'Demand that the certificate is valid, comes from a trusted issuer and is for this host. The chain is shown in any case.',
  default: true,
})

export const proxy = {
  proxyType: choice({
    label: 'Proxy Type',
    help: 'Whether the server is reached directly.',
    options: { Internet: 'Internet' },
    default: 'Internet',
    unsupported: ['On-Premise'],
  }),
  locationId: informative({ label: 'Location ID', help: 'Of the Cloud Connector, which is not supported.' }),
}

export const credentialName = alias({
  label: 'Credential Name',
  help: 'User credential for the log-on, where the test logs on.',
  of: 'credential',
  default: '',
})

export const privateKeyAlias = alias({
  label: 'Private Key Alias',
  help: 'Key pair in the keystore, where the test shows one.',
  of: 'key',
  default: '',
})

/** Protection of the mail protocols; `secure` is the name of what is encrypted from the start. */
const protection = <const Secure extends string>(secure: Secure, label: string) =>
  choice({
    label: 'Protection',
    help: 'Whether the connection is encrypted: never, from the start, by STARTTLS, or by STARTTLS if the server can.',
    options: {
      off: 'Off',
      [secure]: label,
      starttls_mandatory: 'STARTTLS Mandatory',
      starttls_optional: 'STARTTLS Optional',
    } as Readonly<Record<Secure | 'off' | 'starttls_mandatory' | 'starttls_optional', string>>,
    default: 'starttls_mandatory',
  })

export const mailAuthentication = {
  encrypted: 'Encrypted User/Password',
  plain: 'Plain User/Password',
} as const

/** What the mail protocols share; `usual` are the ports in words. */
export const mailFields = <const Secure extends string, Authentication>(given: {
  readonly usual: string
  readonly secure: Secure
  readonly label: string
  readonly authentication: Authentication
}) => ({
  host,
  port: port(given.usual),
  ...proxy,
  protection: protection(given.secure, given.label),
  authentication: given.authentication,
  credentialName,
  validateServerCertificate: validate,
})

export const url = text({
  label: 'Address',
  help: 'Address that begins with https:// (or http://), without user name and password.',
  maxLength: 2000,
  pattern: /^https?:\/\/[^\s@/?#]+(?:[/?#][^\s]*)?$/i,
  form: 'an address that begins with https:// or http://, without user name and password',
})
