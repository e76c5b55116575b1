import { choice, flag, size, table, text } from '../../fields/index.ts'

export const fields = {
  urlPath: text({
    label: 'Address',
    help: 'Path below /http, such as /orders; with /* at its end it takes all paths below.',
    pattern: /^[^\s?#\\]+$/,
    form: 'a path without blanks, query or fragment',
    maxLength: 2_000,
  }),
  senderAuthType: choice({
    label: 'Authorization',
    help: 'By a role of the caller, or by the subject and issuer of its client certificate.',
    options: { RoleBased: 'User Role', ClientCertificate: 'Client Certificate' },
    default: 'RoleBased',
  }),
  userRole: text({
    label: 'User Role',
    help: 'Role a caller needs.',
    default: 'ESBMessaging.send',
  }),
  clientCertificates: table({
    label: 'Client Certificate Authorization',
    help: 'Certificates that may call, for the authorization by client certificate.',
    columns: {
      'clientCertificate.subjectDN': text({
        label: 'Subject DN',
        help: 'Distinguished name of the certificate.',
        default: '',
      }),
      'clientCertificate.issuerDN': text({
        label: 'Issuer DN',
        help: 'Distinguished name of its issuer.',
        default: '',
      }),
    },
  }),
  xsrfProtection: flag({
    label: 'CSRF Protected',
    help: 'Modifying calls need a token that is fetched first. Turn it off only for calls between systems.',
    default: true,
  }),
  maximumBodySize: size({
    label: 'Body Size',
    help: 'Largest body that is taken, in MB.',
    unit: 'MB',
    min: 1,
    max: 2_000,
    default: 40,
  }),
}
