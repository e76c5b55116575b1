package sluice.host

import java.nio.file.Paths
import java.security.Permission

/**
 * Refuses scripts what only the tenant process may do: files, network, programs, ending the host. It needs no look at
 * the stack, because after its start the host itself needs none of that either. Java 24 has no such guard any more;
 * `install` says whether it stands.
 */
class Guard extends SecurityManager {
  private final List<String> readable

  private Guard(List<String> readable) {
    this.readable = readable
  }

  static boolean install(List<String> readable) {
    try {
      // Asked for once before the guard stands: their first use reads files and properties.
      java.security.Security.getProviders()
      TimeZone.getDefault()
      System.setSecurityManager(new Guard(readable))
      return true
    } catch (UnsupportedOperationException ignored) {
      return false
    }
  }

  private static void refuse(String what) {
    throw new SecurityException("A script may not ${what}.")
  }

  @Override
  void checkPermission(Permission permission) {
    String name = permission.name
    if (permission instanceof RuntimePermission) {
      if (name == 'setFactory') refuse('set a factory or a default for all connections; how TLS is checked is up to the tenant process, which trusts the certificates of its keystore')
      if (name == 'setSecurityManager' || name == 'setIO' || name == 'shutdownHooks') refuse("use '${name}'")
    } else if (permission instanceof PropertyPermission) {
      if (permission.actions.contains('write')) refuse("set the system property '${name}'")
    } else if (permission instanceof FilePermission) {
      if (permission.actions == 'read') checkRead(name) else refuse('use files')
    } else if (permission.getClass().name == 'javax.net.ssl.SSLPermission') {
      if (name.startsWith('set')) refuse('change how TLS is checked: the tenant process makes the connection, and trusts the certificates of its keystore')
    } else if (permission.getClass().name == 'java.net.NetPermission' || permission.getClass().name == 'java.net.URLPermission') {
      if (name != 'specifyStreamHandler') refuse('use the network')
    }
  }

  @Override
  void checkPermission(Permission permission, Object context) { checkPermission(permission) }

  @Override
  void checkPackageAccess(String name) {
    if (name == 'sun.misc') refuse("use the package '${name}'")
  }

  @Override
  void checkRead(String file) {
    if (file == '/dev/random' || file == '/dev/urandom') return
    String path = Paths.get(file).toAbsolutePath().normalize().toString()
    for (String allowed : readable) if (path == allowed || path.startsWith(allowed + File.separator)) return
    refuse('read files')
  }

  @Override
  void checkRead(String file, Object context) { checkRead(file) }

  @Override
  void checkRead(FileDescriptor descriptor) { refuse('read files') }

  @Override
  void checkWrite(String file) { refuse('write files') }

  @Override
  void checkWrite(FileDescriptor descriptor) { refuse('write files') }

  @Override
  void checkDelete(String file) { refuse('delete files') }

  @Override
  void checkExec(String command) { refuse('start programs') }

  @Override
  void checkLink(String library) {
    if (library.contains('/') || library.contains('\\')) refuse('load libraries')
  }

  @Override
  void checkExit(int status) { refuse('end its host') }

  @Override
  void checkConnect(String host, int port) { refuse('use the network') }

  @Override
  void checkConnect(String host, int port, Object context) { refuse('use the network') }

  @Override
  void checkListen(int port) { refuse('use the network') }

  @Override
  void checkAccept(String host, int port) { refuse('use the network') }

  @Override
  void checkMulticast(InetAddress address) { refuse('use the network') }

  @Override
  void checkPropertiesAccess() { refuse('see all system properties') }
}
