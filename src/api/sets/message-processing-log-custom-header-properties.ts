import { type EntitySet, type Expression, type Navigation, odataFaults, type Row, text } from '../../odata/index.ts'
import { messageRow } from '../message-row.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const set = 'MessageProcessingLogCustomHeaderProperties'

// Whoever counts more matches than this wants a narrower question.
const mostCounted = 100_000

/** Custom headers of all messages, found by name and value. */
export const messageProcessingLogCustomHeaderProperties = ({ messages }: Services): EntitySet<Call> => ({
  name: set,
  query: {
    requires: roles.monitor,
    pageSize: 1000,
    run: async ({ query, skip, top }) => {
      const { name, value } = wanted(query.filter)
      const [order] = query.orderBy
      if (order) throw odataFaults.optionUnsupported({ option: `$orderby=${order.property}` })
      const found = await messages.byCustomHeader(name, value, {
        skip,
        top,
        orderBy: [{ field: 'start', descending: true }],
      })
      return found.map(({ id, name, value, messageId }) => ({
        Id: id,
        Name: name,
        Value: value,
        MessageGuid: messageId,
      }))
    },
    count: async (filter) => {
      const { name, value } = wanted(filter)
      return (await messages.byCustomHeader(name, value, { skip: 0, top: mostCounted, orderBy: [] })).length
    },
  },
  type: {
    name: 'MessageProcessingLogCustomHeaderProperty',
    key: ['Id'],
    properties: { Id: text(), Name: text(), Value: text() },
    navigations: {
      Log: {
        to: 'MessageProcessingLogs',
        many: false,
        of: (parent) => ({
          find: {
            requires: roles.monitor,
            run: async () => {
              const found = await messages.find(textOf(parent, 'MessageGuid'))
              return found && messageRow(found)
            },
          },
        }),
      },
    },
  },
})

/** From a message to its custom headers. */
export const customHeadersOf = ({ messages }: Services): Navigation<Call> => ({
  to: set,
  many: true,
  of: (parent) => ({
    list: {
      requires: roles.monitor,
      run: async (): Promise<readonly Row[]> => {
        const message = await messages.find(textOf(parent, 'MessageGuid'))
        return (message?.customHeaders ?? []).map(([name, value], position) => ({
          Id: `${message?.id}.${position}`,
          Name: name,
          Value: value,
          MessageGuid: message?.id,
        }))
      },
    },
  }),
})

/** Name and value that a filter asks for. @throws odata.filterUnsupported for any other question */
function wanted(filter: Expression | undefined): {
  readonly name: string | undefined
  readonly value: string | undefined
} {
  const found: { name?: string; value?: string } = {}
  const read = (node: Expression): void => {
    if (node.kind === 'and') {
      read(node.left)
      read(node.right)
      return
    }
    const equal = node.kind === 'compare' && node.operator === 'eq' ? [node.left, node.right] : []
    const property = equal.find((side) => side.kind === 'property')
    const literal = equal.find((side) => side.kind === 'literal')
    const field = property?.path === 'Name' ? 'name' : property?.path === 'Value' ? 'value' : undefined
    if (!field || typeof literal?.literal.value !== 'string' || found[field] !== undefined) {
      throw odataFaults.filterUnsupported({ what: "something other than Name eq '…' and Value eq '…'" })
    }
    found[field] = literal.literal.value
  }
  if (filter) read(filter)
  return { name: found.name, value: found.value }
}
