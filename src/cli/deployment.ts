import type { BundleType } from '../flow/index.ts'
import { type Entity, entitiesOf, textOf } from './api/entity.ts'
import { entity, literal, query } from './api/odata-address.ts'
import { deployFunction } from './artifact-types.ts'
import { faults } from './faults.ts'
import { type FlowGrant, grantsOf, mayUseWords } from './may-use.ts'
import { type Problem, problemWords, readProblems } from './problems.ts'
import type { Output } from './output.ts'
import type { Session } from './session.ts'

/** How a deployment ended. */
export interface Outcome {
  readonly id: string
  readonly type: string
  readonly version: string
  /** STARTED, ERROR, or STARTING where nobody waited. */
  readonly status: string
  readonly endpoints: readonly string[]
  readonly problems: readonly Problem[]
  /** Of a flow that started; undefined where the caller may not see them. */
  readonly grants?: readonly FlowGrant[] | undefined
}

const patience = 300_000
const pollInterval = 300

/**
 * Deploys what the design time holds and, if asked, waits until it has started or failed.
 * @throws cli.deployTimeout after 5 minutes
 */
export async function deployArtifact(
  session: Session,
  given: { readonly id: string; readonly type: BundleType; readonly wait: boolean },
): Promise<Outcome> {
  const { id, type, wait } = given
  const parameters = query({ Id: literal(id), Version: literal('active') })
  const task = (await session.api().write('POST', `${deployFunction(type)}${parameters}`)).trim()
  if (!wait) return { id, type, version: '', status: 'STARTING', endpoints: [], problems: [] }
  return session.output.progress(`Deploying ${id}`, waitForEnd(session, id, type, task))
}

async function waitForEnd(session: Session, id: string, type: BundleType, task: string): Promise<Outcome> {
  const api = session.api()
  const until = session.clock.monotonic() + patience
  while (session.clock.monotonic() < until && !session.signal.aborted) {
    const build = task === '' ? undefined : await api.find(entity`BuildAndDeployStatus(TaskId=${task})`)
    const built = build === undefined || textOf(build, 'Status') !== 'DEPLOYING'
    const artifact = built ? await api.find(entity`IntegrationRuntimeArtifacts(${id})`) : undefined
    const failed = build !== undefined && textOf(build, 'Status').startsWith('FAIL')
    const status = failed ? 'ERROR' : artifact && textOf(artifact, 'Status')
    if (status === 'STARTED' || status === 'ERROR') {
      const problems = status === 'ERROR' ? await problemsOf(session, id) : []
      const endpoints = status === 'STARTED' ? ((await endpointsOf(session)).get(id) ?? []) : []
      const version = artifact ? textOf(artifact, 'Version') : ''
      const outcome = { id, type, version, status, endpoints, problems }
      if (status === 'ERROR' || type !== 'IntegrationFlow') return outcome
      return { ...outcome, grants: await grantsOf(session, id) }
    }
    await session.pause(pollInterval)
  }
  throw faults.deployTimeout({ id, seconds: patience / 1000 })
}

/** Why an artifact did not start. */
export const problemsOf = async (session: Session, id: string): Promise<readonly Problem[]> =>
  readProblems(await session.api().content(`${entity`IntegrationRuntimeArtifacts(${id})`}/ErrorInformation/$value`))

/** Addresses under which flows can be called, by id of the flow. */
export async function endpointsOf(session: Session): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await session.api().list(`ServiceEndpoints${query({ $expand: 'EntryPoints' })}`)
  const urls = (endpoint: Entity): readonly string[] =>
    entitiesOf(endpoint, 'EntryPoints').map((entry) => textOf(entry, 'Url'))
  const byFlow = Map.groupBy(found, (endpoint) => textOf(endpoint, 'Name'))
  return new Map([...byFlow].map(([flow, endpoints]) => [flow, endpoints.flatMap(urls).filter(Boolean)]))
}

/** An outcome in words: what, its addresses, or what is wrong and what to do. */
export function outcomeWords(outcome: Outcome, output: Output): string {
  const { id, version, status, endpoints, problems } = outcome
  const first = [output.tone(status), id, version].filter(Boolean).join('  ')
  const mayUse = grantWords(outcome)
  return [first, ...endpoints.map((url) => `  ${url}`), mayUse && `  ${mayUse}`, problemWords(problems, output)]
    .filter(Boolean)
    .join('\n')
}

function grantWords(outcome: Outcome): string {
  if (!('grants' in outcome)) return ''
  const { grants } = outcome
  return grants === undefined ? 'may use: not shown, for lack of the role MonitoringDataRead' : mayUseWords(grants)
}
