import { choice, flag } from '../../fields/index.ts'
import { credentialName, host, port, privateKeyAlias, timeout, validate } from '../common-fields.ts'
import { connect } from '../connect.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { kafkaClient } from '../kafka-client.ts'
import { createLineClient } from '../line-client.ts'
import { openSasl } from '../sasl.ts'
import { secure } from '../secure.ts'

const fields = {
  host,
  port: port('9092'),
  timeout,
  authentication: choice({
    label: 'Authentication',
    help: 'How the test logs on.',
    options: { sasl: 'SASL', clientCertificate: 'Client Certificate', none: 'None' },
    default: 'sasl',
  }),
  saslMechanism: choice({
    label: 'SASL Mechanism',
    help: 'Whether the password travels as it is (PLAIN) or as a proof of it (SCRAM).',
    options: { PLAIN: 'PLAIN', 'SCRAM-SHA-256': 'SCRAM-SHA-256', 'SCRAM-SHA-512': 'SCRAM-SHA-512' },
    default: 'PLAIN',
  }),
  credentialName,
  privateKeyAlias,
  connectWithTls: flag({ label: 'Connect with TLS', help: 'Encrypt the connection from the start.', default: true }),
  validateServerCertificate: validate,
}

/** As at the original. */
const mostTopics = 200

export const kafka = declareTest({
  kind: 'kafka',
  label: 'Kafka',
  help: 'Connects to a broker, logs on, and lists up to 200 topics. The brokers it names are shown, not visited.',
  fields,
  target: ({ host, port }) => ({ host, port: port ?? 9092 }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const { authentication, saslMechanism } = values
    const credential = authentication === 'sasl' ? await run.credential(values.credentialName) : undefined
    const withKey = authentication === 'clientCertificate'
    if (withKey && !values.connectWithTls)
      throw faults.inputInvalid({
        problems: [{ field: 'connectWithTls', problem: 'is needed to show a client certificate' }],
      })
    const plain = await connect(run, target)
    const socket = values.connectWithTls
      ? await secure(run, plain, {
          host: target.host,
          validate: values.validateServerCertificate,
          ...(withKey && { keyAlias: values.privateKeyAlias }),
        })
      : plain
    const client = kafkaClient(run, createLineClient(run, socket))
    await run.step('greeting', async (note) => note(`${await client.apiVersions()} kinds of requests`))
    if (credential !== undefined) {
      await run.step('authenticate', async (note) => {
        const offered = await client.saslHandshake(saslMechanism)
        const sasl = openSasl([saslMechanism], [saslMechanism], credential)
        if (offered !== undefined || sasl === undefined)
          throw faults.authenticationMethodMissing({
            server: run.server,
            wanted: saslMechanism,
            offered: (offered ?? []).map(run.quote),
          })
        await client.saslAuthenticate(sasl)
        note(`logged on with ${saslMechanism}`)
      })
    }
    await run.step('request', async (note) => {
      const { clusterId, brokers, topics } = await client.metadata()
      if (clusterId !== undefined) run.facts['clusterId'] = run.quote(clusterId)
      run.facts['brokers'] = brokers.slice(0, 100).map(run.quote)
      run.facts['topicCount'] = topics.length
      run.facts['topics'] = [...topics].sort().slice(0, mostTopics).map(run.quote)
      note(`${topics.length} topics on ${brokers.length} brokers`)
    })
  },
})
