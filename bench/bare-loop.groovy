// The same script in a loop on a bare JVM, with the classes of the API and a message of its own: what a call costs where
// nothing holds it. Arguments: file with the script, body, how many calls to warm up with and to count.
import com.sap.gateway.ip.core.customdev.util.Message
import groovy.transform.CompileStatic

import java.lang.reflect.InvocationHandler
import java.lang.reflect.Method

@CompileStatic
class BareMessage implements InvocationHandler {
  Object body

  Object invoke(Object proxy, Method method, Object[] given) {
    switch (method.name) {
      case 'getBody': return body
      case 'setBody': body = given[0]; return null
      default: throw new UnsupportedOperationException(method.name)
    }
  }
}

def type = new GroovyClassLoader(getClass().classLoader).parseClass(new File(args[0]))
def script = type.getDeclaredConstructor().newInstance()
def call = {
  def message = java.lang.reflect.Proxy.newProxyInstance(Message.classLoader, [Message] as Class[], new BareMessage(body: args[1]))
  script.processData(message)
}
args[2].toInteger().times(call)
long start = System.nanoTime()
args[3].toInteger().times(call)
println(args[3].toLong() * 1_000_000_000L / (System.nanoTime() - start))
