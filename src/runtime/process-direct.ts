import type { Ended, ProcessDirectRoute, ProcessDirectService, Run } from '../flow/index.ts'
import { Exchange } from '../message/index.ts'
import type { MessageRun } from './engine.ts'
import { faults } from './faults.ts'

export interface ProcessDirectRegistry extends ProcessDirectService {
  /** Replaces the addresses of one flow at once. @throws runtime.addressTaken, and then nothing has changed */
  readonly swap: (flowId: string, routes: readonly ProcessDirectRoute[]) => void
}

// Flows write the same address with and without the slash.
const normal = (address: string): string => (address.startsWith('/') ? address : `/${address}`)

/** Headers that cross to the called flow whatever its allowed headers are: they belong to the platform. */
const always = /^(sap_mplcorrelationid|content-type)$/i

/** Calls between flows of a tenant: in process, synchronous, with headers filtered by the called flow. */
export function createProcessDirect(): ProcessDirectRegistry {
  const routes = new Map<string, ProcessDirectRoute>()

  return {
    swap(flowId, next) {
      const claimed = new Map<string, ProcessDirectRoute>()
      for (const route of next) {
        if (route.address === '') throw faults.addressEmpty()
        const address = normal(route.address)
        const owner = claimed.get(address) ?? routes.get(address)
        if (owner !== undefined && (owner.flowId !== flowId || claimed.has(address))) {
          throw faults.addressTaken({ address, owner: owner.flowId })
        }
        claimed.set(address, route)
      }
      for (const [address, route] of routes) if (route.flowId === flowId) routes.delete(address)
      for (const [address, route] of claimed) routes.set(address, route)
    },
    async call(address: string, exchange: Exchange, run: Run): Promise<Ended> {
      const route = routes.get(normal(address))
      if (route === undefined) throw faults.addressUnknown({ address: normal(address) })
      const child = new Exchange({
        body: exchange.body,
        headers: [...exchange.headers].filter(([name]) => always.test(name) || route.allowedHeaders(name)),
        attachments: exchange.attachments,
      })
      const ended = await route.deliver(child, {
        sender: 'ProcessDirect',
        principal: run.principal,
        correlationId: run.correlationId,
        depth: (run as MessageRun).depth + 1,
        deadline: run.deadline,
        lent: run.lent,
      })
      answer(exchange, child)
      return ended
    },
  }
}

/** The answer's body and headers come back; what the called flow was not allowed to see stays as it was. */
function answer(exchange: Exchange, child: Exchange): void {
  exchange.body = child.body
  for (const [name, value] of child.headers) {
    if (name !== 'SAP_MessageProcessingLogID') exchange.headers.set(name, value)
  }
  exchange.attachments.clear()
  for (const [name, attachment] of child.attachments) exchange.attachments.set(name, attachment)
}
