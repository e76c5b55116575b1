import { bombs } from './sandbox-bombs.ts'
import { type Escape, unsafe } from './sandbox-escape.ts'

const fields = (type: string, name: string): string =>
  `def f = ${type}.getDeclaredField('${name}'); f.accessible = true`
const put = (text: string): string => `message.setBody(String.valueOf(${text}))`

const files: readonly Escape[] = [
  { name: 'reads a file of the data folder', script: (c) => put(`new File('${c.file}').text`) },
  { name: "reads another tenant's file", script: (c) => put(`new FileInputStream('${c.otherTenant}').text`) },
  { name: 'reads /etc/passwd', script: () => put(`new File('/etc/passwd').text`) },
  {
    name: 'reads by java.nio',
    script: (c) => put(`java.nio.file.Files.readString(java.nio.file.Paths.get('${c.file}'))`),
  },
  {
    name: 'reads by a channel',
    script: (c) => put(`java.nio.channels.FileChannel.open(java.nio.file.Paths.get('${c.file}')).size()`),
  },
  { name: 'reads by RandomAccessFile', script: (c) => put(`new RandomAccessFile('${c.file}', 'r').readLine()`) },
  { name: 'reads by a file URL', script: (c) => put(`new URL('file://${c.file}').text`) },
  { name: 'reads by a Scanner', script: (c) => put(`new Scanner(new File('${c.file}')).nextLine()`) },
  {
    name: 'reads by an entity of XML',
    script: (c) =>
      put(
        `new XmlSlurper(false, false, true).parseText('<!DOCTYPE a [<!ENTITY e SYSTEM "file://${c.file}">]><a>&e;</a>').text()`,
      ),
  },
  { name: 'reads the environment of its parent', script: (c) => put(`new File('/proc/${c.pid}/environ').text`) },
  {
    name: 'reads the memory of its parent',
    script: (c) => put(`new RandomAccessFile('/proc/${c.pid}/mem', 'r').length()`),
  },
  { name: 'goes through the root of process 1', script: (c) => put(`new File('/proc/1/root${c.file}').text`) },
  { name: 'goes through the root of its parent', script: (c) => put(`new File('/proc/${c.pid}/root${c.file}').text`) },
  { name: 'goes up from its folder', script: (c) => put(`new File('../../../../../../..${c.file}').text`) },
  { name: 'overwrites a file', script: (c) => `new File('${c.file}').text = 'owned'` },
  { name: 'deletes a file', script: (c) => `if (!new File('${c.file}').delete()) throw new Exception('kept')` },
  {
    name: 'renames a file',
    script: (c) => `if (!new File('${c.file}').renameTo(new File('${c.file}.gone'))) throw new Exception('kept')`,
  },
  { name: 'makes a file in /tmp', script: (c) => `new File('/tmp/${c.mark}').text = 'x'` },
  { name: 'makes a temporary file', script: (c) => `File.createTempFile('${c.mark}', 'x')` },
  { name: 'makes a file in /etc', script: (c) => `new File('/etc/${c.mark}').text = 'x'` },
  { name: 'makes a file in /dev/shm', script: (c) => `new File('/dev/shm/${c.mark}').text = 'x'` },
  {
    name: 'makes a folder',
    script: (c) => `if (!new File('/var/tmp/${c.mark}').mkdirs()) throw new Exception('refused')`,
  },
  {
    name: 'makes a link',
    script: (c) =>
      `java.nio.file.Files.createSymbolicLink(java.nio.file.Paths.get('/tmp/${c.mark}'), java.nio.file.Paths.get('${c.file}'))`,
  },
  {
    name: 'changes permissions',
    script: (c) => `java.nio.file.Files.setPosixFilePermissions(java.nio.file.Paths.get('${c.file}'), [] as Set)`,
  },
  {
    name: 'lists the root',
    script: () =>
      `def found = new File('/').list(); if (found == null || !found.contains('root')) throw new Exception('nothing there'); ${put('found')}`,
  },
  {
    name: 'writes into the jar of its host',
    script: () => `new File(System.getProperty('java.class.path').split(':')[0]).bytes = new byte[1]`,
  },
  {
    name: 'writes a core pattern',
    script: (c) => `new File('/proc/sys/kernel/core_pattern').text = '|/tmp/${c.mark}'`,
  },
  { name: 'unmaps a control group', script: () => `new File('/sys/fs/cgroup/cgroup.procs').text = '1'` },
  {
    name: 'opens a descriptor of its own process',
    script: () => `new FileOutputStream('/proc/self/fd/1').write([0, 0, 0] as byte[])`,
    fails: false,
  },
  {
    name: 'opens a descriptor that the sandbox was made with',
    script: () => put(`new FileInputStream('/proc/self/fd/3').bytes.length`),
  },
]

