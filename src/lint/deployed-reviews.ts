import { readBundle } from '../flow/index.ts'
import type { CodeNarc } from './codenarc/find-with-codenarc.ts'
import { reviewBundles, type ScriptReview } from './review-bundles.ts'

/** What rules find in the scripts of a deployed artifact; undefined where there is none of this id. */
export type DeployedReviews = (artifactId: string) => Promise<ScriptReview | undefined>

/** Reads the scripts of a deployment when it is first asked about; again only where CodeNarc could not run. */
export function createDeployedReviews(given: {
  readonly deployments: {
    readonly list: () => Promise<readonly { readonly artifactId: string; readonly generation: number }[]>
    readonly content: (artifactId: string) => Promise<Buffer | undefined>
  }
  readonly codeNarc: CodeNarc
}): DeployedReviews {
  const { deployments, codeNarc } = given
  const known = new Map<string, { readonly generation: number; readonly review: Promise<ScriptReview | undefined> }>()

  async function read(artifactId: string): Promise<ScriptReview | undefined> {
    const content = await deployments.content(artifactId)
    if (content === undefined) return undefined
    const [review] = await reviewBundles([await readBundle(content)], codeNarc)
    return review
  }

  return async (artifactId) => {
    const deployed = await deployments.list()
    const ids = new Set(deployed.map((each) => each.artifactId))
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
    const generation = deployed.find((each) => each.artifactId === artifactId)?.generation
    if (generation === undefined) return undefined
    const before = known.get(artifactId)
    if (before?.generation === generation) return before.review
    // Who asks at the same time waits for the same.
    const review = read(artifactId)
    known.set(artifactId, { generation, review })
    const forget = (): void => void (known.get(artifactId)?.review === review && known.delete(artifactId))
    review.then((found) => found?.codeNarc.status === 'failed' && forget(), forget)
    return review
  }
}
