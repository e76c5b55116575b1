import { type Escape, unsafe } from './sandbox-escape.ts'

/** Scripts that take what there is, or leave something running. */
export const bombs: readonly Escape[] = [
  { name: 'never ends', script: () => `while (true) { }` },
  {
    name: 'never ends and cannot be interrupted',
    script: () => `while (true) { try { sleep(1000) } catch (Throwable t) { } }`,
  },
  { name: 'waits for ever', script: () => `new java.util.concurrent.CountDownLatch(1).await()` },
  {
    name: 'locks what all need',
    script: () => `synchronized (Class.forName('java.lang.Object')) { while (true) { } }`,
  },
  { name: 'an array of 4 GB', script: () => `def a = new long[512 * 1024 * 1024]; message.setBody(a.length)` },
  { name: 'a list without end', script: () => `def l = []; while (true) l.add(new byte[1048576])` },
  { name: 'a text that doubles', script: () => `def s = 'x' * 1000; while (true) s += s` },
  {
    name: 'memory outside of the heap',
    script: () => `def l = []; while (true) l.add(java.nio.ByteBuffer.allocateDirect(1048576))`,
  },
  {
    name: 'memory by Unsafe',
    script: () =>
      `${unsafe}; for (int i = 0; i < 4096; i++) unsafe.setMemory(unsafe.allocateMemory(1048576), 1048576, (byte) 1)`,
  },
  {
    name: 'classes without end',
    script: () => `def l = []; while (true) l.add(new GroovyClassLoader().parseClass('class A { def a() { 1 } }'))`,
  },
  {
    name: '10,000 threads',
    script: () => `10000.times { new Thread({ Thread.sleep(100000) }).start() }; while (true) { }`,
    beyondGuard: true,
  },
  {
    name: 'threads that start threads',
    script: () => `def f; f = { 2.times { new Thread(f).start() }; Thread.sleep(100000) }; f()`,
    beyondGuard: true,
  },
  { name: 'a thread that stays', script: () => `new Thread({ while (true) { } }).start()`, fails: false },
  { name: 'a timer that stays', script: () => `new Timer().schedule({ } as TimerTask, 10, 10)`, fails: false },
  {
    name: 'work left to the common pool',
    script: () => `java.util.concurrent.CompletableFuture.runAsync({ while (true) { } })`,
    fails: false,
  },
  {
    name: 'a thread outside of its group',
    script: () =>
      `def g = Thread.currentThread().threadGroup; while (g.parent != null) g = g.parent; new Thread(g, { while (true) { } }).start()`,
    fails: false,
  },
  { name: 'recursion without end', script: () => `def f; f = { f() }; f()` },
  {
    name: 'a regular expression without end',
    script: () => `message.setBody(('a,' * 60) ==~ /^(.*?,){29}P/)`,
    fails: false,
  },
  {
    name: 'entities that multiply',
    script: () =>
      `def e = (1..9).collect { "<!ENTITY e\${it} '" + ("&e\${it - 1};" * 10) + "'>" }.join(''); message.setBody(new XmlSlurper(false, false, true).parseText("<!DOCTYPE a [<!ENTITY e0 'x'>" + e + ']><a>&e9;</a>').text())`,
  },
  {
    name: 'an archive that unpacks to 10 GB',
    script: () =>
      `def b = new ByteArrayOutputStream(); def g = new java.util.zip.GZIPOutputStream(b); def z = new byte[1048576]; 1024.times { g.write(z) }; g.close(); message.setBody(new java.util.zip.GZIPInputStream(new ByteArrayInputStream(b.toByteArray())).bytes)`,
  },
  { name: 'hands over too much', script: () => `message.setBody(new byte[20 * 1048576])` },
  { name: 'a number without end', script: () => `def n = 3G; while (true) n = n * n` },
  {
    name: 'descriptors without end',
    script: () => `def l = []; while (true) l.add(java.nio.channels.Selector.open())`,
  },
  {
    name: 'a script of 200 nested lists',
    script: () =>
      `def l = []; 100000.times { l = [l] }; message.setProperty('l', l); message.setBody(String.valueOf(l))`,
  },
]
