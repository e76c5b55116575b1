import { systemClock } from '../../base/index.ts'
import { text } from '../../fields/index.ts'
import { signaturePath, signBundle, signedContent } from '../../flow/index.ts'
import { writeZip } from '../../formats/index.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { requireNew, writeNew } from '../files.ts'
import { readSources } from '../read-source.ts'
import { assertionSigner } from './assertion-signer.ts'

export const sign = declareCommand({
  name: 'sign',
  summary:
    'Signs an artifact, so that it can be told who published it and that no file was changed since. Needs no server.',
  examples: [
    {
      line: 'sign orders.zip --key publisher.key --cert publisher.pem --out orders-signed.zip',
      words: 'Writes a signed copy.',
    },
    {
      line: 'sign orders.zip --content content --out -',
      words: 'Writes what is signed, for openssl cms and other tools.',
    },
  ],
  positionals: { source: text({ label: 'zip or folder', help: 'An artifact.' }) },
  flags: {
    key: text({ label: 'file', help: 'Private key of the publisher, in PEM; RSA or EC.', default: '' }),
    cert: text({ label: 'file', help: 'Its certificate, followed by those of the CAs above it.', default: '' }),
    content: text({ label: 'file', help: 'Write what is signed to this file.', default: '' }),
    out: text({ label: 'file', help: 'The signed artifact; - for none.' }),
  },
  async run({ source, key, cert, content, out }, session) {
    const sources = await readSources([source], session.folder)
    const [first] = sources
    const problems = [
      ...(first === undefined || sources.length > 1 ? ['one artifact is signed at a time'] : []),
      ...(out !== '-' && key === '' ? ['--key is missing'] : []),
    ]
    if (first === undefined || problems.length > 0) throw faults.usage({ problems, command: 'sign' })
    const { bundle } = first
    requireNew(session, ...[content, out].filter((file) => file !== '-'))
    if (content !== '') writeNew(session, content, signedContent(bundle), false)
    if (out === '-') return session.output.result({ id: bundle.id }, `${bundle.id} is not signed.`)
    const signature = await signBundle(bundle, await assertionSigner(session, { key, cert }), systemClock.now())
    writeNew(session, out, await writeZip(new Map([...bundle.files, [signaturePath, signature]])), false)
    session.output.result({ id: bundle.id, file: out }, `${bundle.id} is signed: ${out}`)
  },
})
