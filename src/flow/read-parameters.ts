import { Fault } from '../base/index.ts'
import { parseProperties, propertiesOf } from '../formats/java-properties.ts'
import { parseXml } from '../formats/xml.ts'
import { faults } from './faults.ts'
import type { Parameter } from './model.ts'
import { childOf, childrenOf, textOf } from './xml-children.ts'

export const valuesPath = 'src/main/resources/parameters.prop'
export const definitionsPath = 'src/main/resources/parameters.propdef'

/**
 * The externalised parameters of a bundle, in the order of their definitions, then of their values. One without a
 * definition is an `xsd:string`; one without a value is ''.
 * @throws formats.propertiesMalformed, formats.xmlMalformed, flow.definitionsInvalid
 */
export function readParameters(files: ReadonlyMap<string, Buffer>): readonly Parameter[] {
  const values = at(valuesPath, () => propertiesOf(parseProperties(files.get(valuesPath) ?? '')))
  const definitions = at(definitionsPath, () => readDefinitions(files.get(definitionsPath)))
  const names = new Set([...definitions.keys(), ...values.keys()])
  return [...names].map((name) => ({
    name,
    value: values.get(name) ?? '',
    type: definitions.get(name)?.type || 'xsd:string',
    required: definitions.get(name)?.required ?? false,
    description: definitions.get(name)?.description ?? '',
  }))
}

interface Definition {
  readonly type: string
  readonly required: boolean
  readonly description: string
}

function readDefinitions(content: Buffer | undefined): ReadonlyMap<string, Definition> {
  if (content === undefined || content.length === 0) return new Map()
  const root = parseXml(content).documentElement
  if (root?.localName !== 'parameters') throw faults.definitionsInvalid({ why: 'its root element is not parameters' })
  return new Map(
    childrenOf(root, 'parameter')
      .filter((parameter) => childOf(parameter, 'name') !== undefined)
      .map((parameter) => [
        textOf(parameter, 'name'),
        {
          type: textOf(parameter, 'type').trim(),
          required: textOf(parameter, 'isRequired').trim() === 'true',
          description: textOf(parameter, 'description'),
        },
      ]),
  )
}

function at<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown.at({ file }) : thrown
  }
}
