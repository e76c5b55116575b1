import { Fault, type Place } from '../base/index.ts'
import { type FieldSet, readFields } from '../fields/index.ts'
import { checkStructure, placeIn, withSubprocess } from './check-structure.ts'
import type { Receiver, Sender, Step } from './contracts.ts'
import { faults } from './faults.ts'
import type { Bundle, Channel, Element, FlowModel, Process, Properties } from './model.ts'
import { type Problem, problemOf } from './problem.ts'
import { resolveModel } from './resolve-model.ts'
import { readValueMapping } from './value-mapping.ts'

/** Everything that this installation can run. */
export interface Catalog {
  readonly steps: readonly Step[]
  readonly receivers: readonly Receiver[]
  readonly senders: readonly Sender[]
}

/** One part of a flow, and whether it is supported. */
export interface Component {
  readonly id: string
  readonly name: string
  readonly kind: 'step' | 'event' | 'gateway' | 'subprocess' | 'channel'
  /** `Script/GroovyScript`, `startEvent (timer)`, `HTTP (None, Receiver)` */
  readonly type: string
  readonly version: string
  /** Name of the process; '' for channels. */
  readonly process: string
  readonly place: Place
  readonly supported: boolean
  /** Type of the step, the sender or the receiver that answers for it; undefined for structure and where none does. */
  readonly answeredBy: string | undefined
  /** Why it is not supported. */
  readonly problem: Problem | undefined
}

export interface SupportReport {
  readonly id: string
  readonly type: Bundle['type']
  /** True where the bundle can be deployed: there is no problem. */
  readonly supported: boolean
  readonly components: readonly Component[]
  /** All that stands in the way of deployment, at once. */
  readonly problems: readonly Problem[]
  /** What a reader should know and what stands in no one's way: properties and parameters that are not known. */
  readonly notes: readonly Problem[]
}

/** Keys that say what a component is, not what it does. */
const identity = new Set([
  'activityType',
  'subActivityType',
  'cmdVariantUri',
  'componentVersion',
  'ComponentType',
  'ComponentNS',
  'ComponentSWCVId',
  'ComponentSWCVName',
  'Description',
  'direction',
  'MessageProtocol',
  'MessageProtocolVersion',
  'Name',
  'system',
  'TransportProtocol',
  'TransportProtocolVersion',
  'Vendor',
])

/**
 * Says of every component of a bundle whether the catalogue can run it, and lists everything that is wrong with it.
 * `overrides` are values of parameters, in the form of `parameters.prop`.
 */
export function checkBundle(
  bundle: Bundle,
  catalog: Catalog,
  overrides: Readonly<Record<string, string>> = {},
): SupportReport {
  const found = bundle.model === undefined ? checkOther(bundle) : checkFlow(bundle, catalog, overrides)
  return { id: bundle.id, type: bundle.type, supported: found.problems.length === 0, ...found }
}

type Found = Pick<SupportReport, 'components' | 'problems' | 'notes'>

function checkOther(bundle: Bundle): Found {
  try {
    if (bundle.type === 'ValueMapping') readValueMapping(bundle)
    return { components: [], problems: [], notes: [] }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return { components: [], problems: [problemOf(thrown)], notes: [] }
  }
}

function checkFlow(bundle: Bundle, catalog: Catalog, overrides: Readonly<Record<string, string>>): Found {
  const { model, unknownParameters } = resolveModel(bundle, overrides)
  const checked = [
    ...model.channels.map((channel) => checkChannel(model, channel, catalog)),
    ...model.processes.flatMap(withSubprocess).flatMap((process) => checkProcess(model, process, catalog)),
  ]
  const empty = bundle.parameters
    .filter(({ name, value, required }) => required && (overrides[name] ?? value) === '')
    .map(({ name }) => faults.parameterEmpty({ name }, { place: { property: name } }))
  return {
    components: checked.map(({ component }) => component),
    problems: [
      ...checked.flatMap(({ component, problems }) => [...(component.problem ? [component.problem] : []), ...problems]),
      ...checkStructure(model).map(problemOf),
    ],
    notes: [...checked.flatMap(({ notes }) => notes), ...unknownParameters, ...empty.map(problemOf)],
  }
}

/** What a step, a sender and a receiver have in common here. */
interface Declaration {
  readonly type: string
  readonly fields: FieldSet
}

