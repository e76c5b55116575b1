import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import type { TestResult } from '../../src/connectivity/index.ts'
import { contextWith, runTest, testAuthority } from '../kit/connectivity.ts'
import { freePort, installed, openWorkshop, type Workshop } from '../kit/real-servers.ts'

const ca = await testAuthority()
const strange = await testAuthority()
const password = 'Geheim-real-4711'
const pairs = new Map([
  ['mine', await ca.client('mine')],
  ['strange', await strange.client('strange')],
])
const credentials = new Map([
  ['anna', { user: 'anna', password }],
  ['wrong', { user: 'anna', password: 'Falsch-real-4711' }],
  ['admin', { user: 'cn=admin,dc=example,dc=org', password }],
])
let knownHosts = ''
const context = contextWith({
  trusted: () => Promise.resolve([ca.anchor]),
  keyPair: (alias) => Promise.resolve(pairs.get(alias)),
  userCredential: (alias) => Promise.resolve(credentials.get(alias)),
  knownHosts: () => Promise.resolve(knownHosts),
})

async function test(kind: string, port: number, inputs: Readonly<Record<string, string>> = {}): Promise<TestResult> {
  const result = await runTest(kind, { host: 'localhost', port: `${port}`, ...inputs }, context)
  const text = JSON.stringify(result)
  for (const { password: secret } of credentials.values()) assert.ok(!text.includes(secret))
  return result
}
function passes(result: TestResult): TestResult {
  assert.equal(result.problem, undefined, JSON.stringify(result))
  return result
}
const fails = (result: TestResult, code: string): void =>
  assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result))

let shop: Workshop
let cert = ''
let key = ''
before(async () => {
  shop = openWorkshop()
  const server = await ca.server()
  cert = shop.file('server.pem', server.chain)
  key = shop.file('server.key', server.key, 0o600)
  shop.file('ca.pem', ca.certificate)
})
after(async () => {
  await shop[Symbol.asyncDispose]()
})

describe('nginx', () => {
  const ports: Record<string, number> = {}
  before(async () => {
    const sites: Readonly<Record<string, string>> = {
      tls12: 'ssl_protocols TLSv1.2;',
      tls13: 'ssl_protocols TLSv1.3;',
      old: 'ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;',
      demands: 'ssl_protocols TLSv1.2 TLSv1.3; ssl_client_certificate ca.pem; ssl_verify_client on;',
    }
    for (const name of Object.keys(sites)) ports[name] = await freePort()
    const servers = Object.entries(sites).map(
      ([name, lines]) =>
        `server { listen 127.0.0.1:${ports[name]} ssl http2; ssl_certificate ${cert}; ssl_certificate_key ${key}; ${lines}
          location / { return 200 "hello"; } }`,
    )
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path tmp-${one};`)
    const config = `daemon off; pid nginx.pid; error_log stderr; events {}
      http { access_log off; ${paths.join(' ')} ${servers.join('\n')} }`
    const file = shop.file('nginx.conf', config)
    await shop.start(
      installed('nginx', 'nginx-light'),
      ['-p', shop.folder, '-c', file, '-e', 'stderr'],
      ports['tls13'] ?? 0,
    )
  })

  for (const [site, protocol] of [
    ['tls12', 'TLSv1.2'],
    ['tls13', 'TLSv1.3'],
  ] as const)
    it(`${protocol} with chain, cipher and ALPN`, async () => {
      const { facts, certificates } = passes(await test('tls', ports[site] ?? 0, { alpn: 'h2,http/1.1' }))
      assert.deepEqual([facts['protocol'], facts['alpn']], [protocol, 'h2'])
      assert.equal(certificates.length, 2)
      const web = await runTest('http', { url: `https://localhost:${ports[site]}/` }, context)
      assert.equal(passes(web).facts['status'], 200)
    })

  it('a server that is not trusted, and one that is too old', async () => {
    const stranger = { ...context, trusted: () => Promise.resolve([]) }
    fails(await runTest('tls', { host: 'localhost', port: `${ports['tls13']}` }, stranger), 'issuerUntrusted')
    fails(await test('tls', ports['old'] ?? 0), 'tlsVersion')
  })

  it('demands a client certificate', async () => {
    const url = `https://localhost:${ports['demands']}/`
    const ask = (inputs: Readonly<Record<string, string>>) => runTest('http', { url, ...inputs }, context)
    fails(await ask({}), 'clientCertificateRequired')
    fails(await ask({ authentication: 'clientCertificate', privateKeyAlias: 'strange' }), 'clientCertificateRefused')
    passes(await ask({ authentication: 'clientCertificate', privateKeyAlias: 'mine' }))
  })
})

