import { contentTypes, type Format } from './format.ts'
import { xmlDeclaration, xmlText } from './xml-text.ts'

/** The list of entity sets at the root of the service. */
export function serviceDocument(sets: readonly string[], root: string, format: Format) {
  if (format === 'json') return { contentType: contentTypes.json, body: JSON.stringify({ d: { EntitySets: sets } }) }
  const collections = sets
    .map((set) => `<collection href="${set}"><atom:title>${set}</atom:title></collection>`)
    .join('')
  return {
    contentType: 'application/atomsvc+xml;charset=utf-8',
    body: `${xmlDeclaration}<service xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom" xml:base="${xmlText(root)}"><workspace><atom:title>Default</atom:title>${collections}</workspace></service>`,
  }
}