interface Checked {
  readonly component: Component
  readonly problems: readonly Problem[]
  readonly notes: readonly Problem[]
}

type Facts = Pick<Component, 'id' | 'name' | 'kind' | 'type' | 'version' | 'process' | 'place'>

function checkChannel(model: FlowModel, channel: Channel, { senders, receivers }: Catalog): Checked {
  const { id, name, adapter, messageProtocol, direction, version, properties } = channel
  const type = `${adapter} (${[messageProtocol, direction].filter(Boolean).join(', ')})`
  const facts: Facts = {
    id,
    name: name || id,
    kind: 'channel',
    type,
    version,
    process: '',
    place: placeIn(model, channel),
  }
  const candidates: readonly (Sender | Receiver)[] = direction === 'Sender' ? senders : receivers
  return judge(
    facts,
    properties,
    candidates.filter((declared) => declared.answers(channel)),
  )
}

function checkProcess(model: FlowModel, process: Process, catalog: Catalog): readonly Checked[] {
  const { exceptionSubprocess } = process
  const subprocess =
    exceptionSubprocess === undefined ? [] : [structure(subprocessFacts(model, process, exceptionSubprocess))]
  return [...process.elements.map((element) => checkElement(model, process, element, catalog)), ...subprocess]
}

const subprocessFacts = (model: FlowModel, parent: Process, { id, name, ...rest }: Process): Facts => ({
  id,
  name: name || id,
  kind: 'subprocess',
  type: 'ErrorEventSubProcessTemplate',
  version: '',
  process: parent.name,
  place: placeIn(model, { id, ...rest }),
})

function checkElement(model: FlowModel, process: Process, element: Element, { steps, senders }: Catalog): Checked {
  const { id, name, version, properties, tag, event } = element
  const kind = tag.endsWith('Event') ? 'event' : tag.endsWith('Gateway') ? 'gateway' : 'step'
  const place = placeIn(model, element)
  const facts: Facts = { id, name: name || id, kind, type: typeOf(element), version, process: process.name, place }
  if (tag === 'startEvent' && event !== 'timer') return structure(facts)
  const candidates: readonly (Step | Sender)[] = tag === 'startEvent' ? senders : steps
  return judge(
    facts,
    properties,
    candidates.filter((declared) => declared.answers(element)),
  )
}

function typeOf({ tag, event, activity, subActivity, properties }: Element): string {
  if (tag.endsWith('Event')) return event === undefined ? tag : `${tag} (${event})`
  // Some activities have no sub type, but a variant that tells as much.
  const variant = /\/cname::([^/]+)/.exec(properties.get('cmdVariantUri') ?? '')?.[1]
  const sub = subActivity || (variant === activity ? undefined : variant)
  return [activity || tag, sub].filter(Boolean).join('/')
}

const structure = (facts: Facts): Checked => ({
  component: { ...facts, supported: true, answeredBy: undefined, problem: undefined },
  problems: [],
  notes: [],
})

/** A component is supported when exactly one declaration answers for it and nothing is wrong with its properties. */
function judge(facts: Facts, properties: Properties, answering: readonly Declaration[]): Checked {
  const { name, type, place } = facts
  const [declaration] = answering
  if (declaration === undefined || answering.length > 1) {
    const fault =
      declaration === undefined
        ? faults.componentUnsupported({ name, type }, { place })
        : faults.componentAmbiguous({ name, type, answers: answering.map((a) => a.type) }, { place })
    return {
      component: { ...facts, supported: false, answeredBy: undefined, problem: problemOf(fault) },
      problems: [],
      notes: [],
    }
  }
  const { problems, unknown } = readFields(declaration.fields, Object.fromEntries(properties))
  const found = problems.map(({ field: property, problem, unsupported }) => {
    const raise = unsupported ? faults.propertyUnsupported : faults.propertyInvalid
    return problemOf(raise({ name, property, problem }, { place: { ...place, property } }))
  })
  const notes = unknown
    .filter((property) => !identity.has(property))
    .map((property) => problemOf(faults.propertyUndeclared({ name, property }, { place: { ...place, property } })))
  return {
    component: { ...facts, supported: found.length === 0, answeredBy: declaration.type, problem: undefined },
    problems: found,
    notes,
  }
}