describe('sshd', () => {
  let port = 0
  before(async () => {
    port = await freePort()
    for (const type of ['ed25519', 'ecdsa', 'rsa'])
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(shop.folder, `host_${type}`)])
    const pem = shop.file('mine.key', pairs.get('mine')?.pem ?? '', 0o600)
    const open = execFileSync('ssh-keygen', ['-y', '-f', pem]).toString()
    const authorized = shop.file('authorized_keys', open)
    const config = `ListenAddress 127.0.0.1\nPort ${port}\nPidFile none\nUsePAM no\nStrictModes no
PermitRootLogin yes\nPasswordAuthentication no\nAuthorizedKeysFile ${authorized}\nSubsystem sftp internal-sftp
${['ed25519', 'ecdsa', 'rsa'].map((type) => `HostKey ${join(shop.folder, `host_${type}`)}`).join('\n')}\n`
    execFileSync('mkdir', ['-p', '/run/sshd'])
    await shop.start(installed('sshd', 'openssh-server'), ['-D', '-e', '-f', shop.file('sshd_config', config)], port)
  })

  it('all host keys in the form of OpenSSH', async () => {
    const { facts } = passes(await test('ssh', port, { hostKeyVerification: 'off' }))
    const files = ['ed25519', 'ecdsa', 'rsa'].map((type) =>
      readFileSync(join(shop.folder, `host_${type}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    )
    assert.deepEqual(facts['hostKeys'], files)
    assert.match(String(facts['server']), /OpenSSH/)
  })

  it('the known hosts as ssh-keygen hashes them', async () => {
    const line = readFileSync(join(shop.folder, 'host_ecdsa.pub'), 'utf8')
    const file = shop.file('known_hosts', `[localhost]:${port} ${line}`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    knownHosts = readFileSync(file, 'utf8')
    assert.match(knownHosts, /^\|1\|/)
    passes(await test('ssh', port))
    const other = readFileSync(join(shop.folder, 'host_ed25519.pub'), 'utf8')
    knownHosts = `[other]:${port} ${other}`
    fails(await test('ssh', port), 'hostKeyUnknown')
  })

  it('a log-on by key, and a directory by SFTP', async () => {
    shop.directory('listed')
    shop.file('listed/order.xml', '')
    const logOn = { hostKeyVerification: 'off', authentication: 'publicKey', userName: 'root' }
    const inputs = { ...logOn, privateKeyAlias: 'mine', checkDirectoryAccess: 'true' }
    const { facts } = passes(await test('ssh', port, { ...inputs, directory: join(shop.folder, 'listed') }))
    assert.deepEqual(facts['names'], ['order.xml'])
    fails(await test('ssh', port, { ...inputs, directory: '/nowhere' }), 'directoryMissing')
    fails(await test('ssh', port, { ...logOn, privateKeyAlias: 'strange' }), 'keyRefused')
    const byPassword = { hostKeyVerification: 'off', authentication: 'userCredentials', credentialName: 'anna' }
    fails(await test('ssh', port, byPassword), 'authenticationMethodMissing')
  })
})

describe('dovecot and postfix', () => {
  const ports: Record<string, number> = {}
  before(async () => {
    for (const name of ['imap', 'imaps', 'pop3', 'pop3s', 'smtp', 'smtps']) ports[name] = await freePort()
    const run = shop.directory('dovecot')
    const mail = shop.directory('mail/anna/Maildir/cur', 'mail:mail')
    shop.directory('mail/anna/Maildir/new', 'mail:mail')
    shop.directory('mail/anna/Maildir/tmp', 'mail:mail')
    for (const name of ['1:2,S', '2:2,']) writeFileSync(join(mail, `1.${name}`), 'Subject: hello\r\n\r\nhello\r\n')
    execFileSync('chown', ['-R', 'mail:mail', join(shop.folder, 'mail')])
    const users = shop.file('users', `anna:{PLAIN}${password}\n`)
    const listener = (name: string, secure: string): string => `service ${name}-login {
      inet_listener ${name} {\n port = ${ports[name]}\n }\n inet_listener ${secure} {\n port = ${ports[secure]}\n ssl = yes\n }\n}`
    const config = `base_dir = ${run}\nlog_path = /dev/stderr\nprotocols = imap pop3\nlisten = 127.0.0.1\nssl = yes
ssl_cert = <${cert}\nssl_key = <${key}\nauth_mechanisms = plain login cram-md5 scram-sha-256
mail_location = maildir:${join(shop.folder, 'mail')}/%u/Maildir\nfirst_valid_uid = 1\nmail_uid = mail\nmail_gid = mail
passdb {\n driver = passwd-file\n args = ${users}\n}
userdb {\n driver = static\n args = uid=mail gid=mail home=${join(shop.folder, 'mail')}/%u\n}
${listener('imap', 'imaps')}\n${listener('pop3', 'pop3s')}
service auth {\n unix_listener ${join(shop.folder, 'auth')} {\n mode = 0666\n }\n}\n`
    installed('doveadm', 'dovecot-imapd dovecot-pop3d')
    await shop.start(
      installed('dovecot', 'dovecot-imapd dovecot-pop3d'),
      ['-F', '-c', shop.file('dovecot.conf', config)],
      ports['imap'] ?? 0,
    )

    const queue = shop.directory('queue')
    const data = shop.directory('data', 'postfix')
    const folder = shop.directory('postfix')
    shop.file(
      'postfix/main.cf',
      `compatibility_level = 3.6\nqueue_directory = ${queue}\ndata_directory = ${data}\nmaillog_file_prefixes = ${shop.folder}, /dev/stdout
maillog_file = ${join(shop.folder, 'postfix.log')}\nmyhostname = localhost\nmydestination = localhost\ninet_interfaces = 127.0.0.1
inet_protocols = ipv4\nlocal_recipient_maps = inline:{anna=1}\nsmtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_chain_files = ${key}, ${cert}\nsmtpd_tls_security_level = may\nsmtpd_tls_auth_only = yes\nsmtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot\nsmtpd_sasl_path = ${join(shop.folder, 'auth')}\nalias_maps =\n`,
    )
    const service = (name: string, more = ''): string => `127.0.0.1:${ports[name]} inet n - n - - smtpd${more}\n`
    const helper = (name: string, type: string, command: string): string => `${name} unix ${type} ${command}\n`
    shop.file(
      'postfix/master.cf',
      service('smtp') +
        service('smtps', '\n  -o smtpd_tls_wrappermode=yes') +
        ['anvil', 'rewrite:trivial-rewrite', 'proxymap', 'tlsmgr']
          .map((one) => {
            const [name = '', command = name] = one.split(':')
            return helper(name, '- - n - 1', command)
          })
          .join('') +
        helper('cleanup', 'n - n - 0', 'cleanup') +
        'postlog unix-dgram n - n - 1 postlogd\n',
    )
    // Checks, and makes the folders of the queue. The master itself is started so that it stays in our group.
    execFileSync(installed('postfix', 'postfix'), ['-c', folder, 'check'], { stdio: 'ignore' })
    await shop.start('/usr/lib/postfix/sbin/master', ['-c', folder, '-d'], ports['smtp'] ?? 0)
  })

  for (const authentication of ['plain', 'encrypted'])
    for (const [kind, port, protection] of [
      ['imap', 'imap', 'starttls_mandatory'],
      ['imap', 'imaps', 'imaps'],
      ['pop3', 'pop3', 'starttls_mandatory'],
      ['pop3', 'pop3s', 'pop3s'],
    ] as const)
      it(`${kind}, ${protection}, ${authentication} password`, async () => {
        const inputs = { protection, authentication, checkMailboxContent: 'true' }
        const { facts, steps } = passes(await test(kind, ports[port] ?? 0, { ...inputs, credentialName: 'anna' }))
        assert.deepEqual([facts['messages'], facts['unread']], [2, kind === 'imap' ? 1 : undefined])
        const detail = steps.find(({ name }) => name === 'authenticate')?.detail ?? ''
        if (authentication === 'encrypted') assert.equal(detail, 'logged on with SCRAM-SHA-256')
        fails(await test(kind, ports[port] ?? 0, { ...inputs, credentialName: 'wrong' }), 'authenticationRefused')
      })

  it('folders, and one that is not there', async () => {
    const inputs = { authentication: 'plain', credentialName: 'anna' }
    const { facts } = passes(await test('imap', ports['imap'] ?? 0, { ...inputs, listFolders: 'true' }))
    assert.deepEqual(facts['folders'], ['INBOX'])
    fails(
      await test('imap', ports['imap'] ?? 0, { ...inputs, checkMailboxContent: 'true', folder: 'Größe' }),
      'folderMissing',
    )
    fails(await test('imap', ports['imaps'] ?? 0, { timeout: '1500' }), 'timeout')
    fails(await test('imap', ports['imap'] ?? 0, { protection: 'imaps' }), 'notTls')
  })

  for (const [port, protection] of [
    ['smtp', 'starttls_mandatory'],
    ['smtps', 'smtps'],
  ] as const)
    it(`smtp, ${protection}: log-on and addresses`, async () => {
      const inputs = {
        protection,
        authentication: 'plain',
        checkMailAddresses: 'true',
        from: 'anna@localhost',
        to: 'anna@localhost',
      }
      const { facts } = passes(await test('smtp', ports[port] ?? 0, { ...inputs, credentialName: 'anna' }))
      assert.ok((facts['authenticationMethods'] as string[]).includes('CRAM-MD5'))
      passes(await test('smtp', ports[port] ?? 0, { ...inputs, authentication: 'encrypted', credentialName: 'anna' }))
      fails(await test('smtp', ports[port] ?? 0, { ...inputs, credentialName: 'wrong' }), 'authenticationRefused')
      fails(
        await test('smtp', ports[port] ?? 0, { ...inputs, authentication: 'none', to: 'x@elsewhere.example' }),
        'recipientRefused',
      )
    })
})

describe('slapd', () => {
  const ports = { plain: 0, secure: 0 }
  before(async () => {
    ports.plain = await freePort()
    ports.secure = await freePort()
    const data = shop.directory('ldap')
    const config = `include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile ${data}/pid
TLSCertificateFile ${cert}\nTLSCertificateKeyFile ${key}\nTLSCACertificateFile ${join(shop.folder, 'ca.pem')}
database mdb\nsuffix "dc=example,dc=org"\nrootdn "cn=admin,dc=example,dc=org"\nrootpw ${password}\ndirectory ${data}\n`
    const file = shop.file('slapd.conf', config, 0o600)
    const entry = 'dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n'
    execFileSync(installed('slapadd', 'slapd'), ['-f', file, '-l', shop.file('start.ldif', entry)], { stdio: 'pipe' })
    const urls = `ldap://127.0.0.1:${ports.plain} ldaps://127.0.0.1:${ports.secure}`
    await shop.start(installed('slapd', 'slapd'), ['-d', '0', '-h', urls, '-f', file], ports.plain)
  })

  for (const protection of ['ldaps', 'starttls_mandatory', 'off'])
    it(`${protection}: bind, root and base`, async () => {
      const port = protection === 'ldaps' ? ports.secure : ports.plain
      const inputs = { protection, authentication: 'simple', baseDn: 'dc=example,dc=org' }
      const { facts, certificates } = passes(await test('ldap', port, { ...inputs, credentialName: 'admin' }))
      assert.deepEqual(facts['namingContexts'], ['dc=example,dc=org'])
      assert.equal(certificates.length, protection === 'off' ? 0 : 2)
      fails(await test('ldap', port, { ...inputs, baseDn: 'dc=nowhere', credentialName: 'admin' }), 'entryMissing')
      credentials.set('wrongAdmin', { user: 'cn=admin,dc=example,dc=org', password: 'Falsch-real-4711' })
      fails(await test('ldap', port, { ...inputs, credentialName: 'wrongAdmin' }), 'authenticationRefused')
    })
})

describe('vsftpd', () => {
  const ports = { explicit: 0, implicit: 0 }
  before(async () => {
    const root = shop.directory('ftp/in')
    writeFileSync(join(root, 'order.xml'), '')
    const empty = shop.directory('empty')
    chmodSync(empty, 0o555)
    const config = (
      port: number,
      more: string,
    ): string => `listen=YES\nlisten_address=127.0.0.1\nlisten_port=${port}\nbackground=NO
anonymous_enable=YES\nlocal_enable=NO\nanon_root=${join(shop.folder, 'ftp')}\nsecure_chroot_dir=${empty}\nftp_username=ftp
nopriv_user=nobody\nseccomp_sandbox=NO\nxferlog_enable=NO\n${more}\n`
    const secure = `ssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_data_ssl=YES\nforce_anon_logins_ssl=YES
rsa_cert_file=${cert}\nrsa_private_key_file=${key}\nrequire_ssl_reuse=YES\nssl_ciphers=HIGH`
    const command = installed('vsftpd', 'vsftpd')
    for (const [name, more] of [
      ['explicit', secure],
      ['implicit', `${secure}\nimplicit_ssl=YES`],
    ] as const) {
      ports[name] = await freePort()
      await shop.start(command, [shop.file(`vsftpd-${name}.conf`, config(ports[name], more), 0o600)], ports[name])
    }
  })

  for (const encryption of ['explicit', 'implicit'] as const)
    it(`${encryption} FTPS: the directory over a data connection that resumes the session`, async () => {
      const inputs = { encryption, authentication: 'none', checkDirectoryAccess: 'true' }
      const { facts } = passes(await test('ftp', ports[encryption], { ...inputs, directory: 'in' }))
      assert.deepEqual([facts['names'], facts['directory']], [['order.xml'], '/in'])
      fails(await test('ftp', ports[encryption], { ...inputs, directory: 'nowhere' }), 'directoryMissing')
    })

  it('a log-on that is refused', async () => {
    fails(await test('ftp', ports.explicit, { credentialName: 'anna' }), 'authenticationRefused')
    fails(await test('ftp', ports.explicit, { credentialName: 'anna', encryption: 'plain' }), 'authenticationRefused')
  })
})

describe('RabbitMQ', () => {
  let port = 0
  before(async () => {
    port = await freePort()
    const [epmd, distribution, plain] = await Promise.all([freePort(), freePort(), freePort()])
    const home = shop.directory('rabbit')
    const settings = `listeners.tcp.1 = 127.0.0.1:${plain}\nlisteners.ssl.1 = 127.0.0.1:${port}
ssl_options.certfile = ${cert}\nssl_options.keyfile = ${key}\nssl_options.verify = verify_none\nlog.console = true\n`
    const environment = {
      HOME: home,
      ERL_EPMD_PORT: `${epmd}`,
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: 'sluice-test@localhost',
      RABBITMQ_DIST_PORT: `${distribution}`,
      RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
      RABBITMQ_LOG_BASE: join(home, 'log'),
      RABBITMQ_CONFIG_FILE: shop.file('rabbitmq.conf', settings),
      RABBITMQ_ENABLED_PLUGINS_FILE: shop.file('enabled_plugins', '[rabbitmq_amqp1_0].\n'),
      RABBITMQ_CONF_ENV_FILE: shop.file('rabbitmq-env.conf', ''),
    }
    const script = installed('rabbitmq-server', 'rabbitmq-server')
    await shop.start(installed('epmd', 'erlang-base'), [], epmd, environment)
    const direct = script.replace('/usr/sbin/', '/usr/lib/rabbitmq/bin/')
    await shop.start(direct, [], port, environment)
  })

  it('AMQP 1.0 over TLS, with its mechanisms', async () => {
    const { facts } = passes(await test('amqp', port))
    assert.equal(facts['amqpVersion'], '1.0.0')
    assert.ok((facts['authenticationMethods'] as string[]).includes('PLAIN'), JSON.stringify(facts))
  })
})
