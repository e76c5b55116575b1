package sluice.host

import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLHandshakeException

/** One request with its answer, asked for when something of the answer is wanted. */
class HttpCall {
  private static final int LARGEST_BODY = 16777216
  private static final String ACCEPTED = 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2'
  private final HttpURLConnection connection
  private Map<String, List<String>> properties
  private RequestBody body
  private Map<String, Object> answer
  private List<String> headers
  private InputStream content
  private IOException failure
  URL redirected

  HttpCall(HttpURLConnection connection) { this.connection = connection }

  /** What the request says of itself is fixed from now on. */
  void begin() { properties = connection.requestProperties }

  OutputStream output() throws IOException {
    if (!connection.doOutput) throw new ProtocolException('cannot write to a URLConnection if doOutput=false - call setDoOutput(true)')
    if (answer != null) throw new ProtocolException('Cannot write output after reading input.')
    connection.connect()
    if (body == null) body = new RequestBody(LARGEST_BODY)
    body
  }

  InputStream input() throws IOException {
    int status = status()
    String url = connection.URL
    if (status == 404 || status == 410) throw new FileNotFoundException(url)
    if (status >= 400) throw new IOException("Server returned HTTP response code: ${status} for URL: ${url}")
    content
  }

  InputStream error() { answer != null && status() >= 400 ? content : null }

  int status() throws IOException { (Integer) exchange().get('status') }

  String words() throws IOException {
    String words = (String) exchange().get('statusText')
    words == '' ? null : words
  }

  /** As Java has it: of several with a name the last, and nothing where there is no answer. */
  String header(String name) {
    List<String> all = allHeaders().get(name)
    all == null ? null : all.last()
  }

  String header(int index) {
    if (!answered()) return null
    if (index == 0) return statusLine()
    int at = 2 * index - 1
    index > 0 && at < headers.size() ? headers.get(at) : null
  }

  String headerName(int index) {
    if (!answered() || index < 1) return null
    int at = 2 * index - 2
    at < headers.size() ? headers.get(at) : null
  }

  Map<String, List<String>> allHeaders() {
    Map<String, List<String>> all = new TreeMap<String, List<String>>(new NamesInAnyCase())
    if (!answered()) return all
    all.put(null, [statusLine()])
    for (int at = 0; at < headers.size(); at += 2) {
      List<String> values = all.get(headers.get(at))
      if (values == null) all.put(headers.get(at), [headers.get(at + 1)])
      else values.add(headers.get(at + 1))
    }
    Collections.unmodifiableMap(all)
  }

  private String statusLine() { "HTTP/1.1 ${answer.get('status')} ${answer.get('statusText')}".trim() }

  private boolean answered() {
    try {
      exchange()
      return true
    } catch (IOException ignored) {
      return false
    }
  }

  private synchronized Map<String, Object> exchange() throws IOException {
    if (failure != null) throw failure
    if (answer != null) return answer
    connection.connect()
    if (connection instanceof HttpsURLConnection) TlsDefaults.refuseOthers()
    String method = connection.requestMethod == 'GET' && body != null ? 'POST' : connection.requestMethod
    List<Object> arguments = [
      (Object) method, connection.URL.toExternalForm(), requestHeaders(), body == null ? null : body.toByteArray(),
      connection.instanceFollowRedirects, connection.connectTimeout, connection.readTimeout,
    ]
    try {
      Map<String, Object> given = (Map<String, Object>) ScriptRun.current().call('http.request', arguments)
      headers = spelled((List<String>) given.get('headers'))
      content = new ByteArrayInputStream((byte[]) given.get('body'))
      redirected = new URL((String) given.get('url'))
      answer = given
    } catch (CallRefused refused) {
      failure = failureOf(refused)
      throw failure
    }
    answer
  }

  private List<String> requestHeaders() {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER)
    List<String> flat = []
    for (Map.Entry<String, List<String>> entry : properties.entrySet()) {
      if (entry.key == null) continue
      names.add(entry.key)
      // Java hands out the values of one name with the last one first.
      for (String value : entry.value.reverse()) if (value != null) flat.addAll([entry.key, value])
    }
    if (!names.contains('Accept')) flat.addAll(['Accept', ACCEPTED])
    if (!names.contains('User-Agent')) flat.addAll(['User-Agent', 'Java/' + System.getProperty('java.version')])
    if (body != null && !names.contains('Content-Type')) flat.addAll(['Content-Type', 'application/x-www-form-urlencoded'])
    flat
  }

  /** Names as servers spell them: `Content-Type`. */
  private static List<String> spelled(List<String> given) {
    List<String> flat = new ArrayList<>(given)
    for (int at = 0; at < flat.size(); at += 2) {
      flat.set(at, flat.get(at).split('-', -1).collect { String part -> part.capitalize() }.join('-'))
    }
    flat
  }

  private static IOException failureOf(CallRefused refused) {
    switch (refused.code) {
      case 'http.timeout': return new SocketTimeoutException(refused.message)
      case 'http.unreachable': return new ConnectException(refused.message)
      case 'http.tls': return new SSLHandshakeException(refused.message)
      default: return new IOException(refused.message)
    }
  }
}

/** Names of headers; that of the line before them is null. */
class NamesInAnyCase implements Comparator<String> {
  @Override
  int compare(String one, String other) {
    if (one == null || other == null) return one == other ? 0 : one == null ? -1 : 1
    String.CASE_INSENSITIVE_ORDER.compare(one, other)
  }
}

/** What is to be sent, up to a size. */
class RequestBody extends ByteArrayOutputStream {
  private final int largest

  RequestBody(int largest) { this.largest = largest }

  @Override
  synchronized void write(int value) {
    take(1)
    super.write(value)
  }

  @Override
  synchronized void write(byte[] bytes, int offset, int length) {
    take(length)
    super.write(bytes, offset, length)
  }

  private void take(int length) {
    if (length > largest - size()) throw new IOException("A script may send ${largest} bytes in one request.")
  }
}
