import type { Clock } from '../base/index.ts'
import { writeBundle } from '../flow/index.ts'
import { type ArtifactRef, createArtifacts } from './artifacts.ts'
import { faults } from './faults.ts'
import { createPackages } from './packages.ts'
import { checkParameterValue } from './parameter-value.ts'
import type { DesignStore } from './ports.ts'
import { newResourcePath, type Resource, resourceOf, resourcesOf } from './resources.ts'
import { createTransfer } from './transfer.ts'

export type { ArtifactRef } from './artifacts.ts'

export type Design = ReturnType<typeof createDesign>

/** The design time of one tenant. */
export function createDesign({ store, clock }: { readonly store: DesignStore; readonly clock: Clock }) {
  const packages = createPackages({ store, clock })
  const artifacts = createArtifacts({ store, clock, packages })

  return {
    packages,
    artifacts,
    transfer: createTransfer({ store, clock, packages }),

    /** The externalised parameters of a flow. */
    configurations: {
      /** @throws design.artifactMissing, and what reading the bundle finds */
      list: async (ref: ArtifactRef) => (await artifacts.bundle(ref)).parameters,

      /**
       * Sets the value of a parameter; nothing else in the bundle changes, and the artifact keeps its version.
       * @throws design.artifactMissing, design.parameterMissing, design.parameterInvalid, design.packageReadOnly
       */
      async set(ref: ArtifactRef, name: string, value: string, by: string): Promise<void> {
        await artifacts.edit(ref, by, false, (bundle) => {
          const parameter = bundle.parameters.find((one) => one.name === name)
          if (!parameter) throw faults.parameterMissing({ name, id: ref.id })
          checkParameterValue(parameter, value)
          return writeBundle(bundle, { parameters: { [name]: value } })
        })
      },
    },

    /** The files of an artifact that can be changed one by one. A change makes the artifact a draft. */
    resources: {
      /** @throws design.artifactMissing */
      list: async (ref: ArtifactRef): Promise<readonly Resource[]> => resourcesOf(await artifacts.bundle(ref)),

      /** @throws design.artifactMissing, design.resourceInvalid, design.resourceExists, design.packageReadOnly */
      async create(
        ref: ArtifactRef,
        given: { readonly name: string; readonly type: string; readonly content: Buffer },
        by: string,
      ) {
        await artifacts.edit(ref, by, true, (bundle) =>
          writeBundle(bundle, { files: new Map([[newResourcePath(bundle, given.name, given.type), given.content]]) }),
        )
      },

      /** @throws design.artifactMissing, design.resourceMissing, design.packageReadOnly */
      async update(ref: ArtifactRef, name: string, type: string, content: Buffer, by: string) {
        await artifacts.edit(ref, by, true, (bundle) =>
          writeBundle(bundle, { files: new Map([[resourceOf(bundle, name, type).path, content]]) }),
        )
      },

      /** @throws design.artifactMissing, design.resourceMissing, design.packageReadOnly */
      async remove(ref: ArtifactRef, name: string, type: string, by: string) {
        await artifacts.edit(ref, by, true, (bundle) =>
          writeBundle(bundle, { files: new Map([[resourceOf(bundle, name, type).path, undefined]]) }),
        )
      },
    },
  }
}
