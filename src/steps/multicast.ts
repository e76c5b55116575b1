import type { Next, Node, Work } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'
import { keepJoined, type Meeting, runBranches } from './branches.ts'

/**
 * The work of a multicast: a copy of the message for each target, `width` of them at once. Where the branches meet at
 * a join, the message goes on from there; else it ends with them (iflow-format 6).
 */
export function multicast(targets: readonly Node[], width: number): Work {
  return async (exchange, run): Promise<Next> => {
    // All copies are made before the first branch begins: none of them sees what another changes.
    const branches = targets.map((start) => ({ start, exchange: exchange.copy() }))
    const rules = { width: Math.min(width, targets.length), stopOnError: true }
    const { ended, meeting, arrived } = await runBranches(branches, exchange, run, rules)
    if (meeting === undefined || ended !== 'completed') return ended
    return goOnFrom(meeting, exchange, arrived)
  }
}

/** Behind a gather the bodies are merged; behind a join the message is that of the last branch until a gather comes. */
export function goOnFrom({ next, merge }: Meeting, exchange: Exchange, arrived: readonly Exchange[]): Next {
  if (merge !== undefined) {
    exchange.body = merge(arrived)
    return next ?? 'completed'
  }
  const last = arrived.at(-1)
  if (last !== undefined) {
    exchange.takeOver(last)
    for (const [name, value] of last.properties) exchange.properties.set(name, value)
  }
  keepJoined(exchange, arrived)
  return next ?? 'completed'
}
