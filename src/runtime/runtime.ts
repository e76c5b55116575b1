import { Fault, type Place, placeWords, wordsOf } from '../base/index.ts'
import {
  type Bundle,
  type Catalog,
  createValueTable,
  type ExtraGrants,
  type FlowFacts,
  type Grant,
  type HttpRoute,
  type ProcessDirectRoute,
  type Problem,
  readBundle,
  readValueMapping,
  type Schedule,
  type Services,
  type ValueGroup,
  type ValueMappingService,
} from '../flow/index.ts'
import { compileFlow } from './compile.ts'
import { createDeployedFlow, type DeployedFlow, type FlowHost } from './deployed-flow.ts'
import { faults } from './faults.ts'
import { createGrants } from './flow-grants.ts'
import type { Deployment, DeploymentFault, DeploymentStore, Endpoint } from './ports.ts'
import type { ProcessDirectRegistry } from './process-direct.ts'
import type { Scheduler } from './scheduler.ts'
import { guardSecrets, type SecretRead } from './secret-access.ts'

/** The tenant-wide table of addresses that the front door serves. */
export interface HttpRegistry {
  /** Replaces the routes of one flow at once, or throws and changes nothing. */
  readonly swap: (flowId: string, routes: readonly HttpRoute[]) => void
}

export interface RuntimeParts extends Omit<FlowHost, 'services'> {
  /** Of secrets the stores themselves: the runtime asks for grants before it asks them. */
  readonly services: Omit<Services, 'forScripts' | 'permits'>
  /** Grants that a person added to a flow, and took away from it. */
  readonly extraGrants?: (flowId: string) => ExtraGrants
  /** Hears of every secret that is lent or refused. Must neither wait nor throw. */
  readonly secretRead?: (read: SecretRead) => void
  /**
   * What is asked of every bundle before it starts; throws what is wrong with it. Without a deployment it is a version
   * that has run before and comes back because a later one does not start.
   */
  readonly admit?: (bundle: Bundle, deployment: Deployment | undefined) => Promise<void>
  readonly catalog: Catalog
  readonly store: DeploymentStore
  readonly http: HttpRegistry
  readonly processDirect: ProcessDirectRegistry
  readonly scheduler: Scheduler
  /** Milliseconds an old version may take to end its messages. */
  readonly drainTimeout: number
}

interface Running {
  readonly generation: number
  /** What its grants are asked by. */
  readonly facts: FlowFacts | undefined
  readonly flow: DeployedFlow | undefined
  readonly bundle: Bundle
  readonly endpoints: readonly Endpoint[]
  readonly http: readonly HttpRoute[]
}

/** Makes what runs equal to what is deployed, and keeps it so. */
export interface Runtime {
  /** Starts what is new, replaces what changed, stops what is gone. Calls made meanwhile are one call afterwards. */
  readonly sync: () => Promise<void>
  readonly collection: (id: string) => Bundle | undefined
  /** All value mappings deployed on the tenant, as one table. */
  readonly valueMappings: ValueMappingService
  readonly cancel: (messageId: string) => boolean
  /** What the flow may use, inferred from what runs of it and changed by a person; undefined where no flow runs. */
  readonly grantsOf: (artifactId: string) => readonly Grant[] | undefined
  /** Messages in flight. */
  readonly active: () => number
  /** Artifacts that run. */
  readonly started: () => number
  readonly stop: (patience: number) => Promise<void>
}

