import type { Socket } from 'node:net'

import type { Client } from 'ldapts'

import { choice, text } from '../../fields/index.ts'
import { credentialName, host, port, timeout, validate } from '../common-fields.ts'
import { connect } from '../connect.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import type { Run } from '../run.ts'
import { secure } from '../secure.ts'

const fields = {
  host,
  port: port('389, or 636 with LDAPS'),
  protection: choice({
    label: 'Protection',
    help: 'Whether the connection is encrypted: from the start, by StartTLS, or not at all.',
    options: { ldaps: 'LDAPS', starttls_mandatory: 'StartTLS Mandatory', off: 'Off' },
    default: 'ldaps',
  }),
  authentication: choice({
    label: 'Authentication',
    help: 'Whether the test binds; the user of the credential is a distinguished name or what the server takes for one.',
    options: { none: 'None', simple: 'Simple' },
    default: 'none',
  }),
  credentialName,
  baseDn: text({
    label: 'Base DN',
    help: 'Entry that must be readable, such as ou=people,dc=example,dc=com; may be empty.',
    default: '',
    maxLength: 1000,
  }),
  validateServerCertificate: validate,
  timeout,
}

const startTls = '1.3.6.1.4.1.1466.20037'
/** What a server tells about itself (RFC 4512, 5.1), and the name of the fact. */
const rootFacts: Readonly<Record<string, string>> = {
  namingContexts: 'namingContexts',
  supportedLDAPVersion: 'versions',
  supportedSASLMechanisms: 'authenticationMethods',
  vendorName: 'vendor',
  vendorVersion: 'vendorVersion',
}

export const ldap = declareTest({
  kind: 'ldap',
  label: 'LDAP',
  help: 'Connects to a directory, changes to TLS, binds, and reads what the server tells about itself.',
  fields,
  target: ({ host, port, protection }) => ({ host, port: port ?? (protection === 'ldaps' ? 636 : 389) }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const { protection, validateServerCertificate: validate } = values
    const credential = values.authentication === 'none' ? undefined : await run.credential(values.credentialName)
    const plain = await connect(run, target)
    const encrypt = () => secure(run, plain, { host: target.host, validate })
    if (protection === 'starttls_mandatory') await run.step('handshake', () => agreeOnTls(run, plain))
    const client = await clientOver(run, protection === 'off' ? plain : await encrypt())
    if (credential !== undefined) {
      await run.step('authenticate', async (note) => {
        await client.bind(credential.user, credential.password).catch((error: unknown) => {
          throw refusal(run, error, 'the bind')
        })
        note('bound')
      })
    }
    await run.step('request', async (note) => note(await readRoot(run, client)))
    if (values.baseDn !== '') {
      await run.step('check directory', async (note) => {
        const { searchEntries } = await client
          .search(values.baseDn, { scope: 'base', attributes: ['1.1'], sizeLimit: 1 })
          .catch((error: unknown) => {
            throw refusal(run, error, `to read '${values.baseDn}'`, values.baseDn)
          })
        note(`${searchEntries.length} entry`)
      })
    }
    await client.unbind()
  },
})

/** A client over a connection that is there already. */
async function clientOver(run: Run, socket: Socket): Promise<Client> {
  const { Client: LdapClient } = await import('ldapts')
  return new LdapClient({
    url: 'ldap://connected',
    timeout: run.timeout,
    connectTimeout: run.timeout,
    strictDN: false,
    createConnection: () => socket,
  })
}

/** RFC 4511, 4.14. The socket is left silent, ready for TLS. */
async function agreeOnTls(run: Run, socket: Socket): Promise<void> {
  const client = await clientOver(run, socket)
  try {
    await client.exop(startTls)
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    if (code === 2 || code === 53) throw faults.starttlsNotOffered({ server: run.server }, { cause: error })
    throw faults.starttlsRefused({ server: run.server, words: run.quote((error as Error).message) }, { cause: error })
  }
  for (const event of ['data', 'end', 'close', 'timeout']) socket.removeAllListeners(event)
  socket.pause()
}

const codeOf = (error: unknown): number | undefined => {
  const { code } = error as { code?: unknown }
  return typeof code === 'number' ? code : undefined
}

/** Result codes of RFC 4511, appendix A. */
function refusal(run: Run, error: unknown, what: string, entry?: string): unknown {
  const code = codeOf(error)
  const { server } = run
  if (code === undefined) return error
  const because = { cause: error }
  const words = run.quote((error as Error).message.trim())
  if (code === 49) return faults.authenticationRefused({ server, words }, because)
  if ((code === 32 || code === 34) && entry !== undefined) return faults.entryMissing({ server, entry, words }, because)
  if (code === 8 || code === 13)
    return faults.authenticationMethodMissing({ server, wanted: `this bind (${words})`, offered: [] }, because)
  return faults.requestRefused({ server, what, words }, because)
}

async function readRoot(run: Run, client: Client): Promise<string> {
  const { searchEntries } = await client
    .search('', { scope: 'base', filter: '(objectClass=*)', attributes: Object.keys(rootFacts) })
    .catch((error: unknown) => {
      throw refusal(run, error, 'to tell about itself')
    })
  const [root = {}] = searchEntries
  for (const [attribute, name] of Object.entries(rootFacts)) {
    const value = (root as Readonly<Record<string, unknown>>)[attribute]
    const values = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one) =>
      run.quote(String(one)),
    )
    if (values.length > 0) run.facts[name] = values
  }
  const contexts = run.facts['namingContexts']
  return contexts === undefined ? 'it tells nothing about itself' : `directory of ${String(contexts)}`
}
