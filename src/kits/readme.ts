import type { ServiceInstance, ServiceKey } from '../identity/index.ts'
import type { Call, Proof } from './calls.ts'
import type { ServerFiles } from './server-files.ts'
import { quoted } from './shell-scripts.ts'

interface Readme {
  readonly key: ServiceKey
  readonly instance: ServiceInstance
  /** Of the PKCS#12 files, without their ending. */
  readonly name: string
  readonly url: string
  readonly calls: readonly Call[]
  readonly proof: Proof
  /** End of validity of the client certificate, milliseconds since 1970. */
  readonly validTo: number | undefined
  readonly server: ServerFiles
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)
const code = (lines: string): string => `\`\`\`sh\n${lines}\n\`\`\``

/** `README.md`: what each file is, and the steps for each kind of client. It holds no secret. */
export function readme(given: Readme): string {
  const parts = [facts(given), filesPart(given), curlPart(given), postmanPart(given), newmanPart(), javaPart(given)]
  return `${[...parts, strustPart(given), refusedPart()].filter((part) => part !== '').join('\n\n')}\n`
}

function facts({ key, instance, url, calls, validTo }: Readme): string {
  const until = Math.min(key.until ?? Number.POSITIVE_INFINITY, validTo ?? Number.POSITIVE_INFINITY)
  const addresses = calls.map(({ method, path, open }) => `- \`${method} ${url}${path}${open ? '...' : ''}\``)
  return [
    '# How to call with this key',
    `Service key \`${plainWords(key.name)}\` of the service instance \`${plainWords(instance.name)}\`, client id \`${plainWords(key.clientId)}\`.`,
    ...(Number.isFinite(until)
      ? [`It counts until ${dayOf(until)}. Rotate it before that day: old and new overlap.`]
      : []),
    'Addresses:',
    addresses.join('\n') || 'No flow is deployed yet that this key may call.',
  ].join('\n\n')
}

/** Names are other people's words: nothing in them may end the code span in which they stand. */
const plainWords = (text: string): string => text.replaceAll(/[`\p{Cc}]/gu, ' ')

function filesPart({ name, proof, server }: Readme): string {
  const secret = 'holds the secret'
  const held = proof === 'secret' ? secret : proof === 'certificate' ? 'holds the private key' : 'no secret'
  const rows = [
    ['service-key.json', `The service key, flat: what current clients read (${held})`],
    ['service-key-oauth.json', `The same under \`oauth\`, as older clients read it (${held})`],
    ...(proof === 'secret' ? [['netrc', `Client id and secret for curl (${secret})`]] : []),
    ...(proof === 'secret' ? [] : [['client.pem', 'The client certificate and its issuer']]),
    ...(proof === 'certificate'
      ? [
          ['client.key', 'The private key, not encrypted (PKCS#8)'],
          [`${name}.p12`, 'Key and certificates for Postman, Windows, browsers; under the password of this kit'],
          [`${name}-keystore.p12`, 'The same for Java, with the root of the server as trusted entry; same password'],
        ]
      : []),
    ...server.files.map(({ path, certificate }) => [path, `DER: ${plainWords(commonNameOf(certificate.subject))}`]),
    ['server/ca.pem', 'What to trust the server by (PEM)'],
    ['curl.sh', 'Calls one address with curl'],
    [
      'postman_collection.json, postman_environment.json',
      `For Postman and newman${proof === 'secret' ? `; the environment ${secret}` : ''}`,
    ],
    ['newman.sh', 'Runs the collection from a shell'],
  ]
  return [
    '## Files',
    ['| File | What it is |', '| --- | --- |', ...rows.map(([file, what]) => `| \`${file}\` | ${what} |`)].join('\n'),
    ...(proof === 'keyless'
      ? [
          'The private key of this certificate was made elsewhere and is not in this kit. Where a step needs it, name your own file.',
        ]
      : ['Keep what holds a secret where only its user can read it, and never in a repository.']),
  ].join('\n\n')
}

const commonNameOf = (subject: string): string => /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ')

