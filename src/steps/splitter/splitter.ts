import type { Document, Node as XmlNode } from 'slimdom'

import type { Values } from '../../fields/index.ts'
import { declareStep, type FlowFacts, type Node, type Run } from '../../flow/index.ts'
import { compileTemplate, compileXPath } from '../../languages/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import { type Branch, runBranches } from '../branches.ts'
import { faults } from '../faults.ts'
import { goOnFrom } from '../multicast.ts'
import { fields } from './fields.ts'

type Settings = Values<typeof fields>
/** Finds the groups of a message; each is made into a body when its turn comes. */
type Split = (exchange: Exchange, run: Run) => readonly (() => Body)[]

const types = new Set(['GeneralSplitter', 'IteratingSplitter', 'Camel', ''])

/** General and iterating splitter (iflow-format 7, Splitter). Without a gather the route ends with its parts. */
export const splitter = declareStep({
  type: 'Splitter',
  label: 'Splitter',
  summary: 'Makes several messages of one, along an XPath, a token or lines.',
  answers: ({ activity, subActivity }) => activity === 'Splitter' && types.has(subActivity),
  fields,
  compile(settings, { outgoing, flow }) {
    const split = settings.exprType === 'XPath' ? compileXPathSplit(settings, flow) : compileTextSplit(settings)
    const start = outgoing[0]?.target
    const { timeOut: millis, StopOnExecution: stopOnError } = settings
    const rules = settings.ParallelProcessing
      ? {
          width: settings.SplitterThreads,
          stopOnError,
          timeout: { millis, fault: () => faults.branchesNotFinished({ millis }) },
        }
      : { width: 1, stopOnError }
    return async (exchange, run) => {
      if (start === undefined) return 'completed'
      const parts = split(exchange, run)
      const { ended, meeting, arrived } = await runBranches(branches(parts, exchange, start), exchange, run, rules)
      if (meeting === undefined || ended !== 'completed') return ended
      return goOnFrom(meeting, exchange, arrived)
    }
  },
})

function* branches(parts: readonly (() => Body)[], exchange: Exchange, start: Node): Generator<Branch> {
  for (const [index, body] of parts.entries()) {
    const part = exchange.copy()
    part.body = body()
    part.properties.set('CamelSplitIndex', index)
    part.properties.set('CamelSplitSize', parts.length)
    part.properties.set('CamelSplitComplete', index === parts.length - 1)
    yield { start, exchange: part }
  }
}

function compileTextSplit({ exprType, splitExprValue, tokenValue, grouping }: Settings): Split {
  const token = exprType === 'Line Break' ? '\n' : tokenValue || splitExprValue
  if (token === '') throw faults.splitTokenMissing()
  return ({ body }) => {
    const texts = exprType === 'Line Break' ? body.text().split(/\r?\n/) : body.text().split(token)
    if (texts.at(-1) === '') texts.pop()
    return groups(texts, grouping).map((group) => () => Body.ofText(group.join(token)))
  }
}

function compileXPathSplit({ splitType, splitExprValue, tokenValue, grouping }: Settings, flow: FlowFacts): Split {
  const source = (splitExprValue || tokenValue).trim().replace(/(?<=[^/])\/$/, '')
  if (source === '') throw faults.splitTokenMissing()
  const template = compileTemplate(source)
  const constant = template.constant ? compileXPath(source, flow.namespaces) : undefined
  const bodyOf = splitType === 'GeneralSplitter' ? inEnvelope : (nodes: readonly XmlNode[]) => Body.ofNodes(nodes)
  return (exchange, run) => {
    const xpath = constant ?? compileXPath(template.text(exchange, run), flow.namespaces)
    return groups(xpath.nodes(exchange), grouping).map((group) => () => bodyOf(group))
  }
}

const groups = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))

/** A document of the elements above the first node, with their attributes, around the nodes. */
function inEnvelope(nodes: readonly XmlNode[]): Body {
  const first = nodes[0]
  const owner = first?.ownerDocument
  if (first === undefined || !owner) return Body.ofNodes(nodes)
  const document: Document = owner.implementation.createDocument(null, null)
  let content = nodes.map((node) => document.importNode(node, true))
  for (let above = first.parentNode; above !== null && above.nodeType === 1; above = above.parentNode) {
    const envelope = document.importNode(above, false)
    for (const node of content) envelope.appendChild(node)
    content = [envelope]
  }
  if (content.length !== 1) return Body.ofNodes(content)
  for (const node of content) document.appendChild(node)
  return Body.ofDocument(document)
}
