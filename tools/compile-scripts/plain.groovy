// Runs scripts in plain Groovy, with the API classes of the script host and a message of its own, to compare with what
// the host makes of them. Arguments: file with the runs as JSON, file for the answers.
import com.sap.gateway.ip.core.customdev.util.AttachmentWrapper
import com.sap.gateway.ip.core.customdev.util.Message
import com.sap.gateway.ip.core.customdev.util.SoapHeader
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.apache.camel.Exchange

import javax.activation.DataHandler

class PlainMessage {
  Object content
  Map<String, Object> heads = new TreeMap<String, Object>(String.CASE_INSENSITIVE_ORDER)
  Map<String, Object> props = [:]

  Object answer(String method, Object[] given) {
    switch (method) {
      case 'getBody': return given ? converted((Class) given[0]) : content
      case 'setBody': content = given[0] instanceof GString ? given[0].toString() : given[0] instanceof InputStream || given[0] instanceof Reader ? given[0].text : given[0]; return null
      case 'getBodySize': return (long) text(content).getBytes('UTF-8').length
      case 'getHeaders': return heads
      case 'setHeaders': Map copy = new LinkedHashMap(given[0]); heads.clear(); heads.putAll(copy); return null
      case 'getHeader': return given.length == 2 && given[1] == String && heads[given[0]] != null ? text(heads[given[0]]) : heads[given[0]]
      case 'setHeader': heads.put((String) given[0], given[1]); return null
      case 'getProperties': return props
      case 'setProperties': Map all = new LinkedHashMap(given[0]); props.clear(); props.putAll(all); return null
      case 'getProperty': return props.get(given[0])
      case 'setProperty': props.put((String) given[0], given[1]); return null
      case 'getAttachments': case 'getAttachmentWrapperObjects': return [:]
      case 'getSoapHeaders': return []
      case 'toString': return 'message'
      case 'hashCode': return 1
      default: throw new UnsupportedOperationException(method)
    }
  }

  Object converted(Class type) {
    if (content == null) return null
    if (type == String) return text(content)
    byte[] bytes = content instanceof byte[] ? (byte[]) content : text(content).getBytes('UTF-8')
    if (type == byte[]) return bytes
    if (type == InputStream) return new ByteArrayInputStream(bytes)
    if (type == Reader) return new StringReader(text(content))
    throw new UnsupportedOperationException("getBody(${type})")
  }

  static String text(Object value) { value instanceof byte[] ? new String((byte[]) value, 'UTF-8') : sluice.host.Values.textOf(value) }
}

class PlainLog {
  Object methodMissing(String name, Object arguments) { null }
  PlainLog getMessageLog(Object message) { this }
}

def shown(Object value) { value instanceof Date ? String.valueOf(value.time) : PlainMessage.text(value) }

def compiled = [:].withDefault { source -> new GroovyClassLoader(getClass().classLoader).parseClass((String) source, 'Plain1.groovy') }

def runOnce(Class type, Map one) {
  def plain = new PlainMessage(content: one.body)
  plain.heads.putAll(one.headers)
  plain.props.putAll(one.properties)
  def message = java.lang.reflect.Proxy.newProxyInstance(Message.classLoader, [Message] as Class[],
    { proxy, method, given -> plain.answer(method.name, (given ?: []) as Object[]) } as java.lang.reflect.InvocationHandler)
  def script = type.getDeclaredConstructor().newInstance()
  if (script instanceof Script) script.binding = new Binding([messageLogFactory: new PlainLog()])
  script.invokeMethod((String) one.function, [message] as Object[])
  [body: plain.content == null ? '' : PlainMessage.text(plain.content),
    headers: plain.heads.findAll { it.value != null }.collectEntries { [(it.key.toString()): shown(it.value)] },
    properties: plain.props.findAll { it.value != null }.collectEntries { [(it.key.toString()): shown(it.value)] }]
}

def silent = new PrintStream(new ByteArrayOutputStream())
System.out = silent
System.err = silent
def answers = new JsonSlurper().parse(new File(args[0]), 'UTF-8').collect { one ->
  def answer = null
  def thread = new Thread({
    try {
      def type = compiled[one.source]
      // Twice: what differs by itself, because of a time or a random number, says nothing.
      def twice = [runOnce(type, (Map) one), runOnce(type, (Map) one)]
      if (twice[0] == twice[1]) answer = twice[0]
    } catch (Throwable ignored) {
      answer = null
    }
  })
  thread.daemon = true
  thread.start()
  thread.join(5000)
  // An endless loop would slow all that follow.
  if (thread.alive) thread.stop()
  answer
}
new File(args[1]).setText(JsonOutput.toJson(answers), 'UTF-8')
Runtime.runtime.halt(0)
