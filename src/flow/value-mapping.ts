import { Fault } from '../base/index.ts'
import { parseXml } from '../formats/xml.ts'
import { faults } from './faults.ts'
import type { Bundle } from './model.ts'
import type { ValueMappingService } from './services.ts'
import { childrenOf, textOf } from './xml-children.ts'

/** One way to name a thing. Texts are compared as they stand: commas, `*` and blanks mean themselves. */
export interface ValueEntry {
  readonly agency: string
  readonly schema: string
  readonly value: string
}

/** Entries that mean the same. */
export type ValueGroup = readonly ValueEntry[]

const path = 'value_mapping.xml'

/** The groups of a ValueMapping bundle. @throws formats.xmlMalformed, flow.valueMappingInvalid */
export function readValueMapping(bundle: Bundle): readonly ValueGroup[] {
  const content = bundle.files.get(path)
  if (content === undefined)
    throw faults.valueMappingInvalid({ why: 'the bundle has no such file' }, { place: { file: path } })
  return parseValueMapping(content)
}

/** The groups of a `value_mapping.xml`. @throws formats.xmlMalformed, flow.valueMappingInvalid */
export function parseValueMapping(content: string | Uint8Array): readonly ValueGroup[] {
  try {
    const root = parseXml(content).documentElement
    if (root?.localName !== 'vm') throw faults.valueMappingInvalid({ why: 'its root element is not vm' })
    return childrenOf(root, 'group').map((group) =>
      childrenOf(group, 'entry').map((entry) => ({
        agency: textOf(entry, 'agency'),
        schema: textOf(entry, 'schema'),
        value: textOf(entry, 'value'),
      })),
    )
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown.at({ file: path }) : thrown
  }
}

/** One table of all groups; where several groups would answer, the first does. */
export function createValueTable(groups: Iterable<ValueGroup>): ValueMappingService {
  const bySource = new Map<string, ValueGroup[]>()
  for (const group of groups) {
    for (const { agency, schema, value } of group) {
      const key = JSON.stringify([agency, schema, value])
      const known = bySource.get(key)
      if (known === undefined) bySource.set(key, [group])
      else known.push(group)
    }
  }
  return {
    lookup(source, target) {
      for (const group of bySource.get(JSON.stringify([source.agency, source.schema, source.value])) ?? []) {
        const entry = group.find(({ agency, schema }) => agency === target.agency && schema === target.schema)
        if (entry !== undefined) return entry.value
      }
      return undefined
    },
  }
}
