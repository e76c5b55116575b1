import { designArtifacts } from '../design-artifacts.ts'
import type { Services } from '../services.ts'

/** Value mappings of the design time. */
export const valueMappingDesigntimeArtifacts = (services: Services) =>
  designArtifacts(services, { set: 'ValueMappingDesigntimeArtifacts', type: 'ValueMapping', updates: false })