const network: readonly Escape[] = [
  { name: 'connects to a listener', script: (c) => `new Socket('127.0.0.1', ${c.port}).outputStream << 'x'` },
  { name: 'connects by IPv6', script: (c) => `new Socket('::1', ${c.port}).outputStream << 'x'` },
  {
    name: 'connects by a channel',
    script: (c) => `java.nio.channels.SocketChannel.open(new InetSocketAddress('127.0.0.1', ${c.port}))`,
  },
  { name: 'connects by HTTP', script: (c) => put(`new URL('http://127.0.0.1:${c.port}/').text`) },
  {
    name: 'connects by HTTP to a number',
    script: (c) => put(`new URL('http://2130706433:${c.port}/').text`),
  },
  {
    name: 'connects by HTTP and goes on when it is refused',
    script: (c) => `try { new URL('http://localhost:${c.port}/').openConnection().responseCode } catch (all) {}`,
  },
  {
    name: 'asks for a request without Java in between',
    script: (c) =>
      `sluice.host.ScriptRun.current().call('http.request', ['GET', 'http://[::ffff:127.0.0.1]:${c.port}/', [], null, true, 0, 0])`,
  },
  {
    name: 'connects by HTTP with a handler of its own',
    script: (c) =>
      `new URL(null, 'http://127.0.0.1:${c.port}/', Class.forName('sun.net.www.protocol.http.Handler').getDeclaredConstructor().newInstance()).text`,
  },
  {
    name: 'connects by the HTTP client',
    script: (c) =>
      `java.net.http.HttpClient.newHttpClient().send(java.net.http.HttpRequest.newBuilder(URI.create('http://127.0.0.1:${c.port}/')).build(), java.net.http.HttpResponse.BodyHandlers.ofString())`,
  },
  {
    name: 'connects to a local socket',
    script: (c) => `java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of('${c.socket}'))`,
  },
  {
    name: 'sends a datagram',
    script: (c) =>
      `new DatagramSocket().send(new DatagramPacket(new byte[1], 1, new InetSocketAddress('127.0.0.1', ${c.port})))`,
  },
  { name: 'listens', script: () => `new ServerSocket(0).accept()` },
  { name: 'asks for a name', script: () => put(`InetAddress.getByName('example.com').hostAddress`) },
  {
    name: 'reaches the metadata service',
    script: () => put(`new URL('http://169.254.169.254/latest/meta-data/').getText(connectTimeout: 500)`),
  },
  {
    name: 'loads a document type from the network',
    script: (c) =>
      `new XmlParser(true, true, true).parseText('<!DOCTYPE a SYSTEM "http://127.0.0.1:${c.port}/a.dtd"><a/>')`,
  },
  {
    name: 'lists network interfaces',
    script: () =>
      `def all = NetworkInterface.networkInterfaces.toList().findAll { it.up && !it.loopback }; if (all.empty) throw new Exception('none')`,
    beyondGuard: true,
  },
]

const programs: readonly Escape[] = [
  { name: 'starts a program by Groovy', script: (c) => `['sh', '-c', 'sleep 99; echo ${c.mark}'].execute()` },
  {
    name: 'starts a program by Runtime',
    script: (c) => `Runtime.runtime.exec(['/bin/sh', '-c', 'sleep 99; echo ${c.mark}'] as String[])`,
  },
  {
    name: 'starts a program by ProcessBuilder',
    script: (c) => `new ProcessBuilder('/bin/sleep', '99', '${c.mark}').start()`,
  },
  {
    name: 'starts another Java',
    script: (c) => `[System.getProperty('java.home') + '/bin/java', '-version', '${c.mark}'].execute()`,
    fails: false,
  },
  {
    name: 'starts a tool of the sandbox',
    script: (c) => `['/usr/bin/setpriv', '--reuid=0', 'sleep', '99', '${c.mark}'].execute()`,
    fails: false,
  },
  {
    name: 'starts a program by the loader',
    script: (c) => `['/lib64/ld-linux-x86-64.so.2', '/bin/sleep', '99', '${c.mark}'].execute()`,
    fails: false,
  },
  {
    name: 'kills its parent',
    script: (c) => `['kill', '${c.pid}'].execute(); ProcessHandle.of(${c.pid}L).get().destroyForcibly()`,
  },
  {
    name: 'kills all processes it sees',
    script: () =>
      `ProcessHandle.allProcesses().forEach { if (it.pid() != ProcessHandle.current().pid()) it.destroyForcibly() }; throw new Exception('done')`,
  },
  {
    name: 'starts by the class behind ProcessBuilder',
    script: (c) =>
      `def m = Class.forName('java.lang.ProcessImpl').declaredMethods.find { it.name == 'start' }; m.accessible = true; m.invoke(null, ['sleep', '99', '${c.mark}'] as String[], null, null, null, false)`,
  },
  { name: 'loads a library', script: () => `System.load('/lib/x86_64-linux-gnu/libutil.so.1')` },
  { name: 'loads a library by name', script: () => `System.loadLibrary('nowhere')` },
]

