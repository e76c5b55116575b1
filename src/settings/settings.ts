import { isIP } from 'node:net'
import { join, resolve } from 'node:path'

import { choice, duration, flag, integer, readFields, secretText, size, text } from '../fields/index.ts'
import { faults } from './faults.ts'

/** Every setting of the process. The name of the environment variable is the key. */
export const settingFields = {
  SLUICE_DATA: text({
    label: 'Data folder',
    help: 'Folder for everything that lasts; created with mode 0700 on the first start.',
    default: 'data',
  }),
  SLUICE_HOST: text({
    label: 'Listen host',
    help: 'Address on which both listeners accept connections.',
    default: '127.0.0.1',
  }),
  SLUICE_CONTROL_PORT: integer({
    label: 'Control port',
    help: 'Port of the management API; 0 lets the system choose.',
    min: 0,
    max: 65_535,
    default: 9443,
  }),
  SLUICE_RUNTIME_PORT: integer({
    label: 'Runtime port',
    help: 'Port on which flows are called; 0 lets the system choose.',
    min: 0,
    max: 65_535,
    default: 8443,
  }),
  SLUICE_DATABASE_URL: secretText({
    label: 'Database',
    help: '`postgres://…`; empty means SQLite files in the data folder.',
    default: '',
  }),
  SLUICE_MASTER_KEY_FILE: text({
    label: 'Master key',
    help: 'File of the key that seals all others; default `master.key` in the data folder.',
    default: '',
  }),
  SLUICE_MASTER_KEY_COMMAND: secretText({
    label: 'Master key command',
    help: 'Command that prints the key that seals all others (32 bytes in base64), instead of a file.',
    default: '',
  }),
  SLUICE_MASTER_KEY_NEXT_COMMAND: secretText({
    label: 'Next master key command',
    help: 'Command that prints the key to which `sluice keys rotate --master` goes; after that it is the one of SLUICE_MASTER_KEY_COMMAND.',
    default: '',
  }),
  SLUICE_HOST_NAMES: text({
    label: 'Host names',
    help: 'Further names for the server certificate, separated by commas.',
    default: '',
  }),
  SLUICE_LOG_LEVEL: choice({
    label: 'Log level',
    help: 'From which level on the process log is written.',
    options: { debug: 'Debug', info: 'Info', warn: 'Warnings', error: 'Errors' },
    default: 'info',
  }),
  SLUICE_MESSAGE_TIMEOUT: duration({
    label: 'Message timeout',
    help: 'Seconds after which a message is cancelled.',
    unit: 's',
    min: 1,
    max: 86_400,
    default: 3600,
  }),
  SLUICE_DRAIN_TIMEOUT: duration({
    label: 'Drain timeout',
    help: 'Seconds that messages in flight are given when a flow is replaced or the process stops.',
    unit: 's',
    min: 0,
    max: 86_400,
    default: 60,
  }),
  SLUICE_SPOOL_THRESHOLD: size({
    label: 'Spool threshold',
    help: 'KB from which on a body is kept on disk instead of in memory.',
    unit: 'KB',
    min: 16,
    max: 1_048_576,
    default: 4096,
  }),
  SLUICE_RETENTION: duration({
    label: 'Message log retention',
    help: 'Days that entries of the message processing log are kept.',
    unit: 'd',
    min: 1,
    max: 3650,
    default: 30,
  }),
  SLUICE_AUDIT_RETENTION: duration({
    label: 'Audit log retention',
    help: 'Days that events of the audit log are kept.',
    unit: 'd',
    min: 1,
    max: 36_500,
    default: 365,
  }),
  SLUICE_SCRIPT_TIMEOUT: duration({
    label: 'Script timeout',
    help: 'Seconds a script call may take before its host is killed.',
    unit: 's',
    min: 1,
    max: 3600,
    default: 60,
  }),
  SLUICE_SCRIPT_MEMORY: integer({
    label: 'Script memory',
    help: 'MB of heap of the Groovy host.',
    min: 64,
    max: 65_536,
    default: 512,
  }),
  SLUICE_MODE: choice({
    label: 'Mode',
    help: 'What the installation is for. In production, scripts are refused where their sandbox is not complete.',
    options: { development: 'Development', production: 'Production' },
    default: 'development',
  }),
  SLUICE_SCRIPT_SANDBOX: choice({
    label: 'Script sandbox',
    help: 'What happens where the system does not allow the whole sandbox (docs/sandbox.md): scripts are refused, or run with what is left and a warning.',
    options: { auto: 'Required in production', required: 'Required', 'best-effort': 'With what is left' },
    default: 'auto',
  }),
  SLUICE_SCRIPT_HOSTS: choice({
    label: 'Script hosts',
    help: 'What shares a Groovy host: all flows of a tenant, or nothing; a host per flow costs a JVM for each flow with scripts.',
    options: { tenant: 'One per tenant', flow: 'One per flow' },
    default: 'tenant',
  }),
  SLUICE_SCRIPT_OUTPUT: size({
    label: 'Script output',
    help: 'MB that one script call may hand over: body, attachments, log.',
    unit: 'MB',
    min: 1,
    max: 1024,
    default: 256,
  }),
  SLUICE_SECRET_IN_QUERY: flag({
    label: 'Client secret in the query',
    help: 'Whether the token endpoint takes client id and secret from the query, as some clients send them; proxies may log it.',
    default: true,
  }),
  SLUICE_CONNECTIVITY_NETWORKS: text({
    label: 'Networks for tests',
    help: 'Private networks (CIDR) or addresses that connectivity tests may reach besides public ones, separated by commas.',
    default: '',
  }),
  SLUICE_KEYSTORE_SIZE: size({
    label: 'Keystore size',
    help: 'KB that the entries of the tenant in the keystore may have.',
    unit: 'KB',
    min: 64,
    max: 65_536,
    default: 6144,
  }),
  SLUICE_PRIVATE_KEY_EXPORT: flag({
    label: 'Private key export',
    help: 'Whether private keys of the tenant may leave the keystore, for callers with the role SecurityMaterialDownload.',
    default: false,
  }),
  SLUICE_ALERT_WEBHOOK: secretText({
    label: 'Alert webhook',
    help: 'Address (https) that is told by POST what expires soon; empty for none.',
    default: '',
  }),
  SLUICE_ALERT_MAIL: text({
    label: 'Alert mail',
    help: 'Mail address that is told what expires soon, by SLUICE_SMTP_URL; empty for none.',
    default: '',
    pattern: /^[^\s@<>,;"]+@[^\s@<>,;"]+$/,
    form: 'one mail address',
  }),
  SLUICE_SMTP_URL: secretText({
    label: 'Mail server',
    help: '`smtps://user:password@host:465`, or `smtp://…` for a server with STARTTLS; needed for SLUICE_ALERT_MAIL.',
    default: '',
  }),
}

