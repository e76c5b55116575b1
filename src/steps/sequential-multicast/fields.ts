import { integer, table, text } from '../../fields/index.ts'

export const fields = {
  routingSequenceTable: table({
    label: 'Routing Sequence',
    help: 'Order of the branches; those not listed follow in the order of the model.',
    columns: {
      '0': integer({ label: 'Order', help: 'Place in the sequence.', min: 0, max: 100_000 }),
      '1': text({ label: 'Branch', help: 'Id of the sequence flow.' }),
    },
  }),
}
