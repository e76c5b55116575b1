import type { Element as XmlElement } from 'slimdom'

import { Fault } from '../base/index.ts'
import { decodeXml, parseXml } from '../formats/xml.ts'
import { faults } from './faults.ts'
import type { Channel, Element, FlowModel, Participant, Process, Properties, SequenceFlow } from './model.ts'
import { childOf, childrenOf, textOf } from './xml-children.ts'

const bpmn = 'http://www.omg.org/spec/BPMN/20100524/MODEL'

/** What stands in a process beside its elements and changes nothing at run time. */
const decoration = new Set([
  'extensionElements',
  'documentation',
  'incoming',
  'outgoing',
  'laneSet',
  'textAnnotation',
  'association',
  'group',
])

/**
 * Reads a `.iflw` file. Nothing is left out: whatever stands in a process and is no sequence flow and no decoration
 * becomes an element, known or not.
 * @throws formats.xmlMalformed, formats.xmlEntities, flow.modelInvalid; each with file and, where known, line
 */
export function parseModel(file: string, content: Uint8Array): FlowModel {
  try {
    const text = decodeXml(content)
    const root = parseXml(text).documentElement
    if (root === null || root.localName !== 'definitions' || root.namespaceURI !== bpmn) {
      throw faults.modelInvalid({ why: 'its root element is not the definitions element of BPMN 2.0' })
    }
    const lines = linesOfIds(text)
    const collaborations = childrenOf(root, 'collaboration')
    const [collaboration] = collaborations
    if (collaboration === undefined || collaborations.length > 1) {
      throw faults.modelInvalid({ why: `it has ${collaborations.length} collaborations instead of one` })
    }
    const participants = childrenOf(collaboration, 'participant').map(participantOf)
    return {
      file,
      properties: propertiesOf(collaboration),
      participants,
      channels: childrenOf(collaboration, 'messageFlow').map((flow) => channelOf(flow, participants, lines)),
      processes: childrenOf(root, 'process').map((process) => processOf(process, lines)),
    }
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown.at({ file }) : thrown
  }
}

/** Version of a component: from its variant, `.../version::1.5.1`, else its own property; '' where neither is there. */
export const versionOf = (properties: Properties): string =>
  /\/version::([^/]+)/.exec(properties.get('cmdVariantUri') ?? '')?.[1] ?? properties.get('componentVersion') ?? ''

/** What of a channel follows from its properties. */
export function channelFacts(properties: Properties, fallback: Channel['direction']) {
  const variant = properties.get('cmdVariantUri') ?? ''
  const given = properties.get('direction') || /\/direction::([^/]+)/.exec(variant)?.[1]
  return {
    adapter: properties.get('ComponentType') || (/\/cname::(?:sap:)?([^/]+)/.exec(variant)?.[1] ?? ''),
    direction: given === 'Sender' || given === 'Receiver' ? given : fallback,
    messageProtocol: properties.get('MessageProtocol') ?? '',
    version: versionOf(properties),
  }
}

/** What of an element follows from its properties. */
export const elementFacts = (properties: Properties) => ({
  activity: properties.get('activityType') ?? '',
  subActivity: properties.get('subActivityType') ?? '',
  version: versionOf(properties),
})

/** Line, from 1, on which an id is given. The parser tells no positions, so the text is searched, in one pass. */
function linesOfIds(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  let line = 1
  let at = 0
  for (const match of text.matchAll(/\sid\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g)) {
    for (; at <= match.index; at++) if (text.charCodeAt(at) === 10) line += 1
    const id = match[1] ?? match[2] ?? ''
    if (!lines.has(id)) lines.set(id, line)
  }
  return lines
}

const idOf = (node: XmlElement) => node.getAttribute('id') ?? ''
const nameOf = (node: XmlElement) => node.getAttribute('name') ?? ''