export interface Settings {
  readonly data: string
  readonly host: string
  readonly controlPort: number
  readonly runtimePort: number
  readonly databaseUrl: string | undefined
  readonly masterKeyFile: string
  /** What prints the master key; then there is no file. */
  readonly masterKeyCommand: string | undefined
  /** What prints the key that is to take its place. */
  readonly masterKeyNextCommand: string | undefined
  readonly hostNames: readonly string[]
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Milliseconds. */
  readonly messageTimeout: number
  readonly drainTimeout: number
  readonly retention: number
  readonly auditRetention: number
  readonly scriptTimeout: number
  /** Bytes. */
  readonly spoolThreshold: number
  /** MB. */
  readonly scriptMemory: number
  readonly mode: 'development' | 'production'
  readonly scriptSandbox: 'required' | 'best-effort'
  readonly scriptHosts: 'tenant' | 'flow'
  /** Bytes. */
  readonly scriptOutput: number
  /** The token endpoint takes a client secret from the query. */
  readonly secretInQuery: boolean
  /** CIDR, or single addresses. */
  readonly connectivityNetworks: readonly string[]
  /** Bytes. */
  readonly keystoreSize: number
  readonly privateKeyExport: boolean
  readonly alertWebhook: URL | undefined
  readonly alertMail: { readonly server: URL; readonly to: string } | undefined
}

/** Variables that belong to the command line tool and are no setting of the process. */
const ofTheCli = new Set(['SLUICE_URL', 'SLUICE_KEY', 'SLUICE_CA'])

