import { choice, flag, text } from '../../fields/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { requireNew, writeNew } from '../files.ts'
import { keyFlags, keysOf, metadataCertificate, metadataOf } from '../identity-provider-flags.ts'
import { list } from '../several.ts'

const optional = (label: string, help: string) => text({ label, help, default: '' })

/** A word of a shell, whatever is in it. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** How the sender gets a token for a user and calls a flow with it. */
function callLines(sender: Entity, credential: string): string {
  const { grant, token, runtime } = {
    grant: textOf(sender, 'GrantType'),
    token: textOf(sender, 'TokenUrl'),
    runtime: textOf(sender, 'RuntimeUrl'),
  }
  return [
    // A line break at the end of the file would be sent, and base64 has none.
    `TOKEN=$(tr -d '\\r\\n' < assertion.txt | curl -sS --user ${credential} --data-urlencode grant_type=${grant} --data-urlencode assertion@- ${quoted(token)} | jq -r .access_token)`,
    `curl -sS -H "Authorization: Bearer $TOKEN" --data @message.xml ${quoted(`${runtime}/http/ADDRESS`)}`,
  ].join('\n')
}

export const trustSender = declareCommand({
  name: 'trust-sender',
  summary:
    'Lets the users of a sender call flows, in one step: identity provider, service instance with its key, and roles. Prints how the sender calls.',
  examples: [
    {
      line: 'trust-sender Portal --issuer https://portal.example --cert portal.pem --out portal.json',
      words: 'Every user of the portal gets ESBMessaging.send by the group Portal.',
    },
    { line: 'trust-sender Portal --metadata metadata.xml --user anna', words: 'Exactly this user gets the role.' },
    { line: 'trust-sender Login --issuer https://login.example.com --discover', words: 'By JSON Web Tokens.' },
  ],
  positionals: { name: text({ label: 'name', help: 'Name of what is made.', maxLength: 32 }) },
  flags: {
    issuer: optional('issuer', 'SAML entity id, or iss of its tokens; with --metadata it stands there.'),
    ...keyFlags,
    metadata: optional('file', 'SAML 2.0 metadata instead of issuer and certificates.'),
    'signed-by': metadataCertificate,
    discover: flag({ label: 'Discover', help: 'Fetch the keys from the issuer.', default: false }),
    assertion: choice({
      label: 'kind',
      help: 'What it sends; default: saml2 where it has certificates, else jwt.',
      options: { '': 'By its keys', saml2: 'SAML 2.0', jwt: 'JSON Web Token' },
      default: '',
    }),
    role: list({ label: 'role', help: 'Role of flows that its users get; default: ESBMessaging.send.' }),
    user: optional('name', 'Only this user gets the roles.'),
    group: optional('name', 'Group that holds the roles; default: the name.'),
    out: optional('file', 'Write the service key to this new file (mode 600) instead of showing it.'),
  },
  async run({ name, issuer, metadata, discover, assertion, role, user, group, out, ...given }, session) {
    const problems = [
      ...(issuer === '' && metadata === '' ? ['give --issuer or --metadata'] : []),
      ...(metadata !== '' && (issuer !== '' || discover) ? ['--metadata says the issuer and its keys'] : []),
      ...(user !== '' && group !== '' ? ['--user and --group exclude each other'] : []),
      ...(given['signed-by'] !== '' && metadata === '' ? ['--signed-by goes with --metadata'] : []),
    ]
    if (problems.length > 0) throw faults.usage({ problems, command: 'trust-sender' })
    requireNew(session, out)
    const { api, output, err } = session
    const answer = await api().invoke('TrustSender', {
      Name: name,
      ...(issuer !== '' && { Issuer: issuer }),
      ...(await keysOf(session, given, 'trust-sender')),
      ...(metadata !== '' && (await metadataOf(session, metadata, given['signed-by']))),
      ...(discover && { Discover: true }),
      ...(assertion !== '' && { Assertion: assertion }),
      ...(role.length > 0 && { Roles: JSON.stringify(role) }),
      ...(user !== '' && { User: user }),
      ...(group !== '' && { Group: group }),
    })
    const sender = JSON.parse(answer.toString()) as Entity
    const content = await api().content(`${entity`ServiceKeys(${textOf(sender, 'ServiceKey')})`}/$value?shape=flat`)
    const document = content?.toString() ?? '{}'
    if (out !== '') writeNew(session, out, document, true)
    const { clientid = '', clientsecret = '' } = JSON.parse(document) as Readonly<Record<string, string>>
    const lines = callLines(
      sender,
      out === '' ? quoted(`${clientid}:${clientsecret}`) : `"$(jq -r '.clientid+":"+.clientsecret' ${quoted(out)})"`,
    )
    for (const warning of JSON.parse(textOf(sender, 'Warnings') || '[]') as readonly string[])
      err.write(`warning  ${warning}\n`)
    const facts = {
      id: sender.Id,
      name,
      issuer: sender.Issuer,
      serviceInstance: sender.ServiceInstance,
      clientId: clientid,
      grantType: sender.GrantType,
      user: sender.User,
      group: sender.Group,
    }
    output.result(
      { ...facts, ...(out === '' ? { key: JSON.parse(document) as unknown } : { file: out }), call: lines },
      `trusted  ${name}  ${textOf(sender, 'Issuer')}\n\nWith the assertion of a user in assertion.txt:\n\n${lines}`,
    )
  },
})
