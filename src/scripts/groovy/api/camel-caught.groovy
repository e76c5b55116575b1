package org.apache.camel

import java.util.concurrent.ConcurrentHashMap

class CamelExecutionException extends RuntimeException {
  CamelExecutionException(String message) { super(message) }
}

/** Makes the exception object of `CamelExceptionCaught` out of what the flow caught. */
class CaughtExceptions {
  private static final Map<String, Class> made = new ConcurrentHashMap<>()

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
