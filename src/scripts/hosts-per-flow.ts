import { createGroovyHost, type GroovyHost, type GroovyHostSettings } from './groovy-host.ts'
import { createMachinery } from './machinery.ts'

/** Milliseconds after which the host of a flow that nobody calls is ended. */
const idleTime = 300_000

/**
 * A host for each flow: what scripts share in a JVM (static fields, classes, its memory) they then share with no other
 * flow. Each costs a JVM; it is started by the first call and ended when the flow has been idle.
 */
export function createHostsPerFlow(settings: GroovyHostSettings, idleMs = idleTime): GroovyHost {
  const machinery = createMachinery(settings)
  const hosts = new Map<string, { readonly host: GroovyHost; busy: number; timer: NodeJS.Timeout | undefined }>()

  async function use(flow: string, work: (host: GroovyHost) => Promise<void>): Promise<void> {
    const own = hosts.get(flow) ?? { host: createGroovyHost(settings, machinery), busy: 0, timer: undefined }
    hosts.set(flow, own)
    clearTimeout(own.timer)
    own.busy += 1
    try {
      await work(own.host)
    } finally {
      own.busy -= 1
      if (own.busy === 0) own.timer = setTimeout(() => endIdle(flow), idleMs).unref()
    }
  }

  function endIdle(flow: string): void {
    const own = hosts.get(flow)
    hosts.delete(flow)
    void own?.host.close()
  }

  async function close(): Promise<void> {
    for (const { timer } of hosts.values()) clearTimeout(timer)
    await Promise.all([...hosts.values()].map(({ host }) => host.close()))
    hosts.clear()
  }

  return {
    compile: (script) => use(script.folder.bundleId, (host) => host.compile(script)),
    // A collection's script runs in the host of the flow that calls it.
    run: (script, exchange, run) => use(run.flow.id, (host) => host.run(script, exchange, run)),
    processes: () => [...hosts.values()].flatMap(({ host }) => host.processes()),
    prepareStarts: machinery.prepareStarts,
    groovy: async () => (await machinery.ready()).groovy,
    sandbox: async () => (await machinery.ready()).sandbox,
    close,
    [Symbol.asyncDispose]: close,
  }
}
