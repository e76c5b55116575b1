import type { Element as XmlElement } from 'slimdom'

/** Child elements, with this local name where one is given. */
export const childrenOf = (parent: XmlElement, localName?: string): XmlElement[] =>
  parent.children.filter((child) => localName === undefined || child.localName === localName)

export const childOf = (parent: XmlElement, localName: string): XmlElement | undefined =>
  parent.children.find((child) => child.localName === localName)

/** Text of the child with this name; '' where there is none. */
export const textOf = (parent: XmlElement, localName: string): string => childOf(parent, localName)?.textContent ?? ''
