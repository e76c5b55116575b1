import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { lintBundle, readLintCodes, refuseFindings } from './index.ts'

async function lint(source: string, file = 'script.groovy'): Promise<readonly string[]> {
  const files = { [`src/main/resources/script/${file}`]: source }
  const found = lintBundle(await bundleOf({ id: 'Scripts', processes: [], files }))
  for (const { file: named, message, advice } of found)
    assert.ok(named === file && message.endsWith('.') && advice.endsWith('.'))
  return found.map(({ code, line }) => `${line} ${code}`)
}

const credential = `def cred = ITApiFactory.getApi(SecureStoreService, null).getUserCredential('box')\n`

describe('the rules for scripts', () => {
  const cases: readonly [what: string, source: string, expected: readonly string[], file?: string][] = [
    [
      'a secret in a header',
      `${credential}message.setHeader('a', 'Basic ' + cred.getPassword())`,
      ['2 secret-in-header'],
    ],
    ['the member of a credential', `${credential}message.properties.put("p", cred.password)`, ['2 secret-in-property']],
    [
      'a secret through variables',
      `${credential}def pw = new String(cred.getPassword())\nString b = "u:\${pw}".bytes.encodeBase64()\nmessage.setBody(b)`,
      ['4 secret-in-body'],
    ],
    [
      'a secret in several lines',
      `${credential}log.addAttachmentAsString(\n  'a',\n  cred.password.toString(),\n  'text/plain')`,
      ['2 secret-in-attachment'],
    ],
    [
      'a secret through a function',
      `${credential}def tell(text) {\n  println text\n}\ntell(cred.password)`,
      ['3 print', '3 secret-in-log'],
    ],
    [
      'a secret from a function',
      `def read(store) {\n  return store.getSecureParameter('x')\n}\nmessage.setHeader('t', read(store))`,
      ['4 secret-in-header'],
    ],
    [
      'another name for a credential',
      `${credential}def c = cred\nmessage.setBody(c.getPassword())`,
      ['3 secret-in-body'],
    ],
    [
      'the user name alone',
      `${credential}message.setHeader('u', cred.getUsername())\nmessage.setProperty('cred.password', 'x')`,
      [],
    ],
    [
      'a signature made with it',
      `${credential}mac.init(new SecretKeySpec(cred.password.toString().bytes, 'A'))\ndef s = mac.doFinal(cred.password)\nmessage.setHeader('s', s)`,
      [],
    ],
    ['a test for it', `${credential}message.setHeader('has', cred.password != null)`, []],
    [
      'a secret of JavaScript',
      `export default (message) => {\n  const { user, password } = message.services.secureStore.getUserCredential('x')\n  console.log(\`is \${password}\`)\n  message.headers.set('Authorization', btoa(user + ':' + password))\n}`,
      ['3 print', '3 secret-in-log', '4 secret-in-header'],
      'a.ts',
    ],
    [
      'a trust manager that trusts all',
      `def all = [checkServerTrusted: 1] as X\npublic void checkServerTrusted(X509Certificate[] c, String a) { }`,
      ['2 tls-checks-off'],
    ],
    [
      'a host name that may be any',
      `HttpsURLConnection.setDefaultHostnameVerifier({ a, b -> true } as HostnameVerifier)`,
      ['1 tls-checks-off'],
    ],
    ['printing', `println 'a'\nSystem.out.print('b')\nout.println('c') // println`, ['1 print', '2 print']],
    ['running text', `Eval.me('1')\nnew GroovyShell().evaluate(x)`, ['1 dynamic-code', '2 dynamic-code']],
    ['running text in JavaScript', `eval('1')\nnew Function('a')`, ['1 dynamic-code', '2 dynamic-code'], 'a.js'],
    [
      'programs',
      `'ls'.execute()\nRuntime.getRuntime().exec('x')\nstatement.execute(sql)`,
      ['1 process-start', '2 process-start'],
    ],
    [
      'loading classes',
      `@Grab('a:b:1')\nimport a.B\nClass.forName(x); new B()\nClass.forName("com.sap.X")`,
      ['1 class-loading', '3 class-loading'],
    ],
    [
      'files and sockets',
      `new File('/etc/passwd').text\nnew Socket(host, 1)\nnew URL(u).openConnection()`,
      ['1 files-or-network', '2 files-or-network'],
    ],
    [
      'unused imports',
      `import java.util.HashMap\nimport java.util.Date\nimport a.b.*\nimport c.D as E\nnew Date() // HashMap`,
      ['1 unused-import', '4 unused-import'],
    ],
    ['classes that are not there', `import org.springframework.X\nnew X()`, ['1 unsupported-class']],
    [
      'a password in the script',
      `def password = 'hunter22'\nString apiKey = "abcdef123456"\nmap.put('Authorization', 'Basic dXNlcjpwYXNzd29yZA==')`,
      ['1 hard-coded-password', '2 hard-coded-password', '3 hard-coded-password'],
    ],
    ['a name of a password', `def password = 'ERP_PASSWORD'\ndef token = ''\ndef secret = "\${x}"`, []],
    ['a URL with a password', `def u = 'https://me:geheim@example.com/x'`, ['1 credential-in-url']],
    ['comments', `// password = 'hunter22'\n/* println 'x'\n Eval.me('1') */`, []],
    [
      'a clean script',
      `import com.sap.gateway.ip.core.customdev.util.Message\ndef Message processData(Message message) {\n  message.setBody(message.getBody(String).toUpperCase())\n  return message\n}`,
      [],
    ],
  ]
  for (const [what, source, expected, file] of cases)
    it(`see ${what}${expected.length === 0 ? ' and say nothing' : ''}`, async () => {
      assert.deepEqual(await lint(source, file), expected)
    })

  it('do not lose themselves in hostile scripts', async () => {
    const begun = Date.now()
    const parts = [
      '"',
      "'",
      '(',
      '{',
      '/*',
      'a = b\n',
      'import ',
      '${',
      'def f(',
      'x.getPassword(',
      '`',
      '\\',
      'password = "',
    ]
    for (const part of parts) await lint(part.repeat(Math.floor(60_000 / part.length)))
    assert.ok(Date.now() - begun < 10_000, `${Date.now() - begun} ms`)
  })

  it('say what they did not look at', async () => {
    assert.deepEqual(await lint(' '.repeat(1_000_001)), ['1 too-long'])
  })

  it('stop a deployment where a policy says so, and only then', async () => {
    const files = { 'a.groovy': `println 'x'\nEval.me('1')` }
    const bundle = await bundleOf({ id: 'Scripts', processes: [], files })
    const codeNarc = { review: async () => [{ found: [] }] }
    await refuseFindings(bundle, readLintCodes(''), codeNarc)
    await refuseFindings(bundle, readLintCodes('tls-checks-off, warning'), codeNarc)
    for (const stop of ['dynamic-code', 'error', 'print,secret-in-log'])
      await assert.rejects(refuseFindings(bundle, readLintCodes(stop), codeNarc), {
        code: 'lint.stopped',
        message: /a\.groovy:[12]/,
      })
    assert.throws(() => readLintCodes('print,nope'), { code: 'lint.codesUnknown', message: /nope/ })
  })
})
