import assert from 'node:assert/strict'

import type { newTestApi } from './api.ts'

/** The two ways in which most tests look at an answer of the API. */
export const answersOf = ({ ask }: Pick<Awaited<ReturnType<typeof newTestApi>>, 'ask'>) => ({
  /** Creates, and gives the entity that is answered. */
  made: async (set: string, body: object) => {
    const answer = await ask(`POST /${set}`, { body })
    assert.equal(answer.status, 201, String(answer.body))
    return JSON.parse(String(answer.body)).d
  },

  status: async (line: string, body?: object) => {
    const answer = await ask(line, body && { body })
    return [answer.status, String(answer.body)] as const
  },
})
