import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** Metrics of one process as plain data, to be merged by the control process. */
export type MetricData = readonly object[]

/** What a tenant process counts. No flow names: the metrics page asks for no credentials. */
export interface TenantMetrics {
  readonly message: (status: string, millis: number) => void
  readonly refusal: (stage: string) => void
  readonly data: () => Promise<MetricData>
}

export function createTenantMetrics(
  tenant: string,
  gauges: { readonly active: () => number; readonly deployed: () => number },
): TenantMetrics {
  const labels = { process: 'tenant', tenant }
  const registry = new Registry()
  registry.setDefaultLabels(labels)
  collectDefaultMetrics({ register: registry })
  const refusals = new Counter({
    name: 'sluice_refusals_total',
    help: 'Connections and calls refused, by stage',
    labelNames: ['stage'],
    registers: [registry],
  })
  gauge(registry, 'sluice_messages_active', 'Messages being processed', gauges.active)
  gauge(registry, 'sluice_artifacts_started', 'Artifacts that run', gauges.deployed)
  const messages = createMessageMetrics(labels)
  return {
    message: (status, millis) => messages.observe(status, millis),
    refusal: (stage) => refusals.inc({ stage }),
    data: async () => [...(await registry.getMetricsAsJSON()), ...messages.data()],
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made = new Gauge({ name, help, registers: [registry] })
  // Read when the page is asked for, not when something changes.
  Object.assign(made, { collect: () => made.set(read()) })
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
export function createControlMetrics(tenants: () => Promise<readonly unknown[]>): () => Promise<string> {
  const registry = new Registry()
  registry.setDefaultLabels({ process: 'control' })
  collectDefaultMetrics({ register: registry })
  return async () => {
    const data: object[] = [await registry.getMetricsAsJSON(), ...(await tenants()).filter(Array.isArray)]
    return AggregatorRegistry.aggregate(data).metrics()
  }
}
