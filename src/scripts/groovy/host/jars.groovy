package sluice.host

import java.util.jar.JarEntry
import java.util.jar.JarInputStream

/**
 * The jars of one bundle, in memory: they are on the class path of its scripts only. Their own version of a library goes
 * before the one that is installed; what belongs to Java, Groovy and the API of scripts is never theirs.
 */
class JarLoader extends ClassLoader {
  /** An entry is in memory twice while it is read, and scripts need room, too. */
  private static final int MOST = (int) Math.min(96L * 1024 * 1024, Runtime.runtime.maxMemory() >> 2)
  /** Packages that a jar may hold, but that are not taken from it. */
  private static final List<String> OURS = ['java/', 'javax/', 'jdk/', 'sun/', 'groovy/', 'groovyjarjar', 'org/codehaus/groovy/', 'org/apache/groovy/']
  /** Packages that a jar may not hold: they would stand for the API. */
  private static final List<String> API = ['com/sap/gateway/', 'com/sap/it/', 'com/sap/xi/', 'com/sap/esb/', 'sluice/']
  private final Map<String, byte[]> entries = new HashMap<>()

  JarLoader(Map<String, byte[]> jars, ClassLoader parent) {
    super(parent)
    int room = MOST
    for (Map.Entry<String, byte[]> jar : jars.entrySet()) room -= read(jar.key, jar.value, room)
  }

  /** The bytes that were taken. */
  private int read(String jar, byte[] content, int room) {
    int taken = 0
    JarInputStream stream = new JarInputStream(new ByteArrayInputStream(content), false)
    JarEntry entry
    while ((entry = stream.nextJarEntry) != null) {
      String name = entry.name
      if (entry.isDirectory()) continue
      if (name.endsWith('.class') && API.any { name.startsWith(it) }) throw new ScriptProblem('jarShadows', "${jar} holds ${name}".toString())
      if (OURS.any { name.startsWith(it) } || entries.containsKey(name)) continue
      byte[] bytes = stream.readNBytes(room - taken + 1)
      taken += bytes.length
      if (taken > room) throw new ScriptProblem('jarsTooLarge', String.valueOf(MOST))
      entries.put(name, bytes)
    }
    taken
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) {
    synchronized (getClassLoadingLock(name)) {
      Class<?> type = findLoadedClass(name)
      if (type == null) type = entries.containsKey(fileOf(name)) ? findClass(name) : super.loadClass(name, resolve)
      type
    }
  }

  @Override
  protected Class<?> findClass(String name) {
    byte[] bytes = entries.get(fileOf(name))
    if (bytes == null) throw new ClassNotFoundException(name)
    defineClass(name, bytes, 0, bytes.length)
  }

  private static String fileOf(String name) { name.replace('.', '/') + '.class' }

  @Override
  InputStream getResourceAsStream(String name) {
    byte[] bytes = entries.get(name)
    bytes == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(bytes)
  }

  @Override
  protected URL findResource(String name) {
    byte[] bytes = entries.get(name)
    bytes == null ? null : new URL('bundle', null, -1, '/' + name, new MemoryHandler(bytes))
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL found = findResource(name)
    Collections.enumeration(found == null ? Collections.<URL> emptyList() : Collections.singletonList(found))
  }
}

/** Reads a resource that is in memory. */
class MemoryHandler extends URLStreamHandler {
  private final byte[] bytes

  MemoryHandler(byte[] bytes) { this.bytes = bytes }

  @Override
  protected URLConnection openConnection(URL address) { new MemoryConnection(address, bytes) }
}

class MemoryConnection extends URLConnection {
  private final byte[] bytes

  MemoryConnection(URL address, byte[] bytes) {
    super(address)
    this.bytes = bytes
  }

  @Override
  void connect() {}

  @Override
  InputStream getInputStream() { new ByteArrayInputStream(bytes) }
}
