import { text } from '../../fields/index.ts'
import { type Entity, isoOf, localTime, textOf, timeOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { endpointsOf, problemsOf } from '../deployment.ts'
import { problemWords } from '../problems.ts'
import type { Session } from '../session.ts'
import { type Signature, signaturesOf, signatureWords } from '../deployed-signatures.ts'
import { table } from '../table.ts'

export const status = declareCommand({
  name: 'status',
  summary: 'Shows what is deployed, under which addresses, and what is wrong with what did not start.',
  examples: [
    { line: 'status', words: 'Lists everything deployed.' },
    { line: 'status Orders --json', words: 'Shows one artifact, for a program.' },
  ],
  positionals: { id: text({ label: 'id', help: 'Id of a deployed artifact; without it all are shown.', default: '' }) },
  flags: {},
  async run({ id }, session) {
    const { api, output } = session
    const found =
      id === ''
        ? await api().list('IntegrationRuntimeArtifacts')
        : [await api().entity(entity`IntegrationRuntimeArtifacts(${id})`)]
    const endpoints = await endpointsOf(session)
    const signatures = await signaturesOf(session, id)
    const artifacts = await Promise.all(found.map((each) => describe(each, endpoints, signatures, session)))
    const rows = artifacts.flatMap((each) => {
      const [first = '', ...more] = each.endpoints
      const cells = [each.id, each.type, each.version, output.tone(each.status), localTime(each.deployedAt), first]
      return [cells, ...more.map((url) => ['', '', '', '', '', url])]
    })
    const signed = artifacts.filter((each) => each.signature.status !== 'none' || id !== '')
    const troubled = artifacts.filter(({ problems }) => problems.length > 0)
    const words = [
      artifacts.length === 0
        ? 'Nothing is deployed.'
        : table(['Id', 'Type', 'Version', 'Status', 'Deployed on', 'Endpoints'], rows),
      signed.map((each) => `${each.id}  ${signatureWords(each.signature, output)}`).join('\n'),
      ...troubled.map((each) => `${each.id}\n${problemWords(each.problems, output)}`),
    ]
    const values = artifacts.map(({ deployedAt, ...rest }) => ({ ...rest, deployedOn: isoOf(deployedAt) }))
    output.result(id === '' ? values : values[0], words.filter(Boolean).join('\n\n'))
  },
})

async function describe(
  artifact: Entity,
  endpoints: ReadonlyMap<string, readonly string[]>,
  signatures: ReadonlyMap<string, Signature>,
  session: Session,
) {
  const id = textOf(artifact, 'Id')
  return {
    id,
    name: textOf(artifact, 'Name'),
    type: textOf(artifact, 'Type'),
    version: textOf(artifact, 'Version'),
    status: textOf(artifact, 'Status'),
    deployedBy: textOf(artifact, 'DeployedBy'),
    deployedAt: timeOf(artifact, 'DeployedOn'),
    endpoints: endpoints.get(id) ?? [],
    signature: signatures.get(id) ?? { status: 'none' },
    problems: textOf(artifact, 'Status') === 'ERROR' ? await problemsOf(session, id) : [],
  }
}
