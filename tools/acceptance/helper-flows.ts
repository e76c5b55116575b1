/** Flows that stand around a published one: they call it, or stand in for what it calls. */
import {
  externalCall,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  modifierRow,
  receiverChannel,
  senderChannel,
  step,
} from '../../test/kit/bundle.ts'

const all = { allowedHeaderList: '*' }
const https = (id: string) => senderChannel('HTTPS', { urlPath: `/acceptance/${id}`, xsrfProtection: '0' })

export interface CallerGiven {
  /** Headers set before the call. */
  readonly headers?: Readonly<Record<string, string>>
  /** Headers answered in the place of the body. */
  readonly shown?: readonly string[]
}

/** HTTPS in, ProcessDirect out; answers the body, or the headers named as `name = value` lines. */
export const callingFlow = (id: string, address: string, { headers = {}, shown = [] }: CallerGiven): Promise<Buffer> =>
  flowBundle({
    id,
    settings: all,
    channels: [https(id), receiverChannel('ProcessDirect', 'Call', { address })],
    processes: [
      mainProcess([
        messageStart(),
        step('Set', 'Enricher', {
          headerTable: Object.entries(headers).map(([name, value]) => modifierRow(name, 'constant', value)),
        }),
        externalCall('Call'),
        ...(shown.length === 0
          ? []
          : [
              step('Show', 'Enricher', {
                bodyType: 'expression',
                wrapContent: shown.map((name) => `${name} = \${header.${name}}\n`).join(''),
              }),
            ]),
        messageEnd(),
      ]),
    ],
  })

/** ProcessDirect in, HTTP out with all headers. */
export const forwardingFlow = (id: string, address: string, url: string): Promise<Buffer> =>
  flowBundle({
    id,
    settings: all,
    channels: [
      senderChannel('ProcessDirect', { address }),
      receiverChannel('HTTP', 'Call', {
        httpAddressWithoutQuery: url,
        httpAddressQuery: '',
        httpMethod: 'POST',
        authenticationMethod: 'None',
        credentialName: '',
        httpRequestTimeout: '10000',
        proxyType: 'default',
        allowedRequestHeaders: '*',
        allowedResponseHeaders: '',
      }),
    ],
    processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
  })

/** HTTPS in; answers global variables as `name = value` lines. */
export const variablesFlow = (id: string, names: readonly string[]): Promise<Buffer> =>
  flowBundle({
    id,
    channels: [https(id)],
    processes: [
      mainProcess([
        messageStart(),
        step('Read', 'Enricher', {
          propertyTable: names.map((name) => modifierRow(name, 'global persisted variables', name)),
          bodyType: 'expression',
          wrapContent: names.map((name) => `${name} = \${property.${name}}\n`).join(''),
        }),
        messageEnd(),
      ]),
    ],
  })