export function createRuntime(parts: RuntimeParts): Runtime {
  const { store, log } = parts
  const running = new Map<string, Running>()
  /** Generation that was tried last, whether it runs or not: what failed is not tried again until it changes. */
  const attempted = new Map<string, number>()
  const mappings = new Map<string, readonly ValueGroup[]>()
  let values = createValueTable([])
  let syncing: Promise<void> | undefined
  let again = false

  const collection = (id: string): Bundle | undefined => {
    const bundle = running.get(id)?.bundle
    return bundle?.type === 'ScriptCollection' ? bundle : undefined
  }
  const grants = createGrants({ catalog: parts.catalog, collection, extraGrants: parts.extraGrants })
  const guarded = guardSecrets({
    sources: parts.services,
    mayHave: grants.mayHave,
    mayCall: grants.mayCall,
    secretRead: parts.secretRead,
  })
  const { forFlows, forScripts, permits } = guarded
  const services: Services = { ...parts.services, ...forFlows, forScripts, permits }
  const host: FlowHost = { ...parts, services }

  const sweeper = setInterval(() => {
    const now = parts.clock.now()
    for (const { flow } of running.values()) flow?.sweep(now)
  }, 1_000)
  sweeper.unref()

  async function syncOnce(): Promise<void> {
    const wanted = await store.list()
    const names = new Set(wanted.map(({ artifactId }) => artifactId))
    for (const id of attempted.keys()) if (!names.has(id)) await undeploy(id)
    // Collections and value mappings first: flows started with them may run at once.
    const order = [...wanted].sort(
      (a, b) => Number(a.type === 'IntegrationFlow') - Number(b.type === 'IntegrationFlow'),
    )
    for (const deployment of order) {
      const { artifactId, generation, logLevel } = deployment
      if (attempted.get(artifactId) === generation) running.get(artifactId)?.flow?.setLogLevel(logLevel)
      else await deploy(deployment)
    }
  }

  async function deploy(deployment: Deployment): Promise<void> {
    const { artifactId, generation } = deployment
    attempted.set(artifactId, generation)
    try {
      await tryToDeploy(deployment)
    } catch (error) {
      // The database did not answer: the next look at it tries again.
      attempted.delete(artifactId)
      throw error
    }
  }

  async function tryToDeploy(deployment: Deployment): Promise<void> {
    const { artifactId, generation, version } = deployment
    const content = await store.content(artifactId)
    if (content === undefined) return
    let endpoints: readonly Endpoint[]
    try {
      const bundle = await readBundle(content)
      await parts.admit?.(bundle, deployment)
      endpoints = await start(deployment, bundle)
    } catch (error) {
      const kept = running.get(artifactId) ?? (await startBefore(deployment))
      const fault = deploymentFault(error, kept?.bundle.version)
      await store.report({ artifactId, generation, status: 'ERROR', fault, endpoints: kept?.endpoints ?? [] })
      log.warn('a deployment failed', { artifact: artifactId, why: fault.message })
      return
    }
    await store.report({ artifactId, generation, status: 'STARTED', fault: undefined, endpoints })
    log.info('deployed', { artifact: artifactId, version, generation })
  }

  /** After a restart: a version that worked is not given up for one that does not start. */
  async function startBefore(deployment: Deployment): Promise<Running | undefined> {
    const { artifactId } = deployment
    const content = await store.startedContent(artifactId)
    try {
      if (content === undefined) return undefined
      const bundle = await readBundle(content)
      await parts.admit?.(bundle, undefined)
      await start(deployment, bundle)
    } catch (error) {
      log.warn('the version before does not start either', { artifact: artifactId, why: wordsOf(error) })
    }
    return running.get(artifactId)
  }

  async function start(deployment: Deployment, bundle: Bundle): Promise<readonly Endpoint[]> {
    const { artifactId, generation, type } = deployment
    if (type === 'IntegrationFlow') return startFlow(deployment, bundle)
    if (type === 'ValueMapping') setMapping(artifactId, readValueMapping(bundle))
    else if (type !== 'ScriptCollection') throw faults.typeUnsupported({ type, artifact: artifactId })
    running.set(artifactId, { generation, facts: undefined, flow: undefined, bundle, endpoints: [], http: [] })
    return []
  }

  async function startFlow(deployment: Deployment, bundle: Bundle): Promise<readonly Endpoint[]> {
    const { artifactId, generation } = deployment
    const plan = await compileFlow(bundle, parts.catalog, services, log)
    grants.add(plan.flow, bundle, deployment)
    const flow = createDeployedFlow(plan, deployment, host)
    const claimed = { http: [] as HttpRoute[], processDirect: [] as ProcessDirectRoute[], schedules: [] as Schedule[] }
    try {
      await plan.claim(
        {
          http: (route) => claimed.http.push(route),
          processDirect: (route) => claimed.processDirect.push(route),
          schedule: (schedule) => claimed.schedules.push(schedule),
        },
        flow.deliver,
      )
      swapRoutes(artifactId, claimed)
    } catch (error) {
      await flow.drain(0)
      throw error
    }
    const before = running.get(artifactId)
    const endpoints = claimed.http.map(({ protocol, base, address }) => ({
      artifactId,
      protocol,
      path: base + address,
    }))
    running.set(artifactId, { generation, facts: plan.flow, flow, bundle, endpoints, http: claimed.http })
    parts.scheduler.swap(artifactId, claimed.schedules, generation)
    // The old version ends its messages beside the new one; nobody waits for that.
    if (before?.flow) void before.flow.drain(parts.drainTimeout)
    return endpoints
  }

  /** Both kinds of addresses, or none: a flow whose ProcessDirect address is taken keeps its HTTP addresses of before. */
  function swapRoutes(
    artifactId: string,
    {
      http,
      processDirect,
    }: { readonly http: readonly HttpRoute[]; readonly processDirect: readonly ProcessDirectRoute[] },
  ): void {
    parts.http.swap(artifactId, http)
    try {
      parts.processDirect.swap(artifactId, processDirect)
    } catch (error) {
      parts.http.swap(artifactId, running.get(artifactId)?.http ?? [])
      throw error
    }
  }

  async function undeploy(artifactId: string): Promise<void> {
    await retire(artifactId)
    attempted.delete(artifactId)
    log.info('undeployed', { artifact: artifactId })
  }

  function setMapping(artifactId: string, groups: readonly ValueGroup[] | undefined): void {
    if (groups === undefined) mappings.delete(artifactId)
    else mappings.set(artifactId, groups)
    values = createValueTable([...mappings.values()].flat())
  }

  /** Takes no new messages for the artifact; those in flight end on their own. */
  async function retire(artifactId: string): Promise<void> {
    const current = running.get(artifactId)
    parts.http.swap(artifactId, [])
    parts.processDirect.swap(artifactId, [])
    parts.scheduler.swap(artifactId, [], 0)
    running.delete(artifactId)
    if (mappings.has(artifactId)) setMapping(artifactId, undefined)
    if (current?.flow) void current.flow.drain(parts.drainTimeout)
  }

  return {
    async sync() {
      if (syncing !== undefined) {
        again = true
        return syncing
      }
      syncing = (async () => {
        do {
          again = false
          await syncOnce()
        } while (again)
      })().finally(() => {
        syncing = undefined
      })
      return syncing
    },
    collection,
    grantsOf(artifactId) {
      const facts = running.get(artifactId)?.facts
      return facts && grants.of(facts)
    },
    valueMappings: { lookup: (source, target) => values.lookup(source, target) },
    cancel: (messageId) => [...running.values()].some(({ flow }) => flow?.cancel(messageId) ?? false),
    active: () => [...running.values()].reduce((sum, { flow }) => sum + (flow?.active() ?? 0), 0),
    started: () => running.size,
    async stop(patience) {
      clearInterval(sweeper)
      parts.scheduler.stop()
      const flows = [...running].map(async ([id, { flow }]) => {
        parts.http.swap(id, [])
        parts.processDirect.swap(id, [])
        await flow?.drain(patience)
      })
      await Promise.allSettled(flows)
      running.clear()
    },
  }
}

function deploymentFault(error: unknown, keeps: string | undefined): DeploymentFault {
  const stays = keeps === undefined ? '' : ` Version ${keeps}, deployed before, keeps running.`
  if (!(error instanceof Fault)) {
    const remedy = 'This is a defect of Sluice: report it with the log.'
    return { code: 'runtime.defect', message: wordsOf(error) + stays, remedy, problems: [] }
  }
  const place = placeWords(error.place)
  const found = (error.details.problems ?? []) as readonly (Problem | { readonly place?: Place })[]
  const problems = found.flatMap((problem) =>
    'code' in problem ? [{ ...problem, place: placeWords(problem.place) }] : [],
  )
  const words = place === '' ? error.message : `${error.message} (${place})`
  return { code: error.code, message: words + stays, remedy: error.remedy, problems }
}
