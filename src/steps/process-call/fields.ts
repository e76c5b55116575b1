import { choice, informative, text } from '../../fields/index.ts'

export const fields = {
  processId: text({ label: 'Local Process', help: 'Id of the local process to call.' }),
  expressionType: choice({
    label: 'Expression Type',
    help: 'Language of the loop condition: Simple (Non XML) or XPath (XML).',
    options: { 'Non XML': 'Non-XML', XML: 'XML' },
    default: 'Non XML',
  }),
  postProcessing: choice({
    label: 'Action on Max. Iterations',
    help: 'What happens when the condition is still true after the maximum number of iterations.',
    options: { end: 'End Loop', throwException: 'Throw Exception' },
    default: 'end',
  }),
  loopId: informative({ label: 'Loop Id', help: 'Id of the loop settings in the model.' }),
  id: informative({ label: 'Id', help: 'Of old versions; repeats the id of the step.' }),
}
