import { text } from '../../fields/index.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readBytes } from '../files.ts'
import type { Output } from '../output.ts'
import { promptSecret } from '../prompt-secret.ts'
import type { Session } from '../session.ts'
import { table } from '../table.ts'

/** What the server answers: the verdict, and each check on the way to it. */
interface Answer {
  readonly accepted: boolean
  readonly reason: string
  readonly remedy: string
  readonly principal?: { readonly method: string; readonly name: string; readonly clientId?: string } | null
  readonly flowId: string
  readonly checks: readonly {
    readonly stage: string
    readonly outcome: 'passed' | 'refused' | 'open'
    readonly code: string
    readonly reason: string
    readonly remedy: string
  }[]
}

export const explain = declareCommand({
  name: 'explain',
  summary:
    'Says whether a call would be accepted, and why, without making it. Exit code 0: it would; 1: it would be refused. Passwords and tokens come from a prompt, standard input or a file.',
  examples: [
    {
      line: 'explain --cert client.pem --endpoint /http/orders',
      words: 'Would a call with this certificate be accepted?',
    },
    { line: 'explain --basic alice --endpoint /http/orders', words: 'Asks for the password of alice.' },
    {
      line: 'explain --token token.txt --endpoint /http/orders --from 10.0.0.9',
      words: 'A token, from another address.',
    },
  ],
  positionals: {},
  flags: {
    endpoint: text({
      label: 'path',
      help: 'Path to call, such as /http/orders.',
      pattern: /^\//,
      form: 'a path such as /http/orders',
    }),
    method: text({
      label: 'method',
      help: 'HTTP method.',
      default: 'POST',
      pattern: /^[A-Za-z]{1,20}$/,
      form: 'a word',
    }),
    cert: text({
      label: 'file',
      help: 'Client certificate (PEM, leaf first, with what it came with); no private key is needed.',
      default: '',
    }),
    basic: text({ label: 'user', help: 'User or client id; the password is asked for.', default: '' }),
    token: text({ label: 'file', help: 'File with a bearer token; - is standard input.', default: '' }),
    from: text({ label: 'address', help: 'Address from which the call would come.', default: '' }),
  },
  letters: { X: 'method' },
  async run(given, session) {
    const question = await questionOf(given, session)
    const { api, output } = session
    const answer = JSON.parse((await api().invoke('ExplainInboundCall', question)).toString()) as Answer
    output.result(answer, wordsOfAnswer(answer, output))
    return answer.accepted ? 0 : 1
  },
})

interface Given {
  readonly endpoint: string
  readonly method: string
  readonly cert: string
  readonly basic: string
  readonly token: string
  readonly from: string
}

/** @throws cli.usage, cli.fileUnreadable, cli.credentialsAbsent */
async function questionOf({ endpoint, method, cert, basic, token, from }: Given, session: Session): Promise<object> {
  const { input, err } = session
  const fromInput = [
    cert === '-' && '--cert -',
    token === '-' && '--token -',
    basic !== '' && input.isTTY !== true && '--basic',
  ].filter((each) => each !== false)
  if (fromInput.length > 1)
    throw faults.usage({ problems: [`${fromInput.join(' and ')} cannot all read standard input`], command: 'explain' })
  const certificate = cert === '' ? '' : await readCertificateText(session, cert)
  const bearer = token === '' ? '' : (await readBytes(session, token, 'token')).toString('utf8').trim()
  if (token !== '' && bearer === '') throw faults.credentialsAbsent({ what: 'token' })
  return {
    endpoint,
    method: method.toUpperCase(),
    ...(certificate !== '' && { certificate }),
    ...(basic !== '' && { basic: { user: basic, password: await promptSecret('Password', input, err) } }),
    ...(bearer !== '' && { token: bearer }),
    ...(from !== '' && { remoteAddress: from }),
  }
}

function wordsOfAnswer({ accepted, reason, remedy, principal, flowId, checks }: Answer, output: Output): string {
  const tones = { passed: 'good', refused: 'bad', open: 'faint' } as const
  const rows = checks.flatMap((check) => [
    [output.tone(check.outcome.padEnd(7), tones[check.outcome]), check.stage, check.reason],
    ...(check.outcome === 'refused' && check.remedy !== '' ? [['', '', check.remedy]] : []),
  ])
  const verdict = output.tone(accepted ? 'accepted' : 'refused', accepted ? 'good' : 'bad')
  const who = principal ? `as ${principal.name || 'nobody'} by ${principal.method}` : ''
  return [
    [verdict, who, accepted && flowId !== '' ? `calls ${flowId}` : ''].filter(Boolean).join('  '),
    table(undefined, rows),
    accepted ? '' : [reason, remedy].filter(Boolean).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}
