import type { Audit } from '../../audit/index.ts'
import type { CallBody, FunctionImport, Reply } from '../../odata/index.ts'
import type { Call } from '../services.ts'
import { auditedFunctions } from './audited.ts'

/** The function with each call recorded that is declared as audited, once it was done and before it is answered. */
export function auditFunction(called: FunctionImport<Call>, audit: Pick<Audit, 'record'>): FunctionImport<Call> {
  const declared = auditedFunctions[called.name]
  if (declared === undefined) return called
  const { action, objectType, idOf, attributes } = declared
  return {
    ...called,
    run: async (parameters, context, body) => {
      const reply = await called.run(parameters, context, body)
      const call = { parameters, body: objectOf(body), answer: textOf(reply) }
      const objectId = idOf(call)
      if (objectId !== undefined)
        await audit.record({ action, objectType, objectId, ...(attributes && { attributes: attributes(call) }) })
      return reply
    },
  }
}

function objectOf({ content }: CallBody): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // A certificate request, or nothing: there is no member to name.
    return {}
  }
}

function textOf({ document }: Reply): string {
  const content = document?.content ?? ''
  return typeof content === 'string' ? content : ''
}
