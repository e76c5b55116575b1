import type { Element as XmlElement } from 'slimdom'

import { Fault } from '../base/index.ts'
import type { RawRow } from '../fields/index.ts'
import { parseXml } from '../formats/xml.ts'
import { childrenOf } from './xml-children.ts'

/** Keys whose value is free text, even where it looks like a table: the body that a content modifier writes. */
const freeText = new Set(['wrapContent'])

/**
 * Rows of a table as a bundle encodes it: `<row><cell id='Name'>x</cell>…</row>…`. Cells without an id get their
 * position, from '0'. Undefined where the text is no such table.
 */
export function parseTable(key: string, text: string): readonly RawRow[] | undefined {
  if (freeText.has(key) || !/^\s*<row\s*\/?>/.test(text)) return undefined
  const table = parsed(text)
  if (table === undefined || !holdsOnly(table, 'row')) return undefined
  const rows = childrenOf(table)
  if (!rows.every((row) => holdsOnly(row, 'cell'))) return undefined
  return rows.map((row) =>
    Object.fromEntries(
      childrenOf(row, 'cell').map((cell, index) => [cell.getAttribute('id') ?? String(index), cell.textContent ?? '']),
    ),
  )
}

/** True where an element holds such elements, white space and nothing else. */
const holdsOnly = (parent: XmlElement, localName: string): boolean =>
  parent.childNodes.every((node) =>
    node.nodeType === node.ELEMENT_NODE
      ? (node as XmlElement).localName === localName
      : (node.nodeValue ?? '').trim() === '',
  )

function parsed(text: string): XmlElement | undefined {
  for (const attempt of [text, escapeBareAmpersands(text)]) {
    try {
      return parseXml(`<t>${attempt}</t>`).documentElement ?? undefined
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
    }
  }
  return undefined
}

// Schedules that stand in parameters.prop hold `&trigger.timeZone=` as it is.
const escapeBareAmpersands = (text: string) => text.replace(/&(?!(?:\w+|#\d+|#x[0-9a-fA-F]+);)/g, '&amp;')
