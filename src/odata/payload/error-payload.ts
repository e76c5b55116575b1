import type { Fault } from '../../base/index.ts'
import { contentTypes, type Format } from './format.ts'
import { xmlDeclaration, xmlText } from './xml-text.ts'

/** A fault as the error document of OData v2: words and remedy for the reader, the stable code for programs. */
export function errorPayload({ code, message, remedy }: Pick<Fault, 'code' | 'message' | 'remedy'>, format: Format) {
  const words = `${message} ${remedy}`
  if (format === 'json') {
    return {
      contentType: contentTypes.json,
      body: JSON.stringify({ error: { code, message: { lang: 'en', value: words } } }),
    }
  }
  return {
    contentType: contentTypes.xml,
    body: `${xmlDeclaration}<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><code>${xmlText(code)}</code><message xml:lang="en">${xmlText(words)}</message></error>`,
  }
}
