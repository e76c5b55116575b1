import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'

/** Metrics of one process as plain data, to be merged by the control process. */
export type MetricData = readonly MetricObjectWithValues<MetricValue<string>>[]

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
  const registry = new Registry()
  registry.setDefaultLabels({ process: 'tenant', tenant })
  collectDefaultMetrics({ register: registry })
  const messages = new Counter({
    name: 'sluice_messages_total',
    help: 'Messages ended, by status',
    labelNames: ['status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'sluice_message_duration_seconds',
    help: 'Time from start to end of a message',
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
    registers: [registry],
  })
  const refusals = new Counter({
    name: 'sluice_refusals_total',
    help: 'Connections and calls refused, by stage',
    labelNames: ['stage'],
    registers: [registry],
  })
  gauge(registry, 'sluice_messages_active', 'Messages being processed', gauges.active)
  gauge(registry, 'sluice_artifacts_started', 'Artifacts that run', gauges.deployed)
  return {
    message(status, millis) {
      messages.inc({ status })
      durations.observe(millis / 1000)
    },
    refusal: (stage) => refusals.inc({ stage }),
    data: async () => (await registry.getMetricsAsJSON()) as unknown as MetricData,
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made = new Gauge({ name, help, registers: [registry] })
  // Read when the page is asked for, not when something changes.
  Object.assign(made, { collect: () => made.set(read()) })
}

/** The metrics of this process and of all tenants, as Prometheus reads them. */
export function createControlMetrics(tenants: () => Promise<readonly unknown[]>): () => Promise<string> {
  const registry = new Registry()
  registry.setDefaultLabels({ process: 'control' })
  collectDefaultMetrics({ register: registry })
  return async () => {
    const data = [await registry.getMetricsAsJSON(), ...(await tenants()).filter(Array.isArray)]
    return AggregatorRegistry.aggregate(data as unknown as object[]).metrics()
  }
}
