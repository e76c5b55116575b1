import { declareStep, type FlowFacts } from '../../flow/index.ts'
import { compileXPath } from '../../languages/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import { arrive, type Merge, takeJoined } from '../branches.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

const namespace = 'http://sap.com/xi/XI/SplitAndMerge'

/** Gather (iflow-format 7, Gather): closes the nearest splitter or join. */
export const gather = declareStep({
  type: 'Gather',
  label: 'Gather',
  summary: 'Makes one message of the parts of a splitter or the branches of a multicast.',
  answers: ({ activity }) => activity === 'Gather',
  fields,
  compile({ aggregationAlgorithm, sourceXPath, targetXPath }, { flow, outgoing, element }) {
    const merges: Readonly<Record<typeof aggregationAlgorithm, () => Merge>> = {
      'sap-identical-multi-mapping': () => (parts) =>
        messages(`<multimap:Message1>${parts.map(xmlOf).join('')}</multimap:Message1>`),
      'sap-pi-multi-mapping': () => (parts) =>
        messages(
          parts
            .map((part, index) => `<multimap:Message${index + 1}>${xmlOf(part)}</multimap:Message${index + 1}>`)
            .join(''),
        ),
      'concatenate-strategy': () => (parts) => Body.ofText(parts.map(({ body }) => body.text()).join('')),
      'xpath-merge-strategy': () => compileMergeAtPath(sourceXPath, targetXPath, flow),
    }
    const merge = merges[aggregationAlgorithm]()
    const next = outgoing[0]?.target
    const step = element.name || element.id
    return (exchange) => {
      const joined = takeJoined(exchange)
      if (joined !== undefined) {
        exchange.body = merge(joined)
        return undefined
      }
      if (!arrive(exchange, { next, merge })) throw faults.nothingToGather({ step })
      return 'completed'
    }
  },
})

const messages = (content: string): Body =>
  Body.ofText(
    `<?xml version='1.0' encoding='UTF-8'?><multimap:Messages xmlns:multimap="${namespace}">${content}</multimap:Messages>`,
  )

/** A document inside another one must not have an XML declaration. */
const xmlOf = ({ body }: Exchange): string => body.text().replace(/^\uFEFF?\s*<\?xml[^>]*\?>\s*/, '')

/** Puts what the source path finds in each further part under the target of the first. */
function compileMergeAtPath(source: string, target: string, flow: FlowFacts): Merge {
  const from = compileXPath(source || '/*', flow.namespaces)
  const into = compileXPath(target || '/*', flow.namespaces)
  return ([first, ...others]) => {
    if (first === undefined) return Body.empty
    const whole = first.body.document().cloneNode(true)
    const [parent] = into.nodesOn(whole)
    if (parent === undefined) throw faults.gatherNodesMissing({ path: target || '/*' })
    for (const part of others) for (const node of from.nodes(part)) parent.appendChild(whole.importNode(node, true))
    return Body.ofDocument(whole)
  }
}
