import { choice, fixed, flag, table, text } from '../../fields/index.ts'

export const fields = {
  useNamespaces: flag({
    label: 'Use Namespace Mapping',
    help: 'Keep prefixes in the names of members.',
    default: false,
  }),
  jsonNamespaceMapping: fixed({
    label: 'Namespace Mapping',
    help: 'Prefixes are kept as they stand in the XML; a mapping is not supported.',
    accepts: ['', '[]'],
  }),
  jsonNamespaceSeparator: text({ label: 'Prefix Separator', help: 'Stands between prefix and name.', default: ':' }),
  jsonOutputEncoding: choice({
    label: 'JSON Output Encoding',
    help: 'Encoding of the JSON.',
    options: { '': 'From header or property', 'UTF-8': 'UTF-8' },
    default: '',
    unsupported: ['UTF-16', 'UTF-32'],
  }),
  xmlJsonSuppressRootElement: flag({
    label: 'Suppress JSON Root Element',
    help: 'Leave out the member of the root.',
    default: false,
  }),
  xmlJsonUseStreaming: flag({
    label: 'Streaming',
    help: 'Make arrays of the elements named only, and of these always.',
    default: false,
  }),
  xmlJsonConvertAllElements: choice({
    label: 'Convert XML Element to JSON Array',
    help: 'With streaming: the elements listed, or all elements, become arrays.',
    options: { specific: 'Specific Ones', all: 'All' },
    default: 'specific',
  }),
  xmlJsonPathTable: table({
    label: 'XML Elements',
    help: 'Paths of elements that become arrays.',
    columns: {
      '0': text({ label: 'XPath', help: 'Path such as /root/row.' }),
      '1': text({ label: 'Note', help: 'Unused.', default: '' }),
    },
  }),
}
