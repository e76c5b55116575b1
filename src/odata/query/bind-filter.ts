import type { EdmType, StructuralType } from '../edm.ts'
import { faults } from '../faults.ts'
import { propertyAt } from './property-path.ts'
import type { Expression } from './filter-tree.ts'

type Kind = 'text' | 'number' | 'truth' | 'time' | 'null'

const kindOf: Readonly<Record<EdmType, Kind>> = {
  'Edm.String': 'text',
  'Edm.Binary': 'text',
  'Edm.Int32': 'number',
  'Edm.Int64': 'number',
  'Edm.Boolean': 'truth',
  'Edm.DateTime': 'time',
}

/**
 * Checks that a filter names properties that exist and compares like with like.
 * @throws odata.propertyUnknown, odata.optionInvalid
 */
export function bindFilter(filter: Expression, type: StructuralType): void {
  const invalid = (why: string) => faults.optionInvalid({ option: '$filter', why })
  function check(node: Expression): Kind {
    switch (node.kind) {
      case 'literal':
        return node.literal.type === 'null' ? 'null' : kindOf[node.literal.type]
      case 'property':
        return kindOf[propertyAt(type, node.path).type]
      case 'call': {
        for (const argument of node.of)
          if (check(argument) !== 'text') throw invalid(`gives ${node.name} something that is not text`)
        if (node.name === 'length') return 'number'
        return node.name.startsWith('to') || node.name === 'trim' ? 'text' : 'truth'
      }
      case 'compare': {
        const kinds = [check(node.left), check(node.right)].filter((kind) => kind !== 'null')
        if (new Set(kinds).size > 1) throw invalid(`compares ${kinds.join(' with ')}`)
        return 'truth'
      }
      case 'not':
        if (check(node.of) !== 'truth') throw invalid('negates something that is not a comparison')
        return 'truth'
      default:
        if (check(node.left) !== 'truth' || check(node.right) !== 'truth')
          throw invalid(`joins with '${node.kind}' something that is not a comparison`)
        return 'truth'
    }
  }
  if (check(filter) !== 'truth') throw invalid('must be a comparison')
}
