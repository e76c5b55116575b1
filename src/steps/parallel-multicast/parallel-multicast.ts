import { declareStep } from '../../flow/index.ts'
import { multicast } from '../multicast.ts'
import { fields } from './fields.ts'

/** Branches that run at once; more wait until one has ended. */
const width = 10

/** Parallel Multicast (iflow-format 6): branches that have begun when one fails run to their ends. */
export const parallelMulticast = declareStep({
  type: 'Multicast',
  label: 'Parallel Multicast',
  summary: 'Sends copies of the message along several branches at once.',
  answers: ({ activity }) => activity === 'Multicast',
  fields,
  compile: (_values, { outgoing }) =>
    multicast(
      outgoing.map(({ target }) => target),
      width,
    ),
})
