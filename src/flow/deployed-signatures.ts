import {
  type BundleSignature,
  judgeSignature,
  type PublisherTrust,
  type ReadSignature,
  readSignature,
} from './bundle-signature.ts'
import { readBundle } from './read-bundle.ts'

/** The signatures of all that is deployed, or of one artifact, by artifact. */
export type DeployedSignatures = (artifactId?: string) => Promise<ReadonlyMap<string, BundleSignature>>

/** Reads the signature of each deployment once; whether its signer is trusted is asked anew each time. */
export function createDeployedSignatures(given: {
  readonly deployments: {
    readonly list: () => Promise<readonly { readonly artifactId: string; readonly generation: number }[]>
    readonly content: (artifactId: string) => Promise<Buffer | undefined>
  }
  readonly trust: () => PublisherTrust
}): DeployedSignatures {
  const { deployments, trust } = given
  const known = new Map<string, { readonly generation: number; readonly read: ReadSignature }>()

  async function readOf(artifactId: string, generation: number): Promise<ReadSignature> {
    const found = known.get(artifactId)
    if (found?.generation === generation) return found.read
    const content = await deployments.content(artifactId)
    const bundle = content && (await readBundle(content).catch(() => undefined))
    const read: ReadSignature =
      bundle === undefined ? { status: 'invalid', why: 'its bundle cannot be read' } : await readSignature(bundle)
    known.set(artifactId, { generation, read })
    return read
  }

  return async (artifactId) => {
    const deployed = await deployments.list()
    const names = new Set(deployed.map((each) => each.artifactId))
    for (const id of known.keys()) if (!names.has(id)) known.delete(id)
    const judge = trust()
    const signatures = new Map<string, BundleSignature>()
    for (const { artifactId: id, generation } of deployed) {
      if (artifactId !== undefined && artifactId !== id) continue
      signatures.set(id, await judgeSignature(await readOf(id, generation), judge))
    }
    return signatures
  }
}
