import {
  type ChannelSketch,
  chain,
  type ElementSketch,
  errorStart,
  messageEnd,
  type ModelSketch,
  type ProcessSketch,
  type RouteSketch,
  type Rows,
  type Settings,
  variant,
} from './sketch.ts'

/** Text of a `.iflw` file. */
export function iflw({ settings = {}, channels = [], processes }: ModelSketch): string {
  const participants = new Map<string, { id: string; type: string }>()
  for (const { partner, direction } of channels) {
    const type = direction === 'Sender' ? 'EndpointSender' : 'EndpointRecevier'
    const key = `${type} ${partner}`
    if (!participants.has(key)) participants.set(key, { id: `Participant_${participants.size + 1}`, type })
  }
  const endpoints = [...participants].map(([key, { id, type }]) => {
    const name = key.slice(type.length + 1)
    return `<bpmn2:participant${attributes({ id, 'ifl:type': type, name })}>${extension({ 'ifl:type': type })}</bpmn2:participant>`
  })
  const pools = processes.map(
    ({ id, name = id }) =>
      `<bpmn2:participant${attributes({ id: `Participant_${id}`, 'ifl:type': 'IntegrationProcess', name, processRef: id })}><bpmn2:extensionElements/></bpmn2:participant>`,
  )
  const flows = channels.map((channel, index) => {
    const type = channel.direction === 'Sender' ? 'EndpointSender' : 'EndpointRecevier'
    return channelText(channel, participants.get(`${type} ${channel.partner}`)?.id ?? '', index)
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:ifl="http:///com.sap.ifl.model/Ifl.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="Definitions_1">
<bpmn2:collaboration id="Collaboration_1" name="Default Collaboration">
${[extension({ namespaceMapping: '', allowedHeaderList: '', httpSessionHandling: 'None', returnExceptionToSender: 'false', log: 'All events', cmdVariantUri: 'ctype::IFlowVariant/cname::IFlowConfiguration/version::1.2.4', ...settings }), ...endpoints, ...pools, ...flows].join('\n')}
</bpmn2:collaboration>
${processes.map(processText).join('\n')}
</bpmn2:definitions>
`
}

function channelText(channel: ChannelSketch, participant: string, index: number): string {
  const { adapter, direction, element, settings, messageProtocol = 'None', transportProtocol = 'HTTPS' } = channel
  const id = channel.id ?? `MessageFlow_${index + 1}`
  const name = channel.name ?? adapter
  const inward = (direction === 'Sender') !== (channel.reversed ?? false)
  const [sourceRef, targetRef] = inward ? [participant, element] : [element, participant]
  const cmdVariantUri = `ctype::AdapterVariant/cname::sap:${adapter}/tp::${transportProtocol}/mp::${messageProtocol}/direction::${direction}/version::1.0.0`
  return `<bpmn2:messageFlow${attributes({ id, name, sourceRef, targetRef })}>${extension({
    ComponentType: adapter,
    direction,
    MessageProtocol: messageProtocol,
    TransportProtocol: transportProtocol,
    Name: name,
    system: channel.partner,
    ComponentNS: 'sap',
    cmdVariantUri,
    componentVersion: '1.0',
    ...settings,
  })}</bpmn2:messageFlow>`
}

function processText(process: ProcessSketch): string {
  const { id, name = id, local = false, settings = {}, elements, exception } = process
  const cname = local ? 'LocalIntegrationProcess' : 'IntegrationProcess'
  const properties: Settings = {
    transactionTimeout: '30',
    transactionalHandling: local ? 'From Calling Process' : 'Not Required',
    cmdVariantUri: `ctype::FlowElementVariant/cname::${cname}/version::1.1.3`,
    ...(local && { processType: 'directCall' }),
    ...settings,
  }
  const exceptionText =
    exception === undefined ? '' : subProcessText(`${id}_Exception`, exceptionElements(`${id}_Exception`, exception))
  return `<bpmn2:process${attributes({ id, name })}>
${extension(properties)}
${elementsText(id, elements, process.routes)}${exceptionText}
</bpmn2:process>`
}

function exceptionElements(id: string, elements: readonly ElementSketch[]): readonly ElementSketch[] {
  const start = elements[0]?.tag === 'startEvent' ? [] : [errorStart(`${id}_Start`)]
  const end = elements.at(-1)?.tag === 'endEvent' ? [] : [messageEnd(`${id}_End`)]
  return [...start, ...elements, ...end]
}

const subProcessText = (id: string, elements: readonly ElementSketch[]): string =>
  `\n<bpmn2:subProcess${attributes({ id, name: 'Exception Subprocess 1' })}>
${extension({ activityType: 'ErrorEventSubProcessTemplate', cmdVariantUri: variant('ErrorEventSubProcessTemplate', '1.1.0') })}
${elementsText(id, elements, undefined)}
</bpmn2:subProcess>`

function elementsText(
  processId: string,
  elements: readonly ElementSketch[],
  given: readonly RouteSketch[] | undefined,
) {
  const routes = (given ?? chain(...elements.map(({ id }) => id))).map((sketch, index) => ({
    ...sketch,
    id: sketch.id ?? `${processId}_Flow_${index + 1}`,
  }))
  return [
    ...elements.map((element) => elementText(element, routes)),
    ...routes.map((flow) => routeText(flow, elements.find(({ id }) => id === flow.from)?.tag === 'exclusiveGateway')),
  ].join('\n')
}

function elementText(element: ElementSketch, routes: readonly (RouteSketch & { readonly id: string })[]): string {
  const { id, name = id, tag, event, settings, loop } = element
  const standard = routes.find((flow) => flow.from === id && flow.otherwise)?.id
  // A timer's, an error's and an escalation's settings stand inside the event definition; those of others outside.
  const inside = event === 'timer' || event === 'error' || event === 'escalation'
  const content = [
    inside ? '' : extension(settings),
    ...routes.filter(({ to }) => to === id).map((flow) => `<bpmn2:incoming>${escapeText(flow.id)}</bpmn2:incoming>`),
    ...routes
      .filter(({ from }) => from === id)
      .map((flow) => `<bpmn2:outgoing>${escapeText(flow.id)}</bpmn2:outgoing>`),
    ...(event === undefined
      ? []
      : [`<bpmn2:${event}EventDefinition>${inside ? extension(settings) : ''}</bpmn2:${event}EventDefinition>`]),
    ...(loop === undefined
      ? []
      : [
          `<bpmn2:standardLoopCharacteristics${attributes({ id: `Loop_${id}`, loopMaximum: loop.maximum })}><bpmn2:loopCondition xsi:type="bpmn2:tFormalExpression">${escapeText(loop.condition)}</bpmn2:loopCondition></bpmn2:standardLoopCharacteristics>`,
        ]),
  ]
  const given = attributes({ id, name, ...(standard !== undefined && { default: standard }) })
  return `<bpmn2:${tag}${given}>${content.join('')}</bpmn2:${tag}>`
}

function routeText(flow: RouteSketch & { readonly id: string }, branches: boolean): string {
  const { id, from, to, when } = flow
  const type = flow.type ?? (when === undefined || when.startsWith('/') ? 'XML' : 'NonXML')
  const condition =
    when === undefined
      ? ''
      : `<bpmn2:conditionExpression xsi:type="bpmn2:tFormalExpression">${escapeText(when)}</bpmn2:conditionExpression>`
  const settings = branches ? extension({ expressionType: type }) : ''
  return `<bpmn2:sequenceFlow${attributes({ id, sourceRef: from, targetRef: to })}>${settings}${condition}</bpmn2:sequenceFlow>`
}

const extension = (settings: Settings): string =>
  `<bpmn2:extensionElements>${Object.entries(settings)
    .map(
      ([key, value]) =>
        `<ifl:property><key>${escapeText(key)}</key><value>${escapeText(typeof value === 'string' ? value : tableText(value))}</value></ifl:property>`,
    )
    .join('')}</bpmn2:extensionElements>`

/** Rows as a bundle writes them: `<row><cell id='Name'>x</cell></row>`, not yet escaped for the file. */
export const tableText = (rows: Rows): string =>
  rows
    .map((row) => {
      const cells = Array.isArray(row)
        ? (row as readonly string[]).map((cell) => `<cell>${escapeText(cell)}</cell>`)
        : Object.entries(row).map(
            ([id, cell]) => `<cell id='${escapeText(id).replaceAll("'", '&apos;')}'>${escapeText(cell)}</cell>`,
          )
      return `<row>${cells.join('')}</row>`
    })
    .join('')

export const escapeText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')

const attributes = (given: Readonly<Record<string, string>>): string =>
  Object.entries(given)
    .map(([name, value]) => ` ${name}="${escapeText(value)}"`)
    .join('')
