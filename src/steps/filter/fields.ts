import { choice, text } from '../../fields/index.ts'

export const fields = {
  wrapContent: text({ label: 'XPath Expression', help: 'Selects what is kept of the body.' }),
  xpathType: choice({
    label: 'Value Type',
    help: 'What becomes of the result: the nodes, the first node, or its value.',
    options: { Node: 'Node', Nodelist: 'Nodelist', String: 'String', Integer: 'Integer', Boolean: 'Boolean' },
    default: 'Nodelist',
  }),
}
