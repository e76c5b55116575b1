import { choice, informative, table, text } from '../../fields/index.ts'

export const fields = {
  variable: table({
    label: 'Variables',
    help: 'Variables to write, from top to bottom.',
    columns: {
      '0': text({ label: 'Name', help: 'Name of the variable.' }),
      '1': text({ label: 'Data Type', help: 'Java class the value is read as; empty keeps it.', default: '' }),
      '2': choice({
        label: 'Type',
        help: 'Where the value comes from.',
        options: {
          constant: 'Constant',
          expression: 'Expression',
          header: 'Header',
          property: 'Property',
          xpath: 'XPath',
        },
        default: 'constant',
      }),
      '3': text({ label: 'Value', help: 'The constant, the expression, the XPath, or the name to read.', default: '' }),
      '4': choice({
        label: 'Scope',
        help: 'Whether the variable belongs to this flow or to all flows of the tenant.',
        options: { local: 'Local', global: 'Global' },
        default: 'local',
      }),
    },
  }),
  visibility: informative({ label: 'Visibility', help: 'Of old versions; the scope of each row counts.' }),
  encrypt: informative({ label: 'Encrypt', help: 'Has no effect: variables are always stored encrypted.' }),
  expire: informative({ label: 'Expiration', help: 'Has no effect: the store keeps variables for 400 days.' }),
}
