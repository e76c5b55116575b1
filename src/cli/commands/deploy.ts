import { Fault } from '../../base/index.ts'
import { flag, text } from '../../fields/index.ts'
import { declareCommand } from '../command.ts'
import { deployArtifact, type Outcome, outcomeWords } from '../deployment.ts'
import { faults } from '../faults.ts'
import { suggestion } from '../nearest.ts'
import { readSources, type Source } from '../read-source.ts'
import { list, pairs } from '../several.ts'
import type { Session } from '../session.ts'
import { upload } from '../upload.ts'

export const deploy = declareCommand({
  name: 'deploy',
  summary: 'Uploads artifacts or package exports, deploys them and waits until they have started.',
  examples: [
    { line: 'deploy orders.zip', words: 'Deploys one flow.' },
    {
      line: 'deploy ./orders --param address=/orders --param role=Orders.send',
      words: 'Deploys a flow from a folder and sets two externalised parameters.',
    },
    { line: 'deploy package.zip', words: 'Deploys all artifacts of a package export; collections and mappings first.' },
  ],
  positionals: { sources: list({ label: 'zip or folder', help: 'An artifact or a package export.', required: true }) },
  flags: {
    package: text({
      label: 'id',
      help: 'Package for new artifacts, created where it is missing; default: that of the export, else Default.',
      default: '',
    }),
    id: text({ label: 'id', help: 'Deploy a single artifact under another id.', default: '' }),
    param: pairs({ label: 'name=value', help: 'Value of an externalised parameter.' }),
    wait: flag({ label: 'Wait', help: 'Do not wait for the outcome.', default: true }),
  },
  async run({ sources: paths, package: packageId, id, param, wait }, session) {
    const { output } = session
    const sources = await readSources(paths, session.folder)
    checkUsage(sources, id, param)
    const outcomes: Outcome[] = []
    for (const source of sources) {
      const given = { source, id: id || source.bundle.id, packageId, parameters: param }
      const outcome = await deployOne(session, given, wait)
      outcomes.push(outcome)
      if (!output.json && sources.length > 1) output.item(outcome, outcomeWords(outcome, output))
    }
    if (output.json || sources.length === 1) {
      output.result(outcomes, outcomes.map((outcome) => outcomeWords(outcome, output)).join('\n'))
    }
    return outcomes.some(({ status }) => status === 'ERROR') ? 1 : 0
  },
})

const ofOneArtifact = new Set(['cli.requestRefused', 'cli.packageOther', 'cli.deployTimeout'])

/** One artifact that the server refuses does not keep the others of a package from being tried. */
async function deployOne(session: Session, given: Parameters<typeof upload>[1], wait: boolean): Promise<Outcome> {
  const { id, source } = given
  const { type, version } = source.bundle
  try {
    await session.output.progress(`Uploading ${id}`, upload(session, given))
    return await deployArtifact(session, { id, type, wait })
  } catch (error) {
    if (!(error instanceof Fault) || !ofOneArtifact.has(error.code)) throw error
    const problem = { code: error.code, message: error.message, remedy: error.remedy, place: '' }
    return { id, type, version, status: 'ERROR', endpoints: [], problems: [problem] }
  }
}

function checkUsage(sources: readonly Source[], id: string, param: ReadonlyMap<string, string>): void {
  const known = new Set(sources.flatMap(({ bundle }) => bundle.parameters.map(({ name }) => name)))
  const problems = [...param.keys()]
    .filter((name) => !known.has(name))
    .map((name) => `--param ${name}: no artifact has this parameter${suggestion(name, known)}`)
  if (id !== '' && sources.length !== 1) problems.push(`--id fits a single artifact only; there are ${sources.length}`)
  if (problems.length > 0) throw faults.usage({ problems, command: 'deploy' })
}
