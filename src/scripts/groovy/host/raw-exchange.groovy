package sluice.host

import com.sap.gateway.ip.core.customdev.util.Message
import org.apache.camel.CamelContext
import org.apache.camel.Exchange

import java.lang.reflect.InvocationHandler
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.lang.reflect.Proxy
import java.nio.charset.StandardCharsets

/**
 * What scripts get of an object that has a method `getProperty(name)`: no object of Groovy, because of such a one
 * `message.body` would be `getProperty('body')`, a property of the exchange.
 */
class Face implements InvocationHandler {
  private final Object behind

  private Face(Object behind) { this.behind = behind }

  static <T> T of(Class<T> type, T behind) {
    (T) Proxy.newProxyInstance(type.classLoader, [type] as Class[], new Face(behind))
  }

  @Override
  Object invoke(Object face, Method method, Object[] arguments) {
    if (method.name == 'equals' && arguments.length == 1) return face.is(arguments[0])
    try {
      return method.invoke(behind, arguments)
    } catch (InvocationTargetException thrown) {
      throw thrown.targetException
    }
  }
}

/** The message as scripts know it from Camel. */
class RawExchange implements Exchange {
  final String exchangeId
  final CamelContext context
  private final Message given

  RawExchange(String exchangeId, String contextName, Message message) {
    this.exchangeId = exchangeId
    context = new CamelContext(contextName)
    given = message
  }

  Message getIn() { given }
  Message getOut() { given }
  Message getMessage() { given }
  boolean hasOut() { false }
  Map<String, Object> getProperties() { given.getProperties() }
  boolean hasProperties() { !given.getProperties().isEmpty() }
  Object getProperty(String name) { given.getProperty(name) }
  Object getProperty(String name, Object otherwise) { given.getProperties().containsKey(name) ? given.getProperty(name) : otherwise }
  def <T> T getProperty(String name, Class<T> type) { (T) Conversions.convert(given.getProperty(name), type, StandardCharsets.UTF_8) }
  void setProperty(String name, Object value) { given.setProperty(name, value) }
  Object removeProperty(String name) { given.getProperties().remove(name) }
  String getFromRouteId() { context.name }
  Exception getException() { (Exception) given.getProperty(Exchange.EXCEPTION_CAUGHT) }
}
