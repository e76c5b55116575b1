import type { Explain, ExplainAnswer, Routes } from '../inbound/index.ts'
import { faults } from './faults.ts'
import type { Supervisor } from './supervisor.ts'

/** Asks the process that would take the call: this one for the API, the tenant's for flows. */
export function createExplain(given: {
  readonly here: Explain
  readonly routes: Routes
  readonly supervisor: Pick<Supervisor, 'ask'>
}): Explain {
  const { here, routes, supervisor } = given
  return async (question) => {
    const [path = ''] = question.endpoint.split('?', 1)
    if (routes.find(path) !== undefined) return here(question)
    const answer = await supervisor.ask({ what: 'explain', question }, 10_000)
    if (answer === undefined) throw faults.tenantSilent()
    const { unusable } = answer as { readonly unusable?: string }
    if (unusable !== undefined) throw faults.questionUnusable({ why: unusable })
    return answer as ExplainAnswer
  }
}
