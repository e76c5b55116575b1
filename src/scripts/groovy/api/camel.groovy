package org.apache.camel

import com.sap.gateway.ip.core.customdev.util.Message as ScriptableMessage

/** What scripts ask the raw exchange of a message: ids, and the message again. */
class Exchange {
  static final String CONTENT_TYPE = 'Content-Type'
  static final String CHARSET_NAME = 'CamelCharsetName'
  static final String CREATED_TIMESTAMP = 'CamelCreatedTimestamp'
  static final String EXCEPTION_CAUGHT = 'CamelExceptionCaught'
  static final String FILE_NAME = 'CamelFileName'
  static final String HTTP_METHOD = 'CamelHttpMethod'
  static final String HTTP_PATH = 'CamelHttpPath'
  static final String HTTP_QUERY = 'CamelHttpQuery'
  static final String HTTP_RESPONSE_CODE = 'CamelHttpResponseCode'
  static final String HTTP_RESPONSE_TEXT = 'CamelHttpResponseText'
  static final String HTTP_URI = 'CamelHttpUri'
  static final String HTTP_URL = 'CamelHttpUrl'
  static final String LOOP_INDEX = 'CamelLoopIndex'
  static final String SPLIT_COMPLETE = 'CamelSplitComplete'
  static final String SPLIT_INDEX = 'CamelSplitIndex'
  static final String SPLIT_SIZE = 'CamelSplitSize'

  final String exchangeId
  final CamelContext context
  /** The message itself: it has body and headers as scripts expect them of the raw message. */
  final ScriptableMessage in

  Exchange(String exchangeId, String contextName, ScriptableMessage message) {
    this.exchangeId = exchangeId
    context = new CamelContext(contextName)
    in = message
  }

  ScriptableMessage getMessage() { in }
  ScriptableMessage getOut() { in }
  Map<String, Object> getProperties() { in.properties }
  Object getProperty(String name) { in.getProperty(name) }
  void setProperty(String name, Object value) { in.setProperty(name, value) }
}

class CamelContext {
  final String name

  CamelContext(String name) { this.name = name }
}

class CamelExecutionException extends RuntimeException {
  CamelExecutionException(String message) { super(message) }
}

/** Makes the exception object of `CamelExceptionCaught` out of what the flow caught. */
class CaughtExceptions {
  private static final Map<String, Class> made = new java.util.concurrent.ConcurrentHashMap<>()

  static Throwable of(Map<String, Object> caught) {
    String name = (String) caught.get('className')
    Class type = typeOf(name)
    Throwable thrown = type == null ? new Exception((String) caught.get('message')) : create(type, (String) caught.get('message'))
    if (thrown instanceof FailedCall) ((FailedCall) thrown).response = (Map<String, Object>) caught.get('response')
    thrown
  }

  private static Throwable create(Class type, String message) {
    try {
      return (Throwable) type.getConstructor(String).newInstance(message)
    } catch (ReflectiveOperationException ignored) {
      return new Exception(message)
    }
  }

  private static Class typeOf(String name) {
    Class known = made.get(name)
    if (known != null) return known
    try {
      known = Class.forName(name, true, CaughtExceptions.classLoader)
      if (!Throwable.isAssignableFrom(known)) return null
    } catch (ClassNotFoundException | LinkageError ignored) {
      known = define(name)
    }
    if (known != null) made.put(name, known)
    known
  }

  /** An exception class that has nothing but the right name: scripts compare names. */
  private static Class define(String name) {
    if (made.size() > 200 || !(name ==~ /([a-z]\w*\.)+[A-Z]\w*/) || name.startsWith('java.')) return null
    int dot = name.lastIndexOf('.')
    new GroovyClassLoader(CaughtExceptions.classLoader).parseClass(
      "package ${name.substring(0, dot)}; class ${name.substring(dot + 1)} extends Exception { ${name.substring(dot + 1)}(String message) { super(message) } }".toString())
  }
}

/** A receiver's answer that counts as a failure. */
abstract class FailedCall extends Exception {
  Map<String, Object> response = [:]

  FailedCall(String message) { super(message) }

  int getStatusCode() { ((Number) (response?.get('status') ?: 0)).intValue() }
  String getStatusText() { (String) response?.get('statusText') }
  String getResponseBody() { (String) response?.get('body') }
  Map<String, String> getResponseHeaders() { (Map<String, String>) response?.get('headers') }
  String getRedirectLocation() { responseHeaders?.get('Location') }
  boolean hasRedirectLocation() { redirectLocation != null }
}
