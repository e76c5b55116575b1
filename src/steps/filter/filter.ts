import { declareStep } from '../../flow/index.ts'
import { compileXPath } from '../../languages/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import { convert } from '../convert.ts'
import { fields } from './fields.ts'

/** Filter (iflow-format 7, Filter): several nodes follow each other without a separator; no match empties the body. */
export const filter = declareStep({
  type: 'Filter',
  label: 'Filter',
  summary: 'Keeps the part of the body that an XPath selects.',
  answers: ({ activity }) => activity === 'Filter',
  fields,
  compile({ wrapContent, xpathType }, { flow }) {
    const xpath = compileXPath(wrapContent, flow.namespaces)
    const results = {
      Node: (exchange: Exchange) => Body.of(xpath.first(exchange)),
      Nodelist: (exchange: Exchange) => Body.ofNodes(xpath.nodes(exchange)),
      String: (exchange: Exchange) => Body.ofText(xpath.string(exchange)),
      Integer: (exchange: Exchange) => Body.of(convert(xpath.string(exchange), 'integer', 'Filter')),
      Boolean: (exchange: Exchange) => Body.ofText(String(xpath.boolean(exchange))),
    }
    const result = results[xpathType]
    return (exchange) => {
      exchange.body = result(exchange)
    }
  },
})
