import { choice, expression, table, text } from '../../fields/index.ts'

const sources = {
  constant: 'Constant',
  expression: 'Expression',
  header: 'Header',
  property: 'Property',
  xpath: 'XPath',
  'external parameter': 'External Parameter',
  'persisted variables': 'Local Variable',
  'global persisted variables': 'Global Variable',
} as const

const rows = (of: 'header' | 'property') => ({
  Action: choice({
    label: 'Action',
    help: `Create sets the ${of}; Delete removes it.`,
    options: { Create: 'Create', Delete: 'Delete' },
    default: 'Create',
  }),
  Name: text({
    label: 'Name',
    help: `Name of the ${of}. For Delete also a pattern such as $include=x-*.`,
    maxLength: 10_000,
  }),
  Type: choice({
    label: 'Source Type',
    help: 'Where the value comes from.',
    options: sources,
    default: 'constant',
    unsupported: ['numberRange'],
  }),
  Value: text({
    label: 'Source Value',
    help: 'The constant, the expression, the XPath, or the name to read.',
    default: '',
  }),
  Datatype: text({
    label: 'Data Type',
    help: 'Java class of the value, such as java.lang.String; an unknown class is text, empty keeps what is there.',
    default: '',
  }),
  Default: text({ label: 'Default', help: 'Used where a variable does not exist.', default: '' }),
})

export const fields = {
  headerTable: table({
    label: 'Message Header',
    help: 'Headers to set or delete, from top to bottom.',
    columns: rows('header'),
  }),
  propertyTable: table({
    label: 'Exchange Property',
    help: 'Properties to set or delete, from top to bottom, after the headers.',
    columns: rows('property'),
  }),
  bodyType: choice({
    label: 'Body Type',
    help: 'Whether the body is evaluated for each message or taken as it is written.',
    options: { expression: 'Expression', constant: 'Constant' },
    default: 'expression',
  }),
  wrapContent: expression({
    label: 'Body',
    help: 'The new body. Empty leaves the body as it is; ${null} empties it.',
    default: '',
  }),
}
