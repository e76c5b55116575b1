/** Every case, one file for flows of a kind. */
import type { AcceptanceCase } from '../acceptance-case.ts'
import type { BundleSource } from '../bundle-source.ts'
import { alertingCases } from './alerting.ts'
import { b2bCases } from './b2b.ts'
import { httpsCases } from './https.ts'
import { mailCases } from './mail.ts'
import { messageTransformationCases } from './message-transformations.ts'
import { processDirectCases } from './process-direct.ts'
import { timerCases } from './timer.ts'

export const acceptanceCases: readonly AcceptanceCase[] = [
  ...httpsCases,
  ...mailCases,
  ...timerCases,
  ...processDirectCases,
  ...b2bCases,
  ...alertingCases,
  ...messageTransformationCases,
]

/** Cases for which a source of models is enough, as far as it has the model. */
export const casesOfModels = (source: BundleSource): readonly AcceptanceCase[] =>
  acceptanceCases.filter(({ model }) => model !== undefined && source.has(model))
