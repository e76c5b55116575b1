import { silentLog } from '../../src/base/index.ts'
import type { Deliver, HttpRoute, ProcessDirectRoute, Schedule, Sender, SenderContext } from '../../src/flow/index.ts'
import { bundle, channel, flowFacts, type RawProperties, services, typedProperties } from './step.ts'

/** What a sender claimed when it was deployed. */
export interface Claimed {
  readonly http: HttpRoute[]
  readonly processDirect: ProcessDirectRoute[]
  readonly schedules: Schedule[]
}

/** Deploys a sender from raw properties and returns its claims. @throws PropertiesRefused and what the sender throws */
export async function listen(
  sender: Sender,
  given: {
    readonly properties?: RawProperties
    readonly deliver?: Deliver
    readonly context?: Partial<SenderContext>
  } = {},
): Promise<Claimed> {
  const claimed: Claimed = { http: [], processDirect: [], schedules: [] }
  const values = typedProperties(sender.fields, given.properties ?? {})
  await sender.listen(values, {
    channel: channel({ direction: 'Sender' }),
    bundle: bundle(),
    flow: flowFacts(),
    partner: 'Partner',
    services: services(),
    log: silentLog,
    claims: {
      http: (route) => void claimed.http.push(route),
      processDirect: (route) => void claimed.processDirect.push(route),
      schedule: (schedule) => void claimed.schedules.push(schedule),
    },
    deliver: given.deliver ?? (async () => 'completed'),
    ...given.context,
  })
  return claimed
}
