package sluice.host

import com.sap.gateway.ip.core.customdev.util.AttachmentWrapper
import org.apache.camel.impl.DefaultAttachment

import javax.activation.DataHandler
import javax.activation.DataSource
import java.nio.charset.Charset
import java.nio.charset.StandardCharsets

/** Content of an attachment that came with the message, fetched when first read. */
class ArrivedSource implements DataSource {
  private final ScriptRun run
  private final String name
  private final String contentType
  final int size
  private byte[] bytes

  ArrivedSource(Map<String, Object> given, ScriptRun run) {
    this.run = run
    name = (String) given.get('name')
    contentType = (String) given.get('contentType')
    size = ((Number) given.get('size')).intValue()
  }

  String getName() { name }
  String getContentType() { contentType }
  OutputStream getOutputStream() { throw new IOException('This content cannot be written.') }

  InputStream getInputStream() {
    if (bytes == null) bytes = (byte[]) run.call('message.attachment', [(Object) name])
    new ByteArrayInputStream(bytes)
  }
}

/** The attachments, in the two views that scripts have of them: contents, and wrappers with headers. */
class Attachments {
  private final ScriptRun run
  private final Map<String, AttachmentWrapper> before = [:]
  private final Map<String, Map<String, String>> headersBefore = [:]
  final Map<String, DataHandler> handlers = [:]
  final Map<String, AttachmentWrapper> wrappers = [:]

  Attachments(List<Map<String, Object>> given, ScriptRun run) {
    this.run = run
    for (Map<String, Object> one : given) {
      AttachmentWrapper wrapper = new AttachmentWrapper(new ArrivedSource(one, run))
      for (Map.Entry<String, String> header : ((Map<String, String>) one.get('headers')).entrySet()) {
        wrapper.setHeader(header.key, header.value)
      }
      String name = (String) one.get('name')
      before.put(name, wrapper)
      headersBefore.put(name, headersOf(wrapper))
      wrappers.put(name, wrapper)
      handlers.put(name, wrapper.dataHandler)
    }
  }

  void add(String name, Object attachment) {
    DataHandler handler = attachment instanceof DataHandler ? (DataHandler) attachment : ((DefaultAttachment) attachment).dataHandler
    AttachmentWrapper wrapper = attachment instanceof AttachmentWrapper ? (AttachmentWrapper) attachment : new AttachmentWrapper(handler)
    if (attachment instanceof DefaultAttachment) {
      DefaultAttachment given = (DefaultAttachment) attachment
      for (String header : given.headerNames) wrapper.setHeader(header, given.getHeader(header))
    }
    handlers.put(name, handler)
    wrappers.put(name, wrapper)
  }

  void replaceHandlers(Map<String, DataHandler> by) {
    Map<String, DataHandler> copy = new LinkedHashMap<>(by)
    handlers.clear()
    handlers.putAll(copy)
    wrappers.keySet().retainAll(copy.keySet())
  }

  void replaceWrappers(Map<String, AttachmentWrapper> by) {
    Map<String, AttachmentWrapper> copy = new LinkedHashMap<>(by)
    wrappers.clear()
    handlers.clear()
    for (Map.Entry<String, AttachmentWrapper> entry : copy.entrySet()) add(entry.key, entry.value)
  }

  long size() {
    long total = 0
    for (DataHandler handler : handlers.values()) {
      DataSource source = handler.dataSource
      total += source instanceof ArrivedSource ? ((ArrivedSource) source).size : handler.inputStream.readAllBytes().length
    }
    total
  }

  /** An attachment is gone when either view lost it, and new when either view got it. */
  void encode(Map<String, Object> answer) {
    List<Object> set = []
    List<String> removed = []
    for (String name : before.keySet()) if (!handlers.containsKey(name) || !wrappers.containsKey(name)) removed.add(name)
    Set<String> names = new LinkedHashSet<>(handlers.keySet())
    names.addAll(wrappers.keySet())
    names.removeAll(removed)
    for (String name : names) {
      AttachmentWrapper old = before.get(name)
      AttachmentWrapper wrapper = wrappers.get(name)
      DataHandler handler = handlers.get(name)
      // Whichever view was changed holds the newer content.
      DataHandler current = handler == null || old != null && handler.is(old.dataHandler) ? wrapper.dataHandler : handler
      Map<String, String> headers = wrapper == null ? new TreeMap<String, String>() : headersOf(wrapper)
      if (old != null && current.is(old.dataHandler) && headers == headersBefore.get(name)) continue
      set.add([name: (Object) name, contentType: current.contentType, headers: headers,
        part: Values.addPart(run.parts, bytesOf(current))])
    }
    if (!set.isEmpty()) answer.put('attachments', set)
    if (!removed.isEmpty()) answer.put('attachmentsRemoved', removed)
  }

  private static byte[] bytesOf(DataHandler handler) { handler.inputStream.readAllBytes() }

  private static Map<String, String> headersOf(DefaultAttachment attachment) {
    Map<String, String> headers = new TreeMap<>()
    for (String name : attachment.headerNames) headers.put(name, attachment.getHeader(name))
    headers
  }

  static Charset charsetOf(String contentType) {
    java.util.regex.Matcher matcher = contentType =~ /(?i)charset\s*=\s*"?([^\s;"]+)/
    matcher.find() ? Conversions.charsetOf(matcher.group(1)) : StandardCharsets.UTF_8
  }
}
