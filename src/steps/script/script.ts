import { declareStep } from '../../flow/index.ts'
import { fields } from './fields.ts'

/** Groovy or JavaScript script (iflow-format 7, Script, and 13). The file names the language where the step does not. */
export const script = declareStep({
  type: 'Script',
  label: 'Script',
  summary: 'Runs a function of a script on the message.',
  answers: ({ activity }) => activity === 'Script',
  fields,
  async compile({ script: file, scriptFunction, scriptBundleId }, { element, bundle, services }) {
    const compiled = await services.scripts.compile({
      language: element.subActivity === 'JavaScript' || /\.(?:js|mjs|ts|mts)$/i.test(file) ? 'javascript' : 'groovy',
      bundle,
      file,
      functionName: scriptFunction || 'processData',
      collection: scriptBundleId,
    })
    return (exchange, run) => compiled.run(exchange, run)
  },
})