const host: readonly Escape[] = [
  { name: 'exits', script: () => `System.exit(0)` },
  { name: 'halts', script: () => `Runtime.runtime.halt(0)` },
  {
    name: 'exits by reflection',
    script: () =>
      `Class.forName('java.lang.Shutdown').getDeclaredMethod('exit', int).with { it.accessible = true; it.invoke(null, 1) }`,
  },
  {
    name: 'exits in a hook',
    script: () => `Runtime.runtime.addShutdownHook(new Thread({ while (true) { } })); System.exit(1)`,
  },
  {
    name: 'takes the guard away',
    script: (c) => `System.setSecurityManager(null); new File('/tmp/${c.mark}').text = 'x'; System.exit(1)`,
  },
  {
    name: 'takes the guard away by reflection',
    script: (c) => `${fields('System', 'security')}; f.set(null, null); new File('/tmp/${c.mark}').text = 'x'`,
  },
  {
    name: 'takes the guard away by Unsafe',
    script: (c) =>
      `${unsafe}; unsafe.putObjectVolatile(unsafe.staticFieldBase(System), 112L, null); new File('/tmp/${c.mark}').text = 'x'`,
  },
  { name: 'writes to the address zero', script: () => `${unsafe}; unsafe.putAddress(0L, 1L)` },
  {
    name: "changes the guard's list",
    script: (c) => `def s = System.getSecurityManager(); s.readable.add('/'); ${put(`new File('${c.file}').text`)}`,
    beyondGuard: true,
  },
  {
    name: "gets at the guard's list by its class",
    script: (c) =>
      `def g = Class.forName('sluice.host.Guard').declaredFields.find { it.name == 'readable' }; g.accessible = true; g.get(System.getSecurityManager()).add('/'); ${put(`new File('${c.file}').text`)}`,
    beyondGuard: true,
  },
  {
    name: 'replaces a method of a class for all',
    script: () => `String.metaClass.trim = { -> System.exit(1) }; ' '.trim()`,
  },
  {
    name: 'sets a system property',
    script: () => `System.setProperty('java.io.tmpdir', '/'); throw new Exception('done')`,
  },
  {
    name: 'sets the streams',
    script: () =>
      `System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out))); System.out.println('x'); throw new Exception('done')`,
  },
  {
    name: 'sees the environment',
    script: () => `if (System.getenv().isEmpty()) throw new Exception('nothing'); ${put('System.getenv()')}`,
  },
  {
    name: 'interrupts and stops all threads',
    script: () =>
      `def g = Thread.currentThread().threadGroup; while (g.parent != null) g = g.parent; g.interrupt(); Thread[] all = new Thread[200]; g.enumerate(all).times { if (all[it] != Thread.currentThread()) all[it].stop() }; throw new Exception('done')`,
  },
  {
    name: 'defines a class in the host',
    script: () =>
      `def l = new GroovyClassLoader(); l.parseClass('package sluice.host; class Main { static { System.exit(1) } }').newInstance(); throw new Exception('done')`,
  },
  { name: 'runs a shell of Groovy', script: (c) => put(`new GroovyShell().evaluate("new File('${c.file}').text")`) },
  { name: 'evaluates', script: (c) => put(`Eval.me("new File('${c.file}').text")`) },
  {
    name: 'uses a scripting engine',
    script: (c) =>
      put(`new javax.script.ScriptEngineManager().getEngineByName('groovy').eval("new File('${c.file}').text")`),
  },
  {
    name: 'grabs a library',
    script: () => `@Grab('org.example:nothing:1') import java.util.List\ndef processData(message) { return message }`,
    fails: false,
  },
  {
    name: 'runs while it is compiled',
    script: (c) =>
      `@groovy.transform.ASTTest(phase = org.codehaus.groovy.control.CompilePhase.CONVERSION, value = { new File('/tmp/${c.mark}').text = 'x' }) class A { }\ndef processData(message) { throw new Exception('done') }`,
  },
  {
    name: 'never ends when its class is loaded',
    script: () => `class A { static { while (true) { } } }\ndef processData(message) { new A() }`,
  },
  {
    name: 'loads classes from a URL',
    script: (c) => `new URLClassLoader([new URL('http://127.0.0.1:${c.port}/')] as URL[]).loadClass('A')`,
  },
  {
    name: 'deserializes by hand',
    script: () =>
      `new ObjectInputStream(new ByteArrayInputStream('rO0ABXNyAAh4eHh4eHh4eAAAAAAAAAAAAgAAeHA='.decodeBase64())).readObject()`,
  },
  {
    name: 'asks a naming service',
    script: (c) => `new javax.naming.InitialContext().lookup('ldap://127.0.0.1:${c.port}/x')`,
  },
]

