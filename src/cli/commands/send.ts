import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { flag, text } from '../../fields/index.ts'
import { callRuntime, type RuntimeCall } from '../api/call-runtime.ts'
import { httpsAddress, quickstartFolder, readAuthorities, readKeyFile, readText } from '../api/connection.ts'
import { declareCommand } from '../command.ts'
import { endpointsOf } from '../deployment.ts'
import { faults } from '../faults.ts'
import { durationWords } from '../message-log.ts'
import { pairs } from '../several.ts'
import type { Session } from '../session.ts'
import { table } from '../table.ts'

export const send = declareCommand({
  name: 'send',
  summary:
    'Sends a message to a flow and prints its answer. Without credentials the client certificate of the quickstart is used.',
  examples: [
    {
      line: 'send Orders --data \'{"id":1}\' --header content-type=application/json',
      words: 'Posts JSON to the flow Orders.',
    },
    {
      line: 'send /http/orders --file order.xml -i',
      words: 'Posts a file to a path and shows the headers of the answer.',
    },
    {
      line: 'send Orders --basic @data/quickstart/service-key.json',
      words: 'Authenticates with client id and secret of a service key.',
    },
  ],
  positionals: {
    target: text({
      label: 'flow or path',
      help: 'Id of a deployed flow, a path such as /http/orders, or an https address.',
    }),
  },
  flags: {
    method: text({
      label: 'method',
      help: 'HTTP method; default: POST with a body, else GET.',
      default: '',
      pattern: /^[A-Za-z]{1,20}$/,
      form: 'a word',
    }),
    data: text({ label: 'text', help: 'Body of the message.', default: '' }),
    file: text({ label: 'file', help: 'File with the body; - is standard input.', default: '' }),
    header: pairs({ label: 'name=value', help: 'Header to send.' }),
    cert: text({ label: 'file', help: 'PEM file of a client certificate.', default: '' }),
    key: text({ label: 'file', help: 'PEM file of its private key.', default: '' }),
    basic: text({
      label: 'id:secret',
      help: 'Client id and secret; @file takes them from a service key, which keeps them out of the list of processes.',
      default: '',
    }),
    include: flag({ label: 'Include', help: 'Show status and headers of the answer.', default: false }),
  },
  letters: { i: 'include', d: 'data', X: 'method', H: 'header' },
  async run(given, session) {
    checkUsage(given)
    const { output, clock } = session
    const identity = identityOf(given, session)
    const body = await bodyOf(given, session)
    const call: RuntimeCall = {
      url: await addressOf(given.target, session),
      method: given.method.toUpperCase() || (body === undefined ? 'GET' : 'POST'),
      headers: [...given.header, ...identity.headers],
      body,
      ca: readAuthorities(session.environment, session.folder),
      certificate: identity.certificate,
    }
    const start = clock.monotonic()
    const answer = await output.progress(`Waiting for ${call.url.pathname}`, callRuntime(call))
    const took = durationWords(clock.monotonic() - start)
    const { status, statusText, headers } = answer
    if (output.json) {
      const text = answer.body.toString()
      const isText = Buffer.from(text).equals(answer.body)
      output.result(
        { status, headers, ...(isText ? { body: text } : { bodyBase64: answer.body.toString('base64') }) },
        '',
      )
    } else {
      const line = `${status} ${statusText}`.trim()
      if (given.include)
        output.result(
          undefined,
          `${[output.tone(line, status < 400 ? 'good' : 'bad'), table(undefined, headers)].join('\n')}\n`,
        )
      else output.note(`${line}  ${took}`)
      output.bytes(answer.body)
      if (answer.body.length > 0 && answer.body.at(-1) !== 10) output.note('')
    }
    return status >= 400 ? 1 : 0
  },
})

interface Given {
  readonly data: string
  readonly file: string
  readonly cert: string
  readonly key: string
  readonly basic: string
}

function checkUsage({ data, file, cert, key, basic }: Given): void {
  const problems: string[] = []
  if (data !== '' && file !== '') problems.push('--data and --file exclude each other')
  if ((cert === '') !== (key === '')) problems.push('--cert and --key belong together')
  if (cert !== '' && basic !== '') problems.push('--cert and --basic exclude each other')
  if (basic !== '' && !basic.startsWith('@') && !basic.includes(':'))
    problems.push('--basic must be id:secret or @file')
  if (problems.length > 0) throw faults.usage({ problems, command: 'send' })
}

/** How the call authenticates. */
function identityOf(
  { cert, key, basic }: Given,
  { environment, folder }: Session,
): Pick<RuntimeCall, 'headers' | 'certificate'> {
  if (basic !== '') {
    const file = basic.startsWith('@') ? readKeyFile(resolve(folder, basic.slice(1))) : undefined
    const credentials = file === undefined ? basic : `${file.clientId}:${file.clientSecret}`
    return {
      headers: [['authorization', `Basic ${Buffer.from(credentials).toString('base64')}`]],
      certificate: undefined,
    }
  }
  const quickstart = resolve(folder, quickstartFolder(environment))
  const certificate = {
    cert: readText(cert === '' ? join(quickstart, 'client.pem') : resolve(folder, cert), 'client certificate'),
    key: readText(key === '' ? join(quickstart, 'client.key') : resolve(folder, key), 'private key'),
  }
  return { headers: [], certificate }
}

async function bodyOf({ data, file }: Given, { folder, input }: Session): Promise<Uint8Array | undefined> {
  if (file === '-') return Buffer.concat(await Array.fromAsync(input as AsyncIterable<Uint8Array>))
  if (file === '') return data === '' ? undefined : Buffer.from(data)
  try {
    return readFileSync(resolve(folder, file))
  } catch (cause) {
    throw faults.fileUnreadable(
      { what: 'file', file, why: (cause as NodeJS.ErrnoException).code ?? 'unknown' },
      { cause },
    )
  }
}

/** @throws cli.endpointMissing for a flow without an address */
async function addressOf(target: string, session: Session): Promise<URL> {
  if (/^https?:/.test(target)) return httpsAddress(target)
  if (target.startsWith('/')) return new URL(target, runtimeAddress(session))
  const [url] = (await endpointsOf(session)).get(target) ?? []
  if (url === undefined) throw faults.endpointMissing({ flow: target })
  return httpsAddress(url)
}

/** The service key of the quickstart names the runtime address, as every service key of a flow does. */
function runtimeAddress({ environment, folder }: Session): URL {
  const file = resolve(folder, quickstartFolder(environment), 'service-key.json')
  return httpsAddress((existsSync(file) ? readKeyFile(file).url : undefined) ?? 'https://localhost:8443')
}
