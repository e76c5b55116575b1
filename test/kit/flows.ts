/** Flows that several heavy tests call. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'

import {
  externalCall,
  flowBundle,
  groovyScript,
  mainProcess,
  messageEnd,
  messageStart,
  modifierRow,
  receiverChannel,
  senderChannel,
  step,
} from './bundle.ts'

/** Answers with a text of its own and the body of the request: `<text> <body>`. */
export const echoFlow = (id: string, text: string, more: { readonly files?: Record<string, string> } = {}) =>
  flowBundle({
    id,
    ...more,
    channels: [senderChannel('HTTPS', { urlPath: `/heavy/${id}`, xsrfProtection: '0' })],
    processes: [
      mainProcess([
        messageStart(),
        step('Set', 'Enricher', {
          bodyType: 'expression',
          wrapContent: `${text} \${in.body}`,
          headerTable: [modifierRow('Content-Type', 'constant', 'text/plain')],
        }),
        messageEnd(),
      ]),
    ],
  })

/** Asks the backend with the body and answers what it answers. */
export const forwardFlow = (id: string, backend: string, credential?: string) =>
  flowBundle({
    id,
    channels: [
      senderChannel('HTTPS', { urlPath: `/heavy/${id}`, xsrfProtection: '0' }),
      receiverChannel('HTTP', 'Call', {
        httpAddressWithoutQuery: backend,
        httpAddressQuery: '',
        httpMethod: 'POST',
        authenticationMethod: credential === undefined ? 'None' : 'Basic',
        credentialName: credential ?? '',
        httpRequestTimeout: '60000',
        proxyType: 'default',
        allowedRequestHeaders: '',
        allowedResponseHeaders: '',
      }),
    ],
    processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
  })

/** Answers `groovy <body>`. */
export const groovyFlow = (id: string) =>
  flowBundle({
    id,
    channels: [senderChannel('HTTPS', { urlPath: `/heavy/${id}`, xsrfProtection: '0' })],
    processes: [mainProcess([messageStart(), groovyScript('Script', 'answer.groovy'), messageEnd()])],
    files: {
      'answer.groovy': `import com.sap.gateway.ip.core.customdev.util.Message
def Message processData(Message message) {
  message.setBody('groovy ' + message.getBody(String))
  return message
}
`,
    },
  })

export interface Backend {
  readonly url: string
  /** Calls that wait for their answer. */
  readonly waiting: () => number
  /** Of every request so far. */
  readonly headers: () => readonly IncomingHttpHeaders[]
  readonly close: () => Promise<void>
}

/**
 * A backend that answers `backend <body>` after a moment; a body that begins with `hold` is never answered.
 * `accept` looks at the Authorization header.
 */
export async function startBackend(
  given: { readonly delay?: number; readonly accept?: (authorization: string) => boolean } = {},
): Promise<Backend> {
  const { delay = 0, accept = () => true } = given
  const headers: IncomingHttpHeaders[] = []
  let waiting = 0
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    waiting++
    headers.push(request.headers)
    response.once('close', () => waiting--)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      if (body.startsWith('hold')) return
      response.statusCode = accept(request.headers.authorization ?? '') ? 200 : 401
      setTimeout(() => response.end(`backend ${body}`), delay)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the backend has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    waiting: () => waiting,
    headers: () => headers,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers what a script makes of the body; `files` has the script first. Called at `/http/<id>`. */
export const scriptFlow = (id: string, subActivityType: string, files: Readonly<Record<string, string>>) =>
  flowBundle({
    id,
    channels: [senderChannel('HTTPS', { urlPath: `/${id}`, xsrfProtection: '0' })],
    processes: [
      mainProcess([
        messageStart(),
        step('Run', 'Script', { subActivityType, script: Object.keys(files)[0] ?? '' }),
        messageEnd(),
      ]),
    ],
    files,
  })

/** With these lines in JavaScript, as a module. */
export const moduleFlow = (id: string, lines: string) =>
  scriptFlow(id, 'JavascriptScript', {
    's.js': `export function processData(message) {\n${lines}\nreturn message\n}`,
  })
