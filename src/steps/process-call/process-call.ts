import {
  declareStep,
  type Element,
  type Ended,
  type FlowFacts,
  type Next,
  type Routine,
  type Run,
  type Work,
} from '../../flow/index.ts'
import { compileCondition, compileXPath } from '../../languages/index.ts'
import type { Exchange } from '../../message/index.ts'
import { escalatedWhileHandling } from '../escalation-end/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

type Condition = (exchange: Exchange, run: Run) => boolean

/** Process Call and Looping Process Call (iflow-format 7, ProcessCallElement; 5.3 and 5.4 for how a process ends). */
export const processCall = declareStep({
  type: 'ProcessCallElement',
  label: 'Process Call',
  summary: 'Runs a local process on the message, once or in a loop.',
  answers: ({ activity }) => activity === 'ProcessCallElement',
  fields,
  compile({ processId, expressionType, postProcessing }, { element, routine, flow }) {
    const called = routine(processId)
    if (element.subActivity !== 'LoopingProcess' && element.loop === undefined) return callOnce(called)
    const { maximum, condition } = readLoop(element, expressionType, flow)
    return callInLoop(called, { maximum, condition, failAtLimit: postProcessing === 'throwException' })
  },
})

const callOnce =
  (called: Routine): Work =>
  (exchange, run) => {
    const ended = run.call(called, exchange)
    return typeof ended === 'string' ? goOn(ended, exchange) : ended.then((end) => goOn(end, exchange))
  }

/**
 * A local process that handled its own error ends its caller too, and so do a termination and an escalation from an
 * exception subprocess. Any other escalation ends the local process only.
 */
function goOn(ended: Ended, exchange: Exchange): Next {
  if (ended === 'completed') return undefined
  if (ended === 'escalated' && !exchange.properties.has(escalatedWhileHandling)) return undefined
  return ended
}

/** Runs the process, then asks the condition, and so on while it is true. */
function callInLoop(
  called: Routine,
  given: { readonly maximum: number; readonly condition: Condition; readonly failAtLimit: boolean },
): Work {
  return async (exchange, run) => {
    for (let index = 0; index < given.maximum; index++) {
      exchange.properties.set('CamelLoopIndex', index)
      const next = goOn(await run.call(called, exchange), exchange)
      if (next !== undefined) return next
      if (!given.condition(exchange, run)) return undefined
    }
    if (given.failAtLimit) throw faults.loopLimit({ maximum: given.maximum })
    return undefined
  }
}

function readLoop({ loop }: Element, expressionType: 'XML' | 'Non XML', flow: FlowFacts) {
  const written = loop?.maximum.trim() ?? ''
  const maximum = Number(written)
  if (!/^\d+$/.test(written) || maximum < 1 || maximum > 2_147_483_647)
    throw faults.loopMaximumInvalid({ given: written })
  return { maximum, condition: compileLoopCondition(loop?.condition.trim() ?? '', expressionType, flow) }
}

function compileLoopCondition(source: string, expressionType: 'XML' | 'Non XML', flow: FlowFacts): Condition {
  if (source === '') throw faults.loopConditionMissing()
  if (expressionType === 'XML') {
    const xpath = compileXPath(source, flow.namespaces)
    return (exchange) => xpath.boolean(exchange)
  }
  const simple = compileCondition(source)
  return (exchange, run) => simple.test(exchange, run)
}
