import { Fault, type Log, type Place } from '../base/index.ts'
import { type FieldSet, readFields } from '../fields/index.ts'
import type {
  Bundle,
  Catalog,
  Channel,
  Element,
  FlowFacts,
  FlowModel,
  Outlet,
  OutgoingFlow,
  Process,
  Properties,
  Routine,
  Services,
  StepContext,
} from '../flow/index.ts'
import { checkBundle, resolveModel } from '../flow/index.ts'
import { compileHeaderFilter, readNamespaceMapping } from '../languages/index.ts'
import { faults } from './faults.ts'
import { type Plan, type PlanNode, planNode } from './plan.ts'

interface Compiling {
  readonly bundle: Bundle
  readonly model: FlowModel
  readonly flow: FlowFacts
  readonly catalog: Catalog
  readonly services: Services
  readonly log: Log
  readonly nodes: ReadonlyMap<string, PlanNode>
  readonly routines: ReadonlyMap<string, Routine>
  readonly outlets: Map<string, Outlet>
}

/**
 * Turns a bundle into a plan. Opens its receivers; whatever was opened is closed again when it fails.
 * @throws runtime.notDeployable with every problem in `details.problems`, or the fault of a single step or channel
 */
export async function compileFlow(bundle: Bundle, catalog: Catalog, services: Services, log: Log): Promise<Plan> {
  refuseUnsupported(bundle, catalog)
  const { model } = resolveModel(bundle)
  const nodes = new Map<string, PlanNode>()
  const routines = new Map<string, Routine>()
  const flow = factsOf(bundle, model.properties, model.file)
  const compiling: Compiling = { bundle, model, flow, catalog, services, log, nodes, routines, outlets: new Map() }
  try {
    for (const process of model.processes) makeNodes(process, model.file, nodes)
    for (const process of model.processes) routines.set(process.id, routineOf(process, nodes))
    await openReceivers(compiling)
    for (const process of model.processes) {
      await compileProcess(compiling, process, false)
      if (process.exceptionSubprocess) await compileProcess(compiling, process.exceptionSubprocess, true)
    }
    return {
      flow,
      routines: [...routines.values()],
      outlets: [...compiling.outlets.values()],
      claim: (claims, deliver) => bindSenders(compiling, claims, deliver),
    }
  } catch (error) {
    await Promise.allSettled([...compiling.outlets.values()].map((outlet) => outlet[Symbol.asyncDispose]()))
    throw error
  }
}

function refuseUnsupported(bundle: Bundle, catalog: Catalog): void {
  const { supported, problems } = checkBundle(bundle, catalog)
  if (supported) return
  throw faults.notDeployable({ flow: bundle.id, problems, first: problems[0]?.message ?? 'it has no model' })
}

/** The flow-wide settings every part may need. */
export function factsOf(bundle: Bundle, settings: Properties, file: string): FlowFacts {
  const session = settings.get('httpSessionHandling')
  const read = <Result>(property: string, reader: (value: string) => Result): Result =>
    placedNow({ file, property }, () => reader(settings.get(property) ?? ''))
  return {
    id: bundle.id,
    name: bundle.name,
    version: bundle.version,
    namespaces: read('namespaceMapping', readNamespaceMapping),
    allowedHeaders: read('allowedHeaderList', compileHeaderFilter),
    sessionHandling: session === 'onExchange' || session === 'onIntegrationFlow' ? session : 'None',
    returnExceptionToSender: settings.get('returnExceptionToSender') === 'true',
  }
}

function makeNodes(process: Process, file: string, nodes: Map<string, PlanNode>): void {
  for (const element of process.elements) {
    const place: Place = { file, element: element.id, ...(element.line !== undefined && { line: element.line }) }
    const type = element.subActivity || element.activity || element.event || element.tag
    nodes.set(element.id, planNode(element.id, element.name || element.id, type, place))
  }
  if (process.exceptionSubprocess) makeNodes(process.exceptionSubprocess, file, nodes)
}

function routineOf(process: Process, nodes: ReadonlyMap<string, PlanNode>): Routine {
  const handler = process.exceptionSubprocess
  return {
    id: process.id,
    name: process.name,
    local: process.local,
    start: startOf(process, nodes),
    exceptionStart: handler && startOf(handler, nodes),
  }
}

/** The start event is structure: a route starts at what follows it. */
function startOf(process: Process, nodes: ReadonlyMap<string, PlanNode>): PlanNode {
  const start = process.elements.find((element) => element.tag === 'startEvent')
  if (start === undefined) throw faults.startMissing({ process: process.name || process.id })
  const node = nodes.get(start.id)
  if (node === undefined) throw faults.startMissing({ process: process.name || process.id })
  return node
}

