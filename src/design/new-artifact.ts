import { newManifest, writeManifest, writeZip } from '../formats/index.ts'
import type { BundleType } from '../flow/index.ts'
import { faults } from './faults.ts'

/**
 * The zip of a new, empty artifact: a flow that starts with a message and ends, a collection without scripts, a value
 * mapping without values.
 * @throws design.contentMissing for types that cannot be empty
 */
export function newArtifact(given: {
  readonly id: string
  readonly name: string
  readonly type: BundleType
}): Promise<Buffer> {
  const files = emptyContent[given.type]
  if (!files) throw faults.contentMissing({ type: given.type })
  return writeZip([['META-INF/MANIFEST.MF', manifest(given)], ...files(given.id)])
}

type Files = readonly (readonly [path: string, content: Buffer])[]

const emptyContent: Readonly<Partial<Record<BundleType, (id: string) => Files>>> = {
  IntegrationFlow: (id) => [
    [`src/main/resources/scenarioflows/integrationflow/${id}.iflw`, Buffer.from(emptyFlow)],
    ['src/main/resources/parameters.prop', Buffer.from('#Parameters\n')],
    [
      'src/main/resources/parameters.propdef',
      Buffer.from('<?xml version="1.0" encoding="UTF-8"?><parameters><param_references/></parameters>'),
    ],
  ],
  ScriptCollection: () => [],
  ValueMapping: () => [['value_mapping.xml', Buffer.from('<?xml version="1.0" encoding="UTF-8"?><vm version="2.0"/>')]],
}

const manifest = ({
  id,
  name,
  type,
}: {
  readonly id: string
  readonly name: string
  readonly type: BundleType
}): Buffer =>
  writeManifest(
    newManifest([
      ['Manifest-Version', '1.0'],
      ['Bundle-ManifestVersion', '2'],
      ['Bundle-Name', name],
      ['Bundle-SymbolicName', `${id}; singleton:=true`],
      ['Bundle-Version', '1.0.0'],
      ['SAP-BundleType', type],
      ['SAP-NodeType', 'IFLMAP'],
      ['SAP-RuntimeProfile', 'iflmap'],
      ...(type === 'ScriptCollection'
        ? ([['Provide-Capability', `scriptcollection.${id};version:Version="1.0.0"`]] as const)
        : []),
    ]),
  )

const property = (key: string, value: string): string =>
  `<ifl:property><key>${key}</key><value>${value}</value></ifl:property>`
const shape = (id: string, x: number, y: number, width: number, height: number): string =>
  `<bpmndi:BPMNShape bpmnElement="${id}" id="BPMNShape_${id}"><dc:Bounds height="${height}" width="${width}" x="${x}" y="${y}"/></bpmndi:BPMNShape>`

// Sender, process, receiver: the picture that a new flow shows in the editor.
const emptyFlow = [
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:ifl="http:///com.sap.ifl.model/Ifl.xsd" id="Definitions_1">',
  '<bpmn2:collaboration id="Collaboration_1" name="Default Collaboration"><bpmn2:extensionElements>',
  ...[
    ['namespaceMapping', ''],
    ['httpSessionHandling', 'None'],
    ['returnExceptionToSender', 'false'],
    ['log', 'All events'],
    ['allowedHeaderList', ''],
    ['ServerTrace', 'false'],
    ['componentVersion', '1.2'],
    ['cmdVariantUri', 'ctype::IFlowVariant/cname::IFlowConfiguration/version::1.2.4'],
  ].map(([key = '', value = '']) => property(key, value)),
  '</bpmn2:extensionElements>',
  `<bpmn2:participant id="Participant_1" ifl:type="EndpointSender" name="Sender"><bpmn2:extensionElements>${property('ifl:type', 'EndpointSender')}</bpmn2:extensionElements></bpmn2:participant>`,
  `<bpmn2:participant id="Participant_2" ifl:type="EndpointRecevier" name="Receiver"><bpmn2:extensionElements>${property('ifl:type', 'EndpointRecevier')}</bpmn2:extensionElements></bpmn2:participant>`,
  '<bpmn2:participant id="Participant_Process_1" ifl:type="IntegrationProcess" name="Integration Process" processRef="Process_1"/>',
  '</bpmn2:collaboration>',
  '<bpmn2:process id="Process_1" name="Integration Process"><bpmn2:extensionElements>',
  property('transactionTimeout', '30'),
  property('transactionalHandling', 'Not Required'),
  '</bpmn2:extensionElements>',
  '<bpmn2:startEvent id="StartEvent_1" name="Start"><bpmn2:outgoing>SequenceFlow_1</bpmn2:outgoing><bpmn2:messageEventDefinition/></bpmn2:startEvent>',
  '<bpmn2:endEvent id="EndEvent_1" name="End"><bpmn2:incoming>SequenceFlow_1</bpmn2:incoming><bpmn2:messageEventDefinition/></bpmn2:endEvent>',
  '<bpmn2:sequenceFlow id="SequenceFlow_1" sourceRef="StartEvent_1" targetRef="EndEvent_1"/>',
  '</bpmn2:process>',
  '<bpmndi:BPMNDiagram id="BPMNDiagram_1" name="Default Collaboration Diagram"><bpmndi:BPMNPlane bpmnElement="Collaboration_1" id="BPMNPlane_1">',
  shape('Participant_Process_1', 220, 150, 540, 220),
  shape('Participant_1', 40, 100, 100, 140),
  shape('Participant_2', 900, 100, 100, 140),
  shape('StartEvent_1', 292, 142, 32, 32),
  shape('EndEvent_1', 703, 142, 32, 32),
  '<bpmndi:BPMNEdge bpmnElement="SequenceFlow_1" id="BPMNEdge_SequenceFlow_1" sourceElement="BPMNShape_StartEvent_1" targetElement="BPMNShape_EndEvent_1"><di:waypoint x="308" xsi:type="dc:Point" y="160" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/><di:waypoint x="719" xsi:type="dc:Point" y="160" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/></bpmndi:BPMNEdge>',
  '</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn2:definitions>',
].join('')