/**
 * Reads the environment once.
 * @throws settings.invalid naming every problem, unknown `SLUICE_…` variables among them
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const ours = Object.entries(environment).filter(
    ([name, value]) => name.startsWith('SLUICE_') && !ofTheCli.has(name) && value !== undefined,
  )
  const { values, problems, unknown } = readFields(settingFields, Object.fromEntries(ours))
  const words = [
    ...problems.map(({ field, problem }) => `${field} ${problem}`),
    ...unknown.map((name) => `${name} is no setting`),
  ]
  if (values.SLUICE_DATABASE_URL && !/^postgres(ql)?:\/\//.test(values.SLUICE_DATABASE_URL)) {
    words.push('SLUICE_DATABASE_URL must begin with postgres://')
  }
  if (values.SLUICE_MASTER_KEY_FILE && values.SLUICE_MASTER_KEY_COMMAND) {
    words.push('SLUICE_MASTER_KEY_FILE and SLUICE_MASTER_KEY_COMMAND exclude each other')
  }
  if (values.SLUICE_MASTER_KEY_NEXT_COMMAND && !values.SLUICE_MASTER_KEY_COMMAND) {
    words.push('SLUICE_MASTER_KEY_NEXT_COMMAND needs SLUICE_MASTER_KEY_COMMAND')
  }
  const alertWebhook = values.SLUICE_ALERT_WEBHOOK ? (URL.parse(values.SLUICE_ALERT_WEBHOOK) ?? undefined) : undefined
  if (values.SLUICE_ALERT_WEBHOOK && alertWebhook?.protocol !== 'https:')
    words.push('SLUICE_ALERT_WEBHOOK must be an address that begins with https://')
  const server = URL.parse(values.SLUICE_SMTP_URL ?? '') ?? undefined
  if (values.SLUICE_SMTP_URL && !/^smtps?:\/\/[^/]/.test(values.SLUICE_SMTP_URL))
    words.push('SLUICE_SMTP_URL must begin with smtps:// or smtp://')
  if (values.SLUICE_ALERT_MAIL && server === undefined) words.push('SLUICE_ALERT_MAIL needs SLUICE_SMTP_URL')
  const networks = listOf(values.SLUICE_CONNECTIVITY_NETWORKS ?? '')
  for (const network of networks.filter((each) => !isNetwork(each)))
    words.push(`SLUICE_CONNECTIVITY_NETWORKS names '${network}', which is no network such as 10.1.0.0/16`)
  if (words.length > 0) throw faults.invalid({ problems: words })
  const data = resolve(values.SLUICE_DATA)
  return {
    data,
    host: values.SLUICE_HOST,
    controlPort: values.SLUICE_CONTROL_PORT,
    runtimePort: values.SLUICE_RUNTIME_PORT,
    databaseUrl: values.SLUICE_DATABASE_URL || undefined,
    masterKeyFile: values.SLUICE_MASTER_KEY_FILE || join(data, 'master.key'),
    masterKeyCommand: values.SLUICE_MASTER_KEY_COMMAND || undefined,
    masterKeyNextCommand: values.SLUICE_MASTER_KEY_NEXT_COMMAND || undefined,
    keystoreSize: values.SLUICE_KEYSTORE_SIZE,
    privateKeyExport: values.SLUICE_PRIVATE_KEY_EXPORT,
    hostNames: listOf(values.SLUICE_HOST_NAMES),
    logLevel: values.SLUICE_LOG_LEVEL,
    messageTimeout: values.SLUICE_MESSAGE_TIMEOUT,
    drainTimeout: values.SLUICE_DRAIN_TIMEOUT,
    retention: values.SLUICE_RETENTION,
    auditRetention: values.SLUICE_AUDIT_RETENTION,
    scriptTimeout: values.SLUICE_SCRIPT_TIMEOUT,
    spoolThreshold: values.SLUICE_SPOOL_THRESHOLD,
    scriptMemory: values.SLUICE_SCRIPT_MEMORY,
    mode: values.SLUICE_MODE,
    scriptSandbox: sandboxFor(values.SLUICE_SCRIPT_SANDBOX, values.SLUICE_MODE),
    scriptHosts: values.SLUICE_SCRIPT_HOSTS,
    scriptOutput: values.SLUICE_SCRIPT_OUTPUT,
    secretInQuery: values.SLUICE_SECRET_IN_QUERY,
    connectivityNetworks: networks,
    alertWebhook,
    alertMail: server && values.SLUICE_ALERT_MAIL ? { server, to: values.SLUICE_ALERT_MAIL } : undefined,
  }
}

const sandboxFor = (choice: 'auto' | 'required' | 'best-effort', mode: string): 'required' | 'best-effort' => {
  if (choice !== 'auto') return choice
  return mode === 'production' ? 'required' : 'best-effort'
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const bits = isIP(address) === 6 ? 128 : 32
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  return isIP(address) !== 0 && !address.includes('%') && isPrefix && more.length === 0
}