function curlPart({ name, calls, proof, url }: Readme): string {
  const [call] = calls
  const who = {
    secret: '--netrc-file netrc',
    certificate: '--cert client.pem --key client.key',
    keyless: '--cert client.pem --key YOUR-KEY.pem',
  }[proof]
  const more = {
    secret: '',
    certificate: ` The curl of Windows takes certificates as PKCS#12 only: \`--cert-type P12 --cert ${name}.p12:PASSWORD\`.`,
    keyless: ' It wants `CLIENT_KEY` in its environment.',
  }
  const body = call?.hasBody === true ? ' --data-binary @message.xml' : ''
  const target = call === undefined ? `${url}/http/ADDRESS` : `${url}${call.path}`
  return [
    '## curl',
    code(`curl ${who} --cacert server/ca.pem --request ${call?.method ?? 'POST'}${body} ${quoted(target)}`),
    `Or \`./curl.sh ADDRESS message.xml application/xml\`.${more[proof]}`,
  ].join('\n\n')
}

function postmanPart({ name, proof, url }: Readme): string {
  const { hostname, port } = new URL(url)
  const certificate =
    proof === 'secret'
      ? []
      : [
          `2. A collection cannot carry a certificate. Settings, Certificates, Client Certificates, Add: host \`${hostname}\`, port \`${port || '443'}\`, ${
            proof === 'certificate'
              ? `PFX file \`${name}.p12\` with its password`
              : 'CRT file `client.pem`, KEY file your own'
          }.`,
        ]
  return [
    '## Postman',
    [
      '1. Settings, Certificates, CA Certificates: switch it on and choose `server/ca.pem`.',
      ...certificate,
      `${certificate.length + 2}. Import \`postman_collection.json\` and \`postman_environment.json\`, and choose the environment.`,
    ].join('\n'),
  ].join('\n\n')
}

const newmanPart = (): string =>
  `## newman\n\n${code('./newman.sh')}\n\nIt takes \`npx newman\`, or the command in \`NEWMAN\`.`

function javaPart({ name, proof }: Readme): string {
  const trust =
    'keytool -importcert -noprompt -alias sluice -file server/ca.pem -keystore truststore.p12 -storetype PKCS12'
  if (proof !== 'certificate') return `## Java\n\nTrust the server:\n\n${code(trust)}`
  const store = `${name}-keystore.p12`
  return [
    '## Java',
    `\`${store}\` is key store and trust store in one (Java 8u301, 11.0.12 or later):`,
    code(
      [
        `java -Djavax.net.ssl.keyStore=${store} -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.keyStorePassword=PASSWORD \\`,
        `  -Djavax.net.ssl.trustStore=${store} -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=PASSWORD ...`,
      ].join('\n'),
    ),
    'Where only JKS is taken:',
    code(
      `keytool -importkeystore -srckeystore ${store} -srcstoretype PKCS12 -destkeystore client.jks -deststoretype JKS`,
    ),
  ].join('\n\n')
}

function strustPart({ name, proof, server }: Readme): string {
  const authorities = server.files.filter(({ path }) => path !== 'server/server.cer').map(({ path }) => `\`${path}\``)
  const own = {
    certificate: [
      `1. Make a PSE of the key pair; the certificate alone is not enough: \`sapgenpse import_p12 -r server/ca.pem -p client.pse ${name}.p12\`.`,
      '2. Transaction STRUST: create an SSL client identity (Environment, SSL Client Identities), import `client.pse` with PSE, Import, and save it as this identity (PSE, Save as).',
    ],
    keyless: [
      '1. Transaction STRUST: open the SSL client identity whose key pair belongs to `client.pem`; import the certificate response there if it is not in yet.',
    ],
    secret: [
      '1. Transaction STRUST: open the SSL client identity that the connection uses, such as SSL Client (Anonymous).',
    ],
  }[proof]
  const from = own.length + 1
  return [
    '## SAP systems (STRUST, SM59)',
    [
      ...own,
      `${from}. In this identity, import into its certificate list one by one, the root first: ${authorities.join(', ') || '`server/server.cer`'}. Save.`,
      `${from + 1}. Restart the ICM (SMICM, Administration), so that it reads the PSE again.`,
      `${from + 2}. SM59: connection of type G, SSL active, the SSL client identity of above${proof === 'secret' ? ', basic authentication with client id and secret' : ', no user and password'}.`,
    ].join('\n'),
  ].join('\n\n')
}

const refusedPart = (): string =>
  '## Refused?\n\nThe answer has a reference. Whoever runs the server finds the reason with `sluice refusals --reference REFERENCE`.'
