import type { Element } from 'slimdom'

import { declareStep } from '../../flow/index.ts'
import { compileXPath } from '../../languages/index.ts'
import { Body } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

/** XML to CSV (iflow-format 7, XmlToCsvConverter): the values of the child elements in the order of the document. */
export const xmlToCsv = declareStep({
  type: 'XmlToCsvConverter',
  label: 'XML to CSV Converter',
  summary: 'Writes one line for each record of an XML body.',
  answers: ({ activity }) => activity === 'XmlToCsvConverter',
  fields,
  compile({ XPath_Field_Location: path, Field_Separator_in_CSV: separator, Include_Header, CSV_Header }, { flow }) {
    if (!/^\/?[^/[\]()@*]+(\/[^/[\]()@*]+)*\/?$/.test(path.trim())) throw faults.recordPathInvalid({ path })
    const records = compileXPath(`/${path.trim().replace(/^\/|\/$/g, '')}`, flow.namespaces)
    const withHeader = Include_Header || CSV_Header === 'XML'
    return (exchange) => {
      const rows = records.nodes(exchange).map((node) => (node as Element).children)
      const lines = rows.map((cells) => cells.map((cell) => quoted(cell.textContent ?? '', separator)))
      const first = rows[0]
      if (withHeader && first) lines.unshift(first.map(({ localName }) => quoted(localName, separator)))
      exchange.body = Body.ofText(lines.map((cells) => `${cells.join(separator)}\n`).join(''))
    }
  },
})

/** A value that holds the separator, a quote or a line break is put in quotes (RFC 4180). */
const quoted = (value: string, separator: string): string =>
  /["\r\n]/.test(value) || (separator !== '' && value.includes(separator)) ? `"${value.replace(/"/g, '""')}"` : value
