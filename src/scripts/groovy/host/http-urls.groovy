package sluice.host

import javax.net.ssl.HostnameVerifier
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLSocketFactory
import java.security.cert.Certificate

/** Where URLs of `http` and `https` lead: the tenant process makes the call, here is no network. */
class HttpUrls implements URLStreamHandlerFactory {
  @Override
  URLStreamHandler createURLStreamHandler(String protocol) {
    if (protocol == 'http') return new HttpUrlHandler(80)
    protocol == 'https' ? new HttpUrlHandler(443) : null
  }
}

class HttpUrlHandler extends URLStreamHandler {
  private final int port

  HttpUrlHandler(int port) { this.port = port }

  @Override
  protected int getDefaultPort() { port }

  /** Names are looked up by the tenant process only; URLs compare by their names. */
  @Override
  protected InetAddress getHostAddress(URL url) { null }

  @Override
  protected URLConnection openConnection(URL url) { port == 443 ? new SecureHttpConnection(url) : new HttpConnection(url) }

  @Override
  protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
    if (proxy == null) throw new IllegalArgumentException('proxy can not be null')
    if (proxy.type() != Proxy.Type.DIRECT) throw new IOException('Proxies are not available to scripts.')
    openConnection(url)
  }
}

class HttpConnection extends HttpURLConnection {
  private final HttpCall call = new HttpCall(this)

  HttpConnection(URL url) { super(url) }

  @Override
  void connect() {
    if (!this.@connected) call.begin()
    this.@connected = true
  }

  @Override
  void setRequestMethod(String name) throws ProtocolException {
    if (name == 'PATCH' && !this.@connected) this.@method = name
    else super.setRequestMethod(name)
  }

  @Override
  URL getURL() { call?.redirected ?: super.getURL() }

  @Override
  void disconnect() {}

  @Override
  boolean usingProxy() { false }

  @Override
  OutputStream getOutputStream() throws IOException { call.output() }

  @Override
  InputStream getInputStream() throws IOException { call.input() }

  @Override
  InputStream getErrorStream() { call.error() }

  @Override
  int getResponseCode() throws IOException { call.status() }

  @Override
  String getResponseMessage() throws IOException { call.words() }

  @Override
  String getHeaderField(String name) { call.header(name) }

  @Override
  String getHeaderField(int index) { call.header(index) }

  @Override
  String getHeaderFieldKey(int index) { call.headerName(index) }

  @Override
  Map<String, List<String>> getHeaderFields() { call.allHeaders() }
}

class SecureHttpConnection extends HttpsURLConnection {
  private final HttpCall call = new HttpCall(this)

  SecureHttpConnection(URL url) { super(url) }

  @Override
  void setSSLSocketFactory(SSLSocketFactory factory) { throw new UnsupportedOperationException(TlsDefaults.WORDS) }

  @Override
  void setHostnameVerifier(HostnameVerifier verifier) { throw new UnsupportedOperationException(TlsDefaults.WORDS) }

  @Override
  String getCipherSuite() { throw new UnsupportedOperationException(TlsDefaults.WORDS) }

  @Override
  Certificate[] getLocalCertificates() { null }

  @Override
  Certificate[] getServerCertificates() { throw new UnsupportedOperationException(TlsDefaults.WORDS) }

  @Override
  void connect() {
    if (!this.@connected) call.begin()
    this.@connected = true
  }

  @Override
  void setRequestMethod(String name) throws ProtocolException {
    if (name == 'PATCH' && !this.@connected) this.@method = name
    else super.setRequestMethod(name)
  }

  @Override
  URL getURL() { call?.redirected ?: super.getURL() }

  @Override
  void disconnect() {}

  @Override
  boolean usingProxy() { false }

  @Override
  OutputStream getOutputStream() throws IOException { call.output() }

  @Override
  InputStream getInputStream() throws IOException { call.input() }

  @Override
  InputStream getErrorStream() { call.error() }

  @Override
  int getResponseCode() throws IOException { call.status() }

  @Override
  String getResponseMessage() throws IOException { call.words() }

  @Override
  String getHeaderField(String name) { call.header(name) }

  @Override
  String getHeaderField(int index) { call.header(index) }

  @Override
  String getHeaderFieldKey(int index) { call.headerName(index) }

  @Override
  Map<String, List<String>> getHeaderFields() { call.allHeaders() }
}
