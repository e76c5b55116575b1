import type { ExplainQuestion } from '../inbound/explain.ts'
import type { FunctionImport } from '../odata/index.ts'
import { faults } from './faults.ts'
import { type Json, readJson } from './parameters/read-json.ts'
import { asText, type Reader, readMembers } from './parameters/read-members.ts'
import { authorize, roles } from './roles.ts'
import { present } from './row-values.ts'
import type { Call, Services } from './services.ts'

/** Questions with a password that one caller may ask in a minute. */
const most = 10
const minute = 60_000

/**
 * Why a call would be accepted or refused, as JSON in the shape of the question and its answer. A question with a
 * password could be used to guess it: it needs the right to change who may call, and is answered ten times a minute.
 */
export function explainInboundCall({ explain, clock }: Services): FunctionImport<Call> {
  const asked = new Map<string, readonly number[]>()

  /** @throws api.roleMissing, api.explainTooOften */
  function requirePasswordQuestion(call: Call): void {
    authorize(roles.explainPassword, call)
    const now = clock.now()
    for (const [name, times] of asked) if (times.every((time) => time <= now - minute)) asked.delete(name)
    const recent = (asked.get(call.caller.name) ?? []).filter((time) => time > now - minute)
    const [oldest = now] = recent
    if (recent.length >= most) throw faults.explainTooOften({ seconds: Math.ceil((oldest + minute - now) / 1000) })
    asked.set(call.caller.name, [...recent, now])
  }

  return {
    name: 'ExplainInboundCall',
    method: 'POST',
    status: 200,
    requires: roles.explain,
    parameters: [],
    run: async (_, call, { content }) => {
      const question = questionOf(readJson(content.toString('utf8'), 'body'))
      if (question.basic !== undefined) requirePasswordQuestion(call)
      const answer = await explain(question)
      return { document: { content: JSON.stringify(answer), contentType: 'application/json' } }
    },
  }
}

const credential = { user: asText, password: asText }
const asObject: Reader<Json> = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { value } : { problem: 'must be an object' }

/** @throws api.parametersInvalid */
function questionOf(body: Json): ExplainQuestion {
  const readers = {
    endpoint: asText,
    method: asText,
    certificate: asText,
    basic: asObject,
    token: asText,
    remoteAddress: asText,
  }
  const { endpoint, method = 'POST', basic, ...given } = readMembers(body, readers, 'body')
  if (endpoint === undefined || !endpoint.startsWith('/'))
    throw faults.parametersInvalid({ property: 'body', problems: ["'endpoint' must be a path such as /http/orders"] })
  if (basic === undefined) return { ...present(given), endpoint, method }
  const { user = '', password = '' } = readMembers(basic, credential, 'basic')
  return { ...present(given), endpoint, method, basic: { user, password } }
}