const frame = (json: string): string =>
  `def j = '''${json}'''.bytes; def b = new ByteArrayOutputStream(); def d = new DataOutputStream(b); d.writeInt(j.length); d.writeInt(0); d.write(j); def bytes = b.toByteArray()`
const raw = `def o = new FileOutputStream(FileDescriptor.out)`
const pipe = `def r = Class.forName('sluice.host.ScriptRun').getMethod('current').invoke(null); def pf = r.getClass().getDeclaredField('pipe'); pf.accessible = true; def of = pf.get(r).getClass().getDeclaredField('output'); of.accessible = true; def o = of.get(pf.get(r))`

const pipes: readonly Escape[] = [
  { name: 'writes rubbish into the pipe', script: () => `${pipe}; o.write(new byte[64]); o.flush(); sleep(5000)` },
  {
    name: 'announces a frame of 4 GB',
    script: () => `${pipe}; o.write([-1, -1, -1, -1, -1, -1, -1, -1] as byte[]); o.flush(); sleep(5000)`,
  },
  {
    name: 'answers a call that was not made',
    script: () => `${frame('{"type":"done","id":12345}')}; ${pipe}; o.write(bytes); o.flush(); sleep(5000)`,
  },
  {
    name: 'writes a frame of no object',
    script: () => `${frame('null')}; ${pipe}; o.write(bytes); o.flush(); sleep(5000)`,
  },
  {
    name: 'writes a frame with wrong parts',
    script: () => `${frame('{"type":"log","parts":[-1]}')}; ${pipe}; o.write(bytes); o.flush(); sleep(5000)`,
  },
  {
    name: 'asks in the name of another call',
    script: () =>
      `${frame('{"type":"call","run":1,"call":1,"name":"secureStore.getUserCredential","arguments":["x"]}')}; ${pipe}; o.write(bytes); o.flush(); throw new Exception('done')`,
  },
  {
    name: 'answers itself with nonsense',
    script: () =>
      `${pipe}; def id = r.id; def j = ('{"type":"done","id":' + id + ',"headers":5,"body":"x"}').bytes; def d = new DataOutputStream(o); d.writeInt(j.length); d.writeInt(0); d.write(j); d.flush(); sleep(300)`,
  },
  {
    name: 'floods the pipe',
    script: () =>
      `${frame('{"type":"call","run":1,"call":1,"name":"x","arguments":[]}')}; ${pipe}; while (true) o.write(bytes)`,
  },
  { name: 'floods the log', script: () => `while (true) println('x' * 8000)` },
  { name: 'closes the pipe', script: () => `${pipe}; o.close(); sleep(5000)` },
  {
    name: 'writes to the descriptor of the pipe',
    script: () => `${raw}; o.write(new byte[64]); o.flush(); sleep(5000)`,
  },
  {
    name: 'reads what is meant for the host',
    script: () => `def i = new FileInputStream(FileDescriptor.in); while (true) i.read()`,
  },
  { name: 'closes the descriptors', script: () => `new FileInputStream(FileDescriptor.in).close(); sleep(5000)` },
]

/** Scripts that try to get out, and scripts that try to take the host with them. */
export const escapes: readonly Escape[] = [...files, ...network, ...programs, ...host, ...pipes, ...bombs]
