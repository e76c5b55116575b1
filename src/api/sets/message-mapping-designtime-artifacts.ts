import { designArtifacts } from '../design-artifacts.ts'
import type { Services } from '../services.ts'
import { resourcesOf } from './resources.ts'

/** Message mappings of the design time: kept, but not run. */
export const messageMappingDesigntimeArtifacts = (services: Services) =>
  designArtifacts(services, {
    set: 'MessageMappingDesigntimeArtifacts',
    type: 'MessageMapping',
    updates: true,
    navigations: { Resources: resourcesOf(services, 'MessageMapping') },
  })
