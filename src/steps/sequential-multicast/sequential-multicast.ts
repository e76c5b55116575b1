import type { Values } from '../../fields/index.ts'
import { declareStep, type Node, type OutgoingFlow } from '../../flow/index.ts'
import { faults } from '../faults.ts'
import { multicast } from '../multicast.ts'
import { fields } from './fields.ts'

/** Sequential Multicast (iflow-format 6): an error of a branch keeps the branches after it from running. */
export const sequentialMulticast = declareStep({
  type: 'SequentialMulticast',
  label: 'Sequential Multicast',
  summary: 'Sends copies of the message along several branches, one after the other.',
  answers: ({ activity }) => activity === 'SequentialMulticast',
  fields,
  compile: ({ routingSequenceTable }, { outgoing }) => multicast(inSequence(outgoing, routingSequenceTable), 1),
})

function inSequence(outgoing: readonly OutgoingFlow[], order: Values<typeof fields>['routingSequenceTable']): Node[] {
  const places = new Map(order.map((row) => [row['1'], row['0']]))
  for (const id of places.keys()) {
    if (!outgoing.some(({ flow }) => flow.id === id)) throw faults.sequenceIncomplete({ flow: id })
  }
  const placeOf = ({ flow }: OutgoingFlow) => places.get(flow.id) ?? Number.MAX_SAFE_INTEGER
  return [...outgoing].sort((one, other) => placeOf(one) - placeOf(other)).map(({ target }) => target)
}
