import { declareStep } from '../../flow/index.ts'
import { readZip } from '../../formats/index.ts'
import { Body } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

/** Decoder of the type ZIP (iflow-format 7, Decoder): the one file of an archive becomes the body. */
export const zipDecompress = declareStep({
  type: 'ZIP Decompress',
  label: 'ZIP Decompression',
  summary: 'Makes the file in a zip archive the body.',
  answers: ({ activity, properties }) => activity === 'Decoder' && properties.get('encoderType') === 'ZIP Decompress',
  fields,
  compile: () => async (exchange) => {
    const [first, ...others] = await readZip(exchange.body.bytes())
    if (first === undefined || others.length > 0) throw faults.zipNotOneFile({ count: first ? others.length + 1 : 0 })
    const [path, content] = first
    exchange.headers.set('CamelFileName', path)
    exchange.body = Body.ofBytes(content)
  },
})
