import type { Document, Element as XmlElement } from 'slimdom'

import { parseXml, serializeXml } from '../formats/xml.ts'
import { faults } from './faults.ts'
import { childOf, childrenOf, textOf } from './xml-children.ts'

/** A new value of one property. `element` is the id of an element, a channel, a process, a participant or the collaboration. */
export interface PropertyChange {
  readonly element: string
  readonly key: string
  readonly value: string
}

const extensions = 'http:///com.sap.ifl.model/Ifl.xsd'
const bpmn = 'http://www.omg.org/spec/BPMN/20100524/MODEL'

/** A `.iflw` file with some properties changed or added; everything else stays. @throws flow.elementUnknown */
export function changeModelText(content: Uint8Array, changes: readonly PropertyChange[]): Buffer {
  const document = parseXml(content)
  for (const change of changes) setProperty(document, change)
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${serializeXml(document)}`)
}

function setProperty(document: Document, { element: id, key, value }: PropertyChange): void {
  const element = findById(document, id)
  if (element === undefined) throw faults.elementUnknown({ element: id })
  // Settings of an event may stand inside its definition.
  const holders = [element, ...childrenOf(element).filter(({ localName }) => localName.endsWith('EventDefinition'))]
  const properties = holders.flatMap((holder) =>
    childrenOf(holder, 'extensionElements').flatMap((extension) => childrenOf(extension, 'property')),
  )
  const known = properties.find((property) => textOf(property, 'key') === key)
  if (known === undefined) addProperty(document, element, key, value)
  else setChildText(document, known, value)
}

function findById(document: Document, id: string): XmlElement | undefined {
  return document.getElementsByTagNameNS(bpmn, '*').find((element) => element.getAttribute('id') === id)
}

function setChildText(document: Document, property: XmlElement, value: string): void {
  const node = childOf(property, 'value') ?? property.appendChild(document.createElementNS(null, 'value'))
  node.textContent = value
}

function addProperty(document: Document, element: XmlElement, key: string, value: string): void {
  let holder = childOf(element, 'extensionElements')
  if (holder === undefined) {
    holder = document.createElementNS(
      bpmn,
      element.prefix === null ? 'extensionElements' : `${element.prefix}:extensionElements`,
    )
    element.insertBefore(holder, element.firstChild)
  }
  const property = document.createElementNS(
    extensions,
    `${document.documentElement?.lookupPrefix(extensions) ?? 'ifl'}:property`,
  )
  for (const [name, text] of [
    ['key', key],
    ['value', value],
  ] as const) {
    const child = document.createElementNS(null, name)
    child.textContent = text
    property.appendChild(child)
  }
  holder.appendChild(property)
}
