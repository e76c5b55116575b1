import type { Fault, Place } from '../base/index.ts'
import { faults } from './faults.ts'
import type { Channel, Element, FlowModel, Process } from './model.ts'

/** Everything that is wrong with how the parts of a model hang together. */
export function checkStructure(model: FlowModel): readonly Fault[] {
  const processes = model.processes.flatMap(withSubprocess)
  return [
    ...checkIds(model, processes),
    ...model.channels.flatMap((channel) => checkChannel(model, processes, channel)),
    ...checkAddresses(model),
    ...processes.flatMap((process) => [
      ...checkStart(model, process),
      ...checkSequenceFlows(model, process),
      ...process.elements.flatMap((element) => checkElement(model, process, element)),
    ]),
  ]
}

/** A process with its exception subprocess. */
export const withSubprocess = (process: Process): readonly Process[] =>
  process.exceptionSubprocess === undefined ? [process] : [process, ...withSubprocess(process.exceptionSubprocess)]

/** Where a part of the model stands. */
export const placeIn = (
  { file }: FlowModel,
  { id, line }: { readonly id: string; readonly line?: number | undefined },
  property?: string,
): Place => ({ file, element: id, ...(line !== undefined && { line }), ...(property !== undefined && { property }) })

const called = ({ name, id }: { readonly name: string; readonly id: string }) => name || id

function checkIds(model: FlowModel, processes: readonly Process[]): readonly Fault[] {
  const seen = new Set<string>()
  const parts = [
    ...model.participants,
    ...model.channels,
    ...processes.flatMap((process) => [process, ...process.elements, ...process.sequenceFlows]),
  ]
  return parts.flatMap((part) => {
    const again = seen.has(part.id)
    seen.add(part.id)
    return again ? [faults.idTwice({ id: part.id }, { place: placeIn(model, part) })] : []
  })
}

function checkChannel(model: FlowModel, processes: readonly Process[], channel: Channel): readonly Fault[] {
  const isParticipant = (id: string) => model.participants.some((participant) => participant.id === id)
  const isElement = (id: string) => processes.some(({ elements }) => elements.some((element) => element.id === id))
  return [channel.source, channel.target].flatMap((end) =>
    isParticipant(end) || isElement(end)
      ? []
      : [faults.channelDangling({ name: called(channel), end }, { place: placeIn(model, channel) })],
  )
}

/** Addresses of senders are paths; one flow cannot answer twice under the same. */
function checkAddresses(model: FlowModel): readonly Fault[] {
  const taken = new Map<string, Channel>()
  return model.channels.flatMap((channel) => {
    const property = channel.properties.has('urlPath') ? 'urlPath' : 'address'
    const address = channel.properties.get(property) ?? ''
    if (channel.direction !== 'Sender' || !address.startsWith('/')) return []
    const key = `${channel.adapter} ${address.toLowerCase()}`
    const other = taken.get(key)
    taken.set(key, other ?? channel)
    if (other === undefined) return []
    const details = { name: called(channel), address, other: called(other) }
    return [faults.addressTwice(details, { place: placeIn(model, channel, property) })]
  })
}

function checkStart(model: FlowModel, process: Process): readonly Fault[] {
  const count = process.elements.filter(({ tag }) => tag === 'startEvent').length
  return count === 1 ? [] : [faults.startCount({ process: called(process), count }, { place: placeIn(model, process) })]
}

function checkSequenceFlows(model: FlowModel, process: Process): readonly Fault[] {
  const elements = new Set(process.elements.map(({ id }) => id))
  const known = new Set(process.sequenceFlows.map(({ id }) => id))
  const unknownEnds = process.sequenceFlows.flatMap((flow) =>
    [flow.source, flow.target]
      .filter((end) => !elements.has(end))
      .map((end) => faults.sequenceFlowDangling({ flow: called(flow), end }, { place: placeIn(model, flow) })),
  )
  const unknownFlows = process.elements.flatMap((element) =>
    element.outgoing
      .filter((flow) => !known.has(flow))
      .map((flow) => faults.sequenceFlowDangling({ flow, end: flow }, { place: placeIn(model, element) })),
  )
  return [...unknownEnds, ...unknownFlows]
}

function checkElement(model: FlowModel, process: Process, element: Element): readonly Fault[] {
  const name = called(element)
  const place = placeIn(model, element)
  const found: Fault[] = []
  const processId = element.properties.get('processId')
  if (processId !== undefined && !model.processes.some(({ id }) => id === processId)) {
    found.push(faults.processUnknown({ name, process: processId }, { place: { ...place, property: 'processId' } }))
  }
  if (element.defaultFlow !== undefined && !element.outgoing.includes(element.defaultFlow)) {
    found.push(faults.defaultUnknown({ name, flow: element.defaultFlow }, { place }))
  }
  if (element.tag === 'exclusiveGateway' && isBlind(process, element))
    found.push(faults.routerBlind({ name }, { place }))
  if (element.tag === 'serviceTask') {
    const count = model.channels.filter(({ source, target }) => source === element.id || target === element.id).length
    if (count !== 1) found.push(faults.channelCount({ name, count }, { place }))
  }
  return found
}

/** A gateway that cannot choose. With a single way out there is nothing to choose. */
const isBlind = (process: Process, { defaultFlow, outgoing }: Element): boolean =>
  defaultFlow === undefined &&
  outgoing.length !== 1 &&
  !process.sequenceFlows.some(({ id, condition = '' }) => outgoing.includes(id) && condition.trim() !== '')
