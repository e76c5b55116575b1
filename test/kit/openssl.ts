/** A certificate authority made by the `openssl` command: nothing of ours has a hand in what a test calls with. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { temporaryFolder } from './temporary-folder.ts'

/** PEM. `cert` is the leaf and what a client sends with it. */
export interface ClientPair {
  readonly cert: string
  readonly key: string
}

export interface OpensslWish {
  /** As `/O=Acme/CN=sender`. */
  readonly subject: string
  /** Milliseconds since 1970; an hour ago and in ten days when absent. Whole seconds count. */
  readonly from?: number
  readonly until?: number
  /** `none` leaves the extended key usage out. */
  readonly usage?: 'clientAuth' | 'serverAuth'
  readonly key?: 'ec' | 'rsa1024'
  /** An address that the certificate names for that of its issuer. */
  readonly issuerAt?: string
}

export interface OpensslAuthority {
  /** PEM of the CA itself. */
  readonly certificate: string
  readonly issue: (wish: OpensslWish) => ClientPair
  /** Many certificates of one key, each of another serial number, without what they come with. */
  readonly issueMany: (wish: OpensslWish, count: number) => readonly string[]
  /** A CA below this one. */
  readonly intermediate: (subject: string) => OpensslAuthority
  /** A revocation list with everything that was revoked so far, as PEM. */
  readonly revoke: (...pairs: readonly ClientPair[]) => string
  readonly dispose: () => void
}

const day = 86_400_000

function openssl(folder: string, ...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
}

const configuration = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
crlnumber = crlnumber
default_md = sha256
default_crl_days = 7
crl_extensions = of_lists
policy = any
unique_subject = no
email_in_dn = no
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[of_lists]
authorityKeyIdentifier = keyid:always
`

const stamp = (millis: number): string => `${new Date(millis).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`

function newFolder(): string {
  const folder = temporaryFolder('openssl')
  writeFileSync(join(folder, 'ca.cnf'), configuration)
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'crlnumber'), '01\n')
  return folder
}

let count = 0

/** Makes a key and a request for it; gives the name of their files. */
function request(folder: string, subject: string, key: OpensslWish['key'] = 'ec'): string {
  const name = `pair-${++count}`
  const algorithm = key === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', 'rsa:1024']
  openssl(
    folder,
    'req',
    '-new',
    ...algorithm,
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    subject,
  )
  return name
}

function sign(folder: string, name: string, signer: readonly string[], wish: OpensslWish, extensions: string): string {
  const { from = Date.now() - 3_600_000, until = Date.now() + 10 * day } = wish
  writeFileSync(join(folder, `${name}.ext`), extensions)
  const window = ['-startdate', stamp(from), '-enddate', stamp(until)]
  const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`]
  openssl(folder, 'ca', '-batch', '-notext', '-preserveDN', '-config', 'ca.cnf', ...signer, ...window, ...files)
  return readFileSync(join(folder, `${name}.pem`), 'utf8')
}

const authorityExtensions =
  'basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nkeyUsage=critical,keyCertSign,cRLSign\n'

const leafExtensions = ({ usage = 'clientAuth', issuerAt }: OpensslWish): string =>
  ['basicConstraints=CA:FALSE', 'keyUsage=critical,digitalSignature', `extendedKeyUsage=${usage}`]
    .concat(issuerAt === undefined ? [] : [`authorityInfoAccess=caIssuers;URI:${issuerAt}`])
    .join('\n')
    .concat('\n')

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')

function authorityOf(folder: string, name: string, above: string): OpensslAuthority {
  const signer = ['-cert', `${name}.pem`, '-keyfile', `${name}.key`]
  return {
    certificate: read(folder, `${name}.pem`),
    issue(wish) {
      const leaf = request(folder, wish.subject, wish.key)
      return { cert: sign(folder, leaf, signer, wish, leafExtensions(wish)) + above, key: read(folder, `${leaf}.key`) }
    },
    issueMany(wish, count) {
      const leaf = request(folder, wish.subject, wish.key)
      const into = join(folder, `${leaf}-many`)
      mkdirSync(into)
      writeFileSync(join(folder, `${leaf}.ext`), leafExtensions(wish))
      const { from = Date.now() - 3_600_000, until = Date.now() + 10 * day } = wish
      const window = ['-startdate', stamp(from), '-enddate', stamp(until), '-extfile', `${leaf}.ext`]
      const requests = Array.from({ length: count }, () => `${leaf}.csr`)
      const more = ['-outdir', into, ...signer, ...window, '-infiles', ...requests]
      openssl(folder, 'ca', '-batch', '-notext', '-preserveDN', '-config', 'ca.cnf', ...more)
      return readdirSync(into).map((name) => read(into, name))
    },
    intermediate(subject) {
      const below = newFolder()
      const own = request(folder, subject)
      const certificate = sign(folder, own, signer, { subject }, authorityExtensions)
      writeFileSync(join(below, 'own.pem'), certificate)
      writeFileSync(join(below, 'own.key'), read(folder, `${own}.key`))
      return authorityOf(below, 'own', certificate + above)
    },
    revoke(...pairs) {
      for (const { cert } of pairs) {
        writeFileSync(join(folder, 'revoked.pem'), cert)
        openssl(folder, 'ca', '-config', 'ca.cnf', ...signer, '-revoke', 'revoked.pem')
      }
      openssl(folder, 'ca', '-config', 'ca.cnf', ...signer, '-gencrl', '-out', 'list.crl')
      return read(folder, 'list.crl')
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A new root. */
export function opensslAuthority(subject: string): OpensslAuthority {
  const folder = newFolder()
  const name = request(folder, subject)
  sign(
    folder,
    name,
    ['-selfsign', '-keyfile', `${name}.key`],
    { subject, until: Date.now() + 100 * day },
    authorityExtensions,
  )
  return authorityOf(folder, name, '')
}

/** A certificate that nobody but its owner vouches for. */
export function opensslSelfSigned(wish: OpensslWish): ClientPair {
  const folder = newFolder()
  const name = request(folder, wish.subject, wish.key)
  const cert = sign(folder, name, ['-selfsign', '-keyfile', `${name}.key`], wish, leafExtensions(wish))
  return { cert, key: read(folder, `${name}.key`) }
}

/** The first certificate of a chain. */
export const leafOf = (chain: string): string =>
  `${chain.split('-----END CERTIFICATE-----')[0]}-----END CERTIFICATE-----\n`
