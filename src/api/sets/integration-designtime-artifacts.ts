import { designArtifacts } from '../design-artifacts.ts'
import type { Services } from '../services.ts'
import { configurationsOf } from './configurations.ts'
import { resourcesOf } from './resources.ts'

/** Integration flows of the design time. */
export const integrationDesigntimeArtifacts = (services: Services) =>
  designArtifacts(services, {
    set: 'IntegrationDesigntimeArtifacts',
    type: 'IntegrationFlow',
    updates: true,
    navigations: { Configurations: configurationsOf(services), Resources: resourcesOf(services, 'IntegrationFlow') },
  })
