import type { Materials } from './materials.ts'
import { materialTypes } from './types/index.ts'

/** Words for each security material that names a key pair, so that it is not deleted below what uses it. */
export function materialsNaming(materials: Pick<Materials, 'list'>, alias: string): readonly string[] {
  if (alias === '') return []
  return materials
    .list()
    .filter(({ fields }) => fields['keyPairAlias'] === alias)
    .map(({ type, name }) => `${materialTypes[type].label} ${name}`)
}
