import { declareStep } from '../../flow/index.ts'
import { arrive } from '../branches.ts'
import { fields } from './fields.ts'

/** Join (iflow-format 6): ends each branch; when all have ended, the message goes on behind the join, once. */
export const join = declareStep({
  type: 'Join',
  label: 'Join',
  summary: 'The place where the branches of a multicast meet.',
  answers: ({ activity }) => activity === 'Join',
  fields,
  compile(_values, { outgoing }) {
    const next = outgoing[0]?.target
    return (exchange) => (arrive(exchange, { next, merge: undefined }) ? 'completed' : (next ?? 'completed'))
  },
})
