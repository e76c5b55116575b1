import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'

import { compactMemory, Fault, wordsOf } from '../base/index.ts'
import { readSettings, type Settings } from '../settings/index.ts'
import { type Control, startControl } from './control.ts'
import { createLog } from './log.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function announce({ controlUrl, runtimeUrl }: Control, settings: Settings): void {
  say('')
  say(`Control address  ${controlUrl}    management API /api/v1, health /healthz, metrics /metrics`)
  say(`Runtime address  ${runtimeUrl}    flows under /http/...`)
  const folder = join(settings.data, 'quickstart')
  if (existsSync(join(folder, 'client.pem'))) quickstart(folder, runtimeUrl)
  say('')
  say('Sluice is ready')
}

const order = `<order id="A-1001"><customer>C1000</customer><country>DE</country><item quantity="3" price="19.90"/></order>`

function quickstart(folder: string, runtimeUrl: string): void {
  const here = relative(process.cwd(), folder)
  const path = (name: string): string => quoted(join(here.startsWith('..') ? folder : here, name))
  const call = `-H 'Content-Type: application/xml' --data '${order}' ${runtimeUrl}/http/sample/orders`
  say('')
  say('Call the sample flow, by client certificate and by client id and secret:')
  say('')
  say(`curl --cacert ${path('ca.pem')} --cert ${path('client.pem')} --key ${path('client.key')} ${call}`)
  // The secret stays in its file: what is printed here may end up in a log.
  say(`curl --cacert ${path('ca.pem')} --netrc-file ${path('netrc')} ${call}`)
  say('')
  say('See what happened: npx sluice logs')
}

const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`)

function complain(error: unknown): void {
  process.stderr.write(`sluice: ${wordsOf(error)}\n`)
  const { remedy } = error as { remedy?: string }
  if (remedy !== undefined) process.stderr.write(`${remedy}\n`)
  else if (!(error instanceof Fault)) process.stderr.write(`${(error as Error).stack ?? ''}\n`)
}

/** The control process: reads the settings, starts, says where things are, stops on a signal. */
async function main(): Promise<void> {
  // What Sluice writes is for its own user only.
  process.umask(0o077)
  const settings = readSettings(process.env)
  const log = createLog(settings.logLevel, {})
  const control = await startControl(settings, log)
  compactMemory()
  announce(control, settings)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      control.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          complain(error)
          process.exit(1)
        },
      )
    })
  }
}

/** Runs the control process until a signal ends it. */
export async function runControl(): Promise<void> {
  process.on('uncaughtException', (error) => {
    complain(error)
    process.exit(70)
  })
  await main().catch((error: unknown) => {
    complain(error)
    process.exit(1)
  })
}
