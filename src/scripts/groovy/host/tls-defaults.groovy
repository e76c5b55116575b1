package sluice.host

import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLException
import javax.net.ssl.SSLSocketFactory

/** What Java checks TLS with unless it is told otherwise: here it checks none, and nothing else may be put in its place. */
class TlsDefaults extends SSLSocketFactory {
  static final String WORDS = 'A script may not change how TLS is checked: the tenant process makes the connection, and trusts the certificates of its keystore.'
  private static final String VERIFIER = 'javax.net.ssl.HttpsURLConnection$DefaultHostnameVerifier'
  private static TlsDefaults own

  /** The guard refuses to set others. Where it does not stand, they are known by these. */
  static void watch() {
    own = new TlsDefaults()
    HttpsURLConnection.setDefaultSSLSocketFactory(own)
  }

  static void refuseOthers() throws SSLException {
    if (own == null) return
    boolean same = HttpsURLConnection.getDefaultSSLSocketFactory().is(own) && HttpsURLConnection.getDefaultHostnameVerifier().getClass().name == VERIFIER
    if (!same) throw new SSLException(WORDS)
  }

  @Override
  String[] getDefaultCipherSuites() { new String[0] }

  @Override
  String[] getSupportedCipherSuites() { new String[0] }

  @Override
  Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException { throw new SSLException(WORDS) }

  @Override
  Socket createSocket(String host, int port) throws IOException { throw new SSLException(WORDS) }

  @Override
  Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException { throw new SSLException(WORDS) }

  @Override
  Socket createSocket(InetAddress host, int port) throws IOException { throw new SSLException(WORDS) }

  @Override
  Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException { throw new SSLException(WORDS) }
}
