import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { bundleOf, mainProcess, messageEnd, messageStart, senderChannel, step } from '../../test/kit/bundle.ts'
import { receivers, senders } from '../adapters/index.ts'
import { type Fault, silentLog } from '../base/index.ts'
import type { Services } from '../flow/index.ts'
import { steps } from '../steps/index.ts'
import { compileFlow } from './compile.ts'

const refused: readonly (readonly [property: string, value: string, code: string])[] = [
  ['allowedHeaderList', 'ok|(unclosed', 'languages.headerPatternMalformed'],
  ['allowedHeaderList', '(?=x)y', 'languages.headerPatternMalformed'],
  ['allowedHeaderList', '*x', 'languages.headerPatternMalformed'],
  ['namespaceMapping', 'no mapping', 'languages.namespaceMappingMalformed'],
]

describe('a flow whose settings cannot be read', () => {
  for (const [property, value, code] of refused)
    it(`is refused for '${value}' as ${property}, with the place`, async () => {
      const bundle = await bundleOf({
        id: 'A',
        settings: { [property]: value },
        channels: [senderChannel('HTTPS', { urlPath: '/a' })],
        processes: [mainProcess([messageStart(), step('Set', 'Enricher', {}), messageEnd()])],
      })
      const compiled = compileFlow(bundle, { steps, receivers, senders }, {} as Services, silentLog)
      await assert.rejects(compiled, (fault: Fault) => {
        assert.equal(fault.code, code)
        assert.match(fault.place?.file ?? '', /A\.iflw$/)
        assert.equal(fault.place?.property, property)
        return true
      })
    })
})
