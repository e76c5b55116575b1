/** JSON to XML: turns a JSON body into XML. */
export { jsonToXml } from './json-to-xml.ts'
