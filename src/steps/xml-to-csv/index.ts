/** XML to CSV: writes one line for each record of an XML body. */
export { xmlToCsv } from './xml-to-csv.ts'
