/** The flows that are measured. */
import {
  externalCall,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  senderChannel,
  step,
} from '../test/kit/bundle.ts'

/** HTTPS in, a content modifier, the body back. */
export const echoFlow = (): Promise<Buffer> =>
  flowBundle({
    id: 'Bench_Echo',
    channels: [senderChannel('HTTPS', { urlPath: '/bench/echo', xsrfProtection: '0' })],
    processes: [
      mainProcess([
        messageStart(),
        step('Set', 'Enricher', {
          bodyType: 'expression',
          wrapContent: '${in.body}',
          headerTable: [
            {
              Action: 'Create',
              Type: 'constant',
              Value: 'text/plain',
              Default: '',
              Name: 'Content-Type',
              Datatype: '',
            },
          ],
          propertyTable: [
            {
              Action: 'Create',
              Type: 'expression',
              Value: '${header.CamelHttpMethod}',
              Default: '',
              Name: 'method',
              Datatype: '',
            },
          ],
        }),
        messageEnd(),
      ]),
    ],
  })

/** HTTPS in, request-reply to an HTTP backend, its answer back. */
export const forwardFlow = (backend: number): Promise<Buffer> =>
  flowBundle({
    id: 'Bench_Forward',
    channels: [
      senderChannel('HTTPS', { urlPath: '/bench/forward', xsrfProtection: '0' }),
      receiverChannel('HTTP', 'Call', {
        httpAddressWithoutQuery: `http://127.0.0.1:${backend}/`,
        httpAddressQuery: '',
        httpMethod: 'POST',
        authenticationMethod: 'None',
        httpRequestTimeout: '60000',
        proxyType: 'default',
        allowedRequestHeaders: '',
        allowedResponseHeaders: '*',
      }),
    ],
    processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
  })
