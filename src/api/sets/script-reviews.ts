import { type EntitySet, text } from '../../odata/index.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/**
 * What rules find in the scripts of a deployed artifact, one at a time: reading scripts takes seconds. `Findings` is
 * JSON. `CodeNarc` says whether its rules were among them: ran, nothing to read, or failed for the `Reason`.
 */
export const scriptReviews = ({ reviews }: Services): EntitySet<Call> => ({
  name: 'ScriptReviews',
  find: {
    requires: roles.followDeployment,
    run: async (key) => {
      const id = textOf(key, 'Id')
      const review = await reviews(id)
      if (review === undefined) return undefined
      const { codeNarc, findings } = review
      return {
        Id: id,
        CodeNarc: codeNarc.status,
        Reason: codeNarc.status === 'failed' ? codeNarc.why : null,
        Findings: JSON.stringify(findings),
      }
    },
  },
  type: {
    name: 'ScriptReview',
    key: ['Id'],
    properties: { Id: text(200), CodeNarc: text(15), Reason: text(), Findings: text() },
  },
})