async function openReceivers(compiling: Compiling): Promise<void> {
  const { model, catalog, nodes } = compiling
  for (const channel of model.channels) {
    if (channel.direction !== 'Receiver') continue
    const element = nodes.has(channel.source) ? channel.source : channel.target
    const receiver = catalog.receivers.find((candidate) => candidate.answers(channel))
    if (receiver === undefined || !nodes.has(element)) continue
    const values = valuesOf(receiver.fields, channel.properties, { file: model.file, element: channel.id })
    const outlet = await placed({ file: model.file, element: channel.id }, () =>
      receiver.open(values, { ...channelContext(compiling, channel), channel }),
    )
    compiling.outlets.set(element, outlet)
  }
}

function channelContext({ bundle, flow, model, services, log }: Compiling, channel: Channel) {
  const partnerId = channel.direction === 'Sender' ? channel.source : channel.target
  const partner = model.participants.find(({ id }) => id === partnerId)?.name ?? ''
  return { channel, bundle, flow, partner, services, log }
}

async function compileProcess(compiling: Compiling, process: Process, handlesException: boolean): Promise<void> {
  const { catalog, nodes, model } = compiling
  for (const element of process.elements) {
    const node = nodes.get(element.id)
    if (node === undefined) continue
    const outgoing = outgoingOf(process, element, nodes)
    node.next = element.tag.endsWith('Gateway') ? undefined : outgoing[0]?.target
    if (element.tag === 'startEvent') {
      node.work = () => undefined
      continue
    }
    const step = catalog.steps.find((candidate) => candidate.answers(element))
    if (step === undefined) continue
    const values = valuesOf(step.fields, element.properties, node.place)
    const context = stepContext(compiling, element, outgoing, handlesException)
    node.work = await placed({ file: model.file, element: element.id }, () => step.compile(values, context))
  }
}

function outgoingOf(process: Process, element: Element, nodes: ReadonlyMap<string, PlanNode>): OutgoingFlow[] {
  return element.outgoing.flatMap((id) => {
    const flow = process.sequenceFlows.find((candidate) => candidate.id === id)
    const target = flow && nodes.get(flow.target)
    return flow && target ? [{ flow, target, isDefault: element.defaultFlow === id }] : []
  })
}

function stepContext(
  { bundle, flow, routines, outlets, services }: Compiling,
  element: Element,
  outgoing: readonly OutgoingFlow[],
  handlesException: boolean,
): StepContext {
  return {
    element,
    bundle,
    flow,
    outgoing,
    handlesException,
    services,
    routine(id) {
      const routine = routines.get(id)
      if (routine === undefined) throw faults.processMissing({ process: id })
      return routine
    },
    outlet() {
      const outlet = outlets.get(element.id)
      if (outlet === undefined) throw faults.channelMissing({ element: element.name || element.id })
      return outlet
    },
  }
}

async function bindSenders(
  compiling: Compiling,
  claims: Parameters<Plan['claim']>[0],
  deliver: Parameters<Plan['claim']>[1],
): Promise<void> {
  const { model, catalog, routines } = compiling
  for (const process of model.processes) {
    const routine = routines.get(process.id)
    const start = process.elements.find(({ tag }) => tag === 'startEvent')
    if (routine === undefined || start === undefined || process.local) continue
    const channels = model.channels.filter(({ direction, target }) => direction === 'Sender' && target === start.id)
    for (const source of [...channels, ...(start.event === 'timer' ? [start] : [])]) {
      const sender = catalog.senders.find((candidate) => candidate.answers(source))
      if (sender === undefined) continue
      const channel = 'adapter' in source ? source : timerChannel(source)
      const place = { file: model.file, element: source.id }
      const values = valuesOf(sender.fields, source.properties, place)
      const context = { ...channelContext(compiling, channel), claims, deliver: deliver(routine) }
      await placed(place, () => sender.listen(values, context))
    }
  }
}

/** A timer has no channel; it is its own. */
const timerChannel = ({ id, name, properties, version, line }: Element): Channel => ({
  id,
  name,
  source: '',
  target: id,
  adapter: 'Timer',
  direction: 'Sender',
  messageProtocol: '',
  version,
  properties,
  line,
})

/** The report has refused bad properties already; this is the typed reading of good ones. */
function valuesOf<Fields extends FieldSet>(fields: Fields, properties: Properties, place: Place) {
  const { values, problems } = readFields(fields, Object.fromEntries(properties))
  const first = problems[0]
  if (first !== undefined) {
    const words = `'${first.field}' ${first.problem}`
    throw faults.notDeployable({ flow: place.element ?? '', problems, first: words }, { place })
  }
  return values
}

function placedNow<Result>(place: Place, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw error instanceof Fault ? error.at(place) : error
  }
}

async function placed<Result>(place: Place, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Fault ? error.at(place) : error
  }
}
