import { alias, choice, duration, expression, fixed, flag, informative, table, text } from '../../fields/index.ts'

const smime = (label: string) => informative({ label, help: 'Of S/MIME, which is not supported.' })
const proxy = (label: string) => informative({ label, help: 'Of proxies, which are not supported.' })

export const fields = {
  server: text({
    label: 'Address',
    help: 'Host name and port of the mail server, such as smtp.example.com:587; without a port 25.',
  }),
  timeout: duration({
    label: 'Timeout',
    help: 'How long to wait for the server, in milliseconds.',
    unit: 'ms',
    min: 1,
    max: 3_600_000,
    default: 30_000,
  }),
  ssl: choice({
    label: 'Protection',
    help: 'Whether the connection is encrypted: never, by STARTTLS if the server can, by STARTTLS, or from the start.',
    options: {
      off: 'Off',
      starttls_optional: 'STARTTLS Optional',
      starttls_mandatory: 'STARTTLS Mandatory',
      smtps: 'SMTPS',
    },
    default: 'starttls_mandatory',
  }),
  auth: choice({
    label: 'Authentication',
    help: 'Whether Sluice logs on to the mail server, with user name and password.',
    options: { none: 'None', loginPlain: 'Plain User Name/Password' },
    default: 'none',
    unsupported: ['loginEncrypted', 'oauth2', 'oauth', 'OAuth2'],
  }),
  user: alias({
    label: 'Credential Name',
    help: 'User credential for the log-on; may hold ${...}.',
    of: 'credential',
    default: '',
  }),
  tokenCredential: informative({ label: 'OAuth Credential', help: 'Of OAuth, which is not supported.' }),
  from: expression({ label: 'From', help: 'Address of the sender.' }),
  to: expression({ label: 'To', help: 'Addresses, separated by commas or semicolons.', default: '' }),
  cc: expression({ label: 'Cc', help: 'Addresses that get a copy.', default: '' }),
  bcc: expression({ label: 'Bcc', help: 'Addresses that get a copy nobody sees.', default: '' }),
  subject: expression({ label: 'Subject', help: 'Subject of the mail.', default: '' }),
  body: expression({ label: 'Mail Body', help: 'Text of the mail.', default: '${in.body}' }),
  content_type: expression({
    label: 'Body MIME-Type',
    help: 'Type of the text, such as text/plain or text/html.',
    default: 'text/plain',
  }),
  content_encoding: choice({
    label: 'Body Encoding',
    help: 'Character set of the text.',
    options: { 'UTF-8': 'UTF-8' },
    default: 'UTF-8',
    unsupported: ['ISO-8859-1', 'US-ASCII', 'UTF-16', 'windows-1252'],
  }),
  attachments: table({
    label: 'Attachments',
    help: 'Files sent with the mail.',
    columns: {
      'attachment.name': expression({ label: 'Name', help: 'Name of the file.' }),
      'attachment.type': text({
        label: 'MIME-Type',
        help: 'Type of the content.',
        default: 'application/octet-stream',
      }),
      'attachment.source': choice({
        label: 'Source',
        help: 'Where the content comes from.',
        options: { Body: 'Body', body: 'Body', Header: 'Header', header: 'Header' },
        default: 'Body',
      }),
      'attachment.value': text({
        label: 'Header Name',
        help: 'Name of the header, for the source Header.',
        default: '',
      }),
    },
  }),
  keep_attachments: flag({
    label: 'Add Message Attachments',
    help: 'Send the attachments of the message too.',
    default: false,
  }),
  attachmentTransferEncoding: fixed({
    label: 'Content Transfer Encoding',
    help: 'Chosen by the content.',
    accepts: ['auto', ''],
  }),
  proxyType: fixed({ label: 'Proxy Type', help: 'The server is reached directly.', accepts: ['none', ''] }),
  proxyAlias: proxy('Proxy Credential'),
  proxyHost: proxy('Proxy Host'),
  proxyPort: proxy('Proxy Port'),
  proxyProtocol: proxy('Proxy Protocol'),
  locationId: informative({ label: 'Location ID', help: 'Of the Cloud Connector, which is not supported.' }),
  'encrypt.type': fixed({
    label: 'Signature and Encryption Type',
    help: 'S/MIME is not supported.',
    accepts: ['none', ''],
  }),
  'encrypt.smime.algorithm': smime('Content Encryption Algorithm'),
  'encrypt.smime.aes.keysize': smime('AES Key Length'),
  'encrypt.smime.aes.gcm.keysize': smime('AES-GCM Key Length'),
  'encrypt.smime.des.keysize': smime('DES Key Length'),
  'encrypt.smime.keys': smime('Receiver Public Key Aliases'),
  'signature.smime.clearText': smime('Clear Text'),
  'signature.smime.table': smime('Signer Parameters'),
}
