import { declareStep } from '../../flow/index.ts'
import { writeZip } from '../../formats/index.ts'
import { Body } from '../../message/index.ts'
import { fields } from './fields.ts'

/** Encoder of the type ZIP (iflow-format 7, Encoder): an archive with the body as its one file. */
export const zipCompress = declareStep({
  type: 'ZIP Compress',
  label: 'ZIP Compression',
  summary: 'Packs the body into a zip archive of one file.',
  answers: ({ activity, properties }) => activity === 'Encoder' && properties.get('encoderType') === 'ZIP Compress',
  fields,
  compile: () => async (exchange, run) => {
    const name = fileName(exchange.headers.text('CamelFileName')) ?? run.messageId
    exchange.body = Body.ofBytes(await writeZip([[name, exchange.body.bytes()]]))
    exchange.headers.set('CamelFileName', `${name}.zip`)
  },
})

/** The name without folders; undefined where nothing is left that can name a file. */
function fileName(given: string | undefined): string | undefined {
  const name =
    given
      ?.split(/[/\\]/)
      .at(-1)
      ?.replace(/[\u0000-\u001f\u007f]/g, '') ?? ''
  return name === '' || name === '.' || name === '..' ? undefined : name
}
