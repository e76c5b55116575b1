/** XML to JSON: turns an XML body into JSON. */
export { xmlToJson } from './xml-to-json.ts'
