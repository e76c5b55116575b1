import type { TestResult } from '../connectivity/index.ts'
import { describeFields } from '../fields/index.ts'
import type { CallBody, FunctionImport } from '../odata/index.ts'
import { faults } from './faults.ts'
import { readJson } from './parameters/read-json.ts'
import { authorize, roles } from './roles.ts'
import type { Call, Services } from './services.ts'

// Loaded when somebody tests: the protocols take several megabytes, and most installations test seldom.
const load = () => import('../connectivity/index.ts')

/** Connectivity tests. The original offers them in its monitor and in no interface. */
export const connectivityFunctions = ({ connectivity }: Services): readonly FunctionImport<Call>[] => {
  /** @throws api.roleMissing, faults of the body, connectivity.kindUnknown, inputInvalid, tooManyTests, tooManyAtOnce */
  async function run(body: CallBody, call: Call): Promise<TestResult> {
    const { kind, inputs } = testOf(body)
    if (await logsOn(kind, inputs)) authorize(roles.testWithCredentials, call)
    return connectivity.run({ who: call.caller.name, kind, inputs })
  }

  return [
    {
      name: 'ConnectivityTestKinds',
      method: 'GET',
      status: 200,
      requires: roles.testConnections,
      parameters: [],
      run: async () => jsonReply(await kinds()),
    },
    {
      name: 'TestConnectivity',
      method: 'POST',
      status: 200,
      requires: roles.testConnections,
      parameters: [],
      run: async (_, call, body) => jsonReply(await run(body, call)),
    },
    {
      name: 'DownloadTestedCertificates',
      method: 'POST',
      status: 200,
      requires: roles.testConnections,
      parameters: [],
      run: async (_, call, body) => {
        const result = await run(body, call)
        if (result.certificates.length === 0) throw faults.certificatesAbsent({ reason: result.problem?.reason ?? '' })
        const { certificatesZip } = await load()
        const content = await certificatesZip(result)
        return { document: { content, contentType: 'application/zip', fileName: 'certificates.zip' } }
      },
    },
  ]
}

async function kinds() {
  const { connectivityTests } = await load()
  return connectivityTests.map(({ kind, label, help, fields }) => ({
    kind,
    label,
    help,
    fields: describeFields(fields),
  }))
}

const jsonReply = (value: unknown) => ({
  document: { content: JSON.stringify(value), contentType: 'application/json' },
})

/** The kind and the raw inputs of a body; numbers and truth count as their texts. @throws api.parametersInvalid */
function testOf({ content }: CallBody): { readonly kind: string; readonly inputs: Readonly<Record<string, string>> } {
  const body = readJson(content.toString('utf8'), 'body')
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw faults.parametersInvalid({ property: 'body', problems: ['must be an object'] })
  const { kind, ...rest } = body as Readonly<Record<string, unknown>>
  const isText = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)
  const problems = [
    ...(typeof kind === 'string' ? [] : ["'kind' is missing"]),
    ...Object.entries(rest)
      .filter(([, value]) => !isText(value))
      .map(([name]) => `'${name}' must be a text`),
  ]
  if (problems.length > 0) throw faults.parametersInvalid({ property: 'body', problems })
  const inputs = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]))
  return { kind: String(kind), inputs }
}

/** True where the inputs name something of the keystore or of the security material. */
async function logsOn(kind: string, inputs: Readonly<Record<string, string>>): Promise<boolean> {
  const { connectivityTests } = await load()
  const fields = connectivityTests.find((test) => test.kind === kind)?.fields ?? {}
  return Object.entries(fields).some(([name, { control }]) => control === 'alias' && (inputs[name] ?? '').trim() !== '')
}
