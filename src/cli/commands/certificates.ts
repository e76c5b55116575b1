import { integer, text } from '../../fields/index.ts'
import { literal, query } from '../api/odata-address.ts'
import { certificateFileRecord, certificateFileWords, readCertificateFile } from '../certificate-file.ts'
import { withoutPrivateKeys } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readBytes, requireNew, writeNew } from '../files.ts'

const days = integer({ label: 'days', help: 'Validity.', min: 1, max: 365, default: 365 })

export const certIssue = declareCommand({
  name: 'cert issue',
  summary:
    'Issues a client certificate of the built-in CA. The private key is printed or written once and kept nowhere: the certificate must be registered before it can call.',
  examples: [
    { line: 'cert issue --name erp --out certs', words: 'Writes certs/erp.pem and certs/erp.key.' },
    { line: 'cert issue --name test --days 7 > test.pem', words: 'Private key and chain in one file.' },
  ],
  positionals: {},
  flags: {
    name: text({ label: 'name', help: 'Common name, at most 64 characters.', maxLength: 64 }),
    days,
    'key-size': integer({ label: 'bits', help: 'RSA key: 2048, 3072 or 4096.', min: 2048, max: 4096, default: 2048 }),
    out: text({ label: 'folder', help: 'Folder for the two files; the key gets mode 600.', default: '' }),
  },
  async run({ name, days, 'key-size': size, out }, session) {
    const { api, output } = session
    const base = `${out}/${name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-')}`
    const [keyFile, certificateFile] = [`${base}.key`, `${base}.pem`]
    // The key could not be had a second time.
    if (out !== '') requireNew(session, keyFile, certificateFile)
    const answer = await api().invoke('IssueClientCertificate', { CommonName: name, Days: days, KeySize: size })
    const pem = answer.toString()
    const chain = withoutPrivateKeys(pem)
    const key = pem.replace(chain, '')
    if (out === '') return output.result({ name, key, chain }, pem.trimEnd())
    writeNew(session, keyFile, key, true)
    writeNew(session, certificateFile, chain, false)
    output.result({ name, keyFile, certificateFile }, `written  ${certificateFile}  ${keyFile}`)
  },
})

export const certSign = declareCommand({
  name: 'cert sign',
  summary: 'Has the built-in CA sign a certificate request, so that the private key stays where it was made.',
  examples: [
    { line: 'cert sign client.csr --days 90 --out client.pem', words: 'Writes the certificate and its issuer.' },
  ],
  positionals: { request: text({ label: 'request', help: 'PKCS#10 request as PEM or DER; - is standard input.' }) },
  flags: { days, out: text({ label: 'file', help: 'New file for the chain; default: print it.', default: '' }) },
  async run({ request, days, out }, session) {
    const { api, output } = session
    requireNew(session, out)
    const content = await readBytes(session, request, 'certificate request')
    // Whoever takes the key for the request must not send it away.
    if (content.includes('PRIVATE KEY'))
      throw faults.privateKeyGiven({ file: request, wanted: 'a certificate request' })
    const chain = (
      await api().invoke(`SignCertificateRequest${query({ Days: literal(String(days)) })}`, content)
    ).toString()
    if (out === '') return output.result({ chain }, chain.trimEnd())
    writeNew(session, out, chain, false)
    output.result({ file: out }, `written  ${out}`)
  },
})

export const certShow = declareCommand({
  name: 'cert show',
  summary:
    'Shows what a certificate, chain, certificate request or PKCS#12 file says, and what is wrong with it for a client. Works without a server; sluice explain says whether the server trusts it.',
  examples: [
    { line: 'cert show client.pem', words: 'Shows each certificate of the file.' },
    { line: 'cert show client.p12', words: 'Asks for the password first.' },
  ],
  positionals: { file: text({ label: 'file', help: 'PEM, DER or PKCS#12; - is standard input.' }) },
  flags: {},
  async run({ file }, session) {
    const { output, clock } = session
    const read = await readCertificateFile(session, file)
    const now = clock.now()
    output.result(certificateFileRecord(read, now), certificateFileWords(read, now, output))
  },
})
