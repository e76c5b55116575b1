import { declareStep, type FlowFacts, type Node, type OutgoingFlow, type Run } from '../../flow/index.ts'
import { compileCondition, compileXPath } from '../../languages/index.ts'
import type { Exchange } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

interface Route {
  readonly test: (exchange: Exchange, run: Run) => boolean
  readonly target: Node
}

/** Router (iflow-format 6): asks the conditions in the order of the model, the default last wherever it stands. */
export const router = declareStep({
  type: 'ExclusiveGateway',
  label: 'Router',
  summary: 'Sends the message along the first route whose condition is true.',
  answers: ({ tag, activity }) => tag === 'exclusiveGateway' && (activity === 'ExclusiveGateway' || activity === ''),
  fields,
  compile({ throwException }, { outgoing, flow, element }) {
    const fallback = throwException ? undefined : outgoing.find(({ isDefault }) => isDefault)?.target
    const routes = outgoing
      .filter(({ isDefault }) => !isDefault)
      .map((route) => compileRoute(route, outgoing.length, flow))
    const name = element.name || element.id
    return (exchange, run) => {
      for (const { test, target } of routes) if (test(exchange, run)) return target
      if (fallback === undefined) throw faults.noRoute({ router: name })
      return fallback
    }
  },
})

function compileRoute(
  { flow: { id, name, condition = '', expressionType }, target }: OutgoingFlow,
  count: number,
  flow: FlowFacts,
): Route {
  if (condition.trim() === '') {
    // A gateway with a single way out only merges routes.
    if (count === 1) return { test: () => true, target }
    throw faults.conditionMissing({ flow: name || id })
  }
  if (expressionType === 'XML') {
    const xpath = compileXPath(condition, flow.namespaces)
    return { test: (exchange) => xpath.boolean(exchange), target }
  }
  const simple = compileCondition(condition)
  return { test: (exchange, run) => simple.test(exchange, run), target }
}
