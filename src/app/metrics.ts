import type { Registry } from 'prom-client'

/** Metrics of one process as plain data, to be merged by the control process. */
export type MetricData = readonly object[]

/** What a tenant process counts. No flow names: the metrics page asks for no credentials. */
export interface TenantMetrics {
  readonly message: (status: string, millis: number) => void
  readonly refusal: (stage: string) => void
  readonly data: () => Promise<MetricData>
}

/**
 * The metrics of Node itself, gathered from the first question on: the library takes 13 MB, which a process that nobody
 * watches need not have.
 */
function createNodeMetrics(labels: Readonly<Record<string, string>>): () => Promise<MetricData> {
  let registry: Promise<Registry> | undefined
  const load = async () => {
    const library = await import('prom-client')
    const made = new library.Registry()
    made.setDefaultLabels(labels)
    library.collectDefaultMetrics({ register: made })
    return made
  }
  return async () => (await (registry ??= load())).getMetricsAsJSON()
}

export function createTenantMetrics(
  tenant: string,
  gauges: { readonly active: () => number; readonly deployed: () => number },
): TenantMetrics {
  const labels = { process: 'tenant', tenant }
  const node = createNodeMetrics(labels)
  const refusals = new Map<string, number>()
  const messages = createMessageMetrics(labels)
  const gauge = (name: string, help: string, value: number) =>
    ({ name, help, type: 'gauge', aggregator: 'sum', values: [{ labels, value }] }) as const
  return {
    message: (status, millis) => messages.observe(status, millis),
    refusal: (stage) => void refusals.set(stage, (refusals.get(stage) ?? 0) + 1),
    data: async () => [
      ...(await node()),
      {
        name: 'sluice_refusals_total',
        help: 'Connections and calls refused, by stage',
        type: 'counter',
        aggregator: 'sum',
        values: [...refusals].map(([stage, value]) => ({ labels: { ...labels, stage }, value })),
      },
      gauge('sluice_messages_active', 'Messages being processed', gauges.active()),
      gauge('sluice_artifacts_started', 'Artifacts that run', gauges.deployed()),
      ...messages.data(),
    ],
  }
}

const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]

/**
 * Counts messages and their durations. Every message passes here: plain numbers, given the library's form when the
 * page is asked for, cost a tenth of its own counters.
 */
function createMessageMetrics(labels: Readonly<Record<string, string>>) {
  const byStatus = new Map<string, number>()
  const counts = Array.from({ length: buckets.length + 1 }, () => 0)
  let seconds = 0
  let count = 0

  function durations() {
    const metricName = 'sluice_message_duration_seconds'
    let below = 0
    const values = [...buckets, '+Inf'].map((le, index) => {
      below += counts[index] ?? 0
      return { labels: { ...labels, le }, metricName: `${metricName}_bucket`, value: below }
    })
    const sums = [
      { labels, metricName: `${metricName}_sum`, value: seconds },
      { labels, metricName: `${metricName}_count`, value: count },
    ]
    const help = 'Time from start to end of a message'
    return { name: metricName, help, type: 'histogram', aggregator: 'sum', values: [...values, ...sums] }
  }

  return {
    observe(status: string, millis: number): void {
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1)
      const duration = millis / 1000
      let index = 0
      while (index < buckets.length && duration > (buckets[index] as number)) index++
      counts[index] = (counts[index] as number) + 1
      seconds += duration
      count++
    },
    data(): MetricData {
      const values = [...byStatus].map(([status, value]) => ({ labels: { ...labels, status }, value }))
      const name = 'sluice_messages_total'
      return [{ name, help: 'Messages ended, by status', type: 'counter', aggregator: 'sum', values }, durations()]
    },
  }
}

/** The metrics of this process and of all tenants, as Prometheus reads them. */
export function createControlMetrics(given: {
  readonly tenants: () => Promise<readonly unknown[]>
  /** Days until the first of each kind of thing expires. Names stay out: the page asks for no credentials. */
  readonly daysLeft: () => Promise<ReadonlyMap<string, number>>
}): () => Promise<string> {
  const labels = { process: 'control' }
  const node = createNodeMetrics(labels)
  return async () => {
    const { AggregatorRegistry } = await import('prom-client')
    const expiry = {
      name: 'sluice_expiry_days',
      help: 'Days until the first of a kind expires',
      type: 'gauge',
      aggregator: 'min',
      values: [...(await given.daysLeft())].map(([kind, value]) => ({ labels: { ...labels, kind }, value })),
    }
    const data: object[] = [[...(await node()), expiry], ...(await given.tenants()).filter(Array.isArray)]
    return AggregatorRegistry.aggregate(data).metrics()
  }
}
