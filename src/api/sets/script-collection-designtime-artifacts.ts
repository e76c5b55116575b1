import { designArtifacts } from '../design-artifacts.ts'
import type { Services } from '../services.ts'
import { resourcesOf } from './resources.ts'

/** Script collections of the design time. */
export const scriptCollectionDesigntimeArtifacts = (services: Services) =>
  designArtifacts(services, {
    set: 'ScriptCollectionDesigntimeArtifacts',
    type: 'ScriptCollection',
    updates: true,
    navigations: { Resources: resourcesOf(services, 'ScriptCollection') },
  })