/** The settings directly under an element, without those of its children. */
function ownProperties(node: XmlElement): [string, string][] {
  return childrenOf(node, 'extensionElements').flatMap((extension) =>
    childrenOf(extension, 'property').map((property): [string, string] => [
      textOf(property, 'key'),
      textOf(property, 'value'),
    ]),
  )
}

const eventDefinitions = (node: XmlElement) =>
  childrenOf(node).filter(({ localName }) => localName.endsWith('EventDefinition'))

/** Settings of an element; those of a timer, an error or an escalation stand inside the event definition. */
const propertiesOf = (node: XmlElement): Properties =>
  new Map([...ownProperties(node), ...eventDefinitions(node).flatMap(ownProperties)])

function participantOf(node: XmlElement): Participant {
  const type = Array.from(node.attributes).find(({ localName }) => localName === 'type')?.value
  const properties = propertiesOf(node)
  return {
    id: idOf(node),
    name: nameOf(node),
    type: type ?? properties.get('ifl:type') ?? '',
    processRef: node.getAttribute('processRef') ?? undefined,
    properties,
  }
}

function channelOf(
  node: XmlElement,
  participants: readonly Participant[],
  lines: ReadonlyMap<string, number>,
): Channel {
  const source = node.getAttribute('sourceRef') ?? ''
  const properties = propertiesOf(node)
  const fromSender = participants.some(({ id, type }) => id === source && type === 'EndpointSender')
  return {
    id: idOf(node),
    name: nameOf(node),
    source,
    target: node.getAttribute('targetRef') ?? '',
    ...channelFacts(properties, fromSender ? 'Sender' : 'Receiver'),
    properties,
    line: lines.get(idOf(node)),
  }
}

function processOf(node: XmlElement, lines: ReadonlyMap<string, number>): Process {
  const properties = propertiesOf(node)
  const flows = childrenOf(node, 'sequenceFlow').map((flow) => sequenceFlowOf(flow, lines))
  const nodes = childrenOf(node).filter(({ localName }) => localName !== 'sequenceFlow' && !decoration.has(localName))
  const handler = nodes.find(isExceptionSubprocess)
  return {
    id: idOf(node),
    name: nameOf(node),
    local: properties.get('processType') === 'directCall',
    properties,
    elements: nodes.filter((child) => child !== handler).map((child) => elementOf(child, flows, lines)),
    sequenceFlows: flows,
    exceptionSubprocess: handler && processOf(handler, lines),
    line: lines.get(idOf(node)),
  }
}

const isExceptionSubprocess = (node: XmlElement): boolean =>
  node.localName === 'subProcess' && propertiesOf(node).get('activityType') === 'ErrorEventSubProcessTemplate'

function elementOf(node: XmlElement, flows: readonly SequenceFlow[], lines: ReadonlyMap<string, number>): Element {
  const id = idOf(node)
  const properties = propertiesOf(node)
  const listed = childrenOf(node, 'outgoing').map(({ textContent }) => textContent?.trim() ?? '')
  const loop = childOf(node, 'standardLoopCharacteristics')
  return {
    id,
    name: nameOf(node),
    tag: node.localName,
    event: eventDefinitions(node)[0]?.localName.replace('EventDefinition', ''),
    ...elementFacts(properties),
    properties,
    outgoing: [...new Set([...listed, ...flows.filter(({ source }) => source === id).map((flow) => flow.id)])],
    defaultFlow: node.getAttribute('default') ?? undefined,
    loop: loop && { maximum: loop.getAttribute('loopMaximum') ?? '', condition: textOf(loop, 'loopCondition') },
    line: lines.get(id),
  }
}

const sequenceFlowOf = (node: XmlElement, lines: ReadonlyMap<string, number>): SequenceFlow => ({
  id: idOf(node),
  name: nameOf(node),
  source: node.getAttribute('sourceRef') ?? '',
  target: node.getAttribute('targetRef') ?? '',
  condition: childOf(node, 'conditionExpression')?.textContent ?? undefined,
  expressionType: propertiesOf(node).get('expressionType') ?? '',
  line: lines.get(idOf(node)),
})
