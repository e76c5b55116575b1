package sluice.host

import com.sap.gateway.ip.core.customdev.util.AttachmentWrapper
import com.sap.gateway.ip.core.customdev.util.Message
import com.sap.gateway.ip.core.customdev.util.SoapHeader
import org.apache.camel.Exchange
import org.apache.camel.converter.stream.InputStreamCache
import org.apache.camel.impl.DefaultAttachment

import javax.activation.DataHandler
import java.nio.charset.Charset
import java.nio.charset.StandardCharsets

/** The body: as it arrived (fetched when first asked for, if it is large), or as the script set it. */
class ScriptBody {
  private final ScriptRun run
  private final boolean text
  private final Charset charset
  private final Object object
  private final int lazySize
  private byte[] bytes
  private String decoded
  private Object current
  private boolean changed

  ScriptBody(Frame frame, ScriptRun run) {
    this.run = run
    Map<String, Object> given = (Map<String, Object>) frame.header.get('body')
    text = given.get('text') as boolean
    charset = Conversions.charsetOf(given.get('charset'))
    Object kept = given.get('object')
    object = kept == null ? null : run.kept.get((Integer) kept)
    lazySize = (given.get('size') ?: -1) as int
    if (given.containsKey('part')) bytes = frame.part((Integer) given.get('part'))
  }

  private byte[] arrived() {
    if (bytes == null) bytes = (byte[]) run.call('message.body', [])
    bytes
  }

  Object get(Charset wanted) {
    if (changed) return current instanceof byte[] && ((byte[]) current).length > 0 && streamed ? new InputStreamCache((byte[]) current, charset) : current
    if (object != null) return object
    text ? decodedText() : new InputStreamCache(arrived(), wanted ?: charset)
  }

  private boolean streamed

  private String decodedText() {
    if (decoded == null) decoded = new String(arrived(), StandardCharsets.UTF_8)
    decoded
  }

  Object get(Class type, Charset wanted) {
    Charset used = wanted ?: text ? StandardCharsets.UTF_8 : charset
    if (!changed && object == null) {
      if (type == String && text) return decodedText()
      if (type == byte[].class) return arrived().clone()
    }
    Conversions.convert(get(wanted), type, wanted ?: charset)
  }

  long size() { changed ? Conversions.bytesOf(current, charset).length : lazySize >= 0 ? lazySize : bytes.length }

  /** Streams are read at once: they can be read only once, and a body many times. */
  void set(Object value) {
    changed = true
    streamed = value instanceof InputStream
    if (value instanceof InputStream) current = Conversions.bytesOf(value, charset)
    else if (value instanceof Reader) current = ((Reader) value).text
    else if (value instanceof GString) current = value.toString()
    else current = value
  }

  /** Null when the script left the body as it was. */
  Map<String, Object> encode(List<byte[]> parts) {
    if (!changed) return null
    if (current == null) return [empty: (Object) true]
    if (current instanceof byte[]) return [part: (Object) Values.addPart(parts, (byte[]) current)]
    byte[] utf8 = Values.textOf(current).getBytes(StandardCharsets.UTF_8)
    Map<String, Object> encoded = [part: (Object) Values.addPart(parts, utf8), text: true]
    if (!(current instanceof String)) encoded.put('object', run.kept.keep(run.exchangeId, current))
    encoded
  }
}

/** Header names compare without case, and may be GStrings. */
class HeaderMap extends TreeMap<String, Object> {
  HeaderMap() { super(String.CASE_INSENSITIVE_ORDER) }

  @Override
  Object get(Object name) { name == null ? null : super.get(name.toString()) }

  @Override
  boolean containsKey(Object name) { name != null && super.containsKey(name.toString()) }

  @Override
  Object remove(Object name) { name == null ? null : super.remove(name.toString()) }
}

/** Headers or properties with what they were at first, so that only changes go back. */
class TrackedValues {
  final Map<String, Object> values
  private final Map<String, Object> before = [:]
  private final Map<String, String> textBefore = [:]

  TrackedValues(Map<String, Object> values, List<List<Object>> given, Frame frame, KeptObjects kept) {
    this.values = values
    for (List<Object> entry : given) {
      String name = (String) entry.get(0)
      Object json = entry.get(1)
      Object value = Values.decode(json, frame, kept)
      values.put(name, value)
      if (json instanceof List && ((List) json).get(0) in ['l', 'm', 't']) {
        // What can change inside is decoded twice, to be compared at the end.
        before.put(name, Values.decode(json, frame, kept))
      } else {
        before.put(name, value)
        if (json instanceof List && ((List) json).get(0) == 'h') textBefore.put(name, (String) Values.decode(((List) json).get(2), frame, kept))
      }
    }
  }

  void encode(String key, Map<String, Object> answer, ScriptRun run) {
    List<Object> set = []
    for (Map.Entry<String, Object> entry : new ArrayList<Map.Entry<String, Object>>(values.entrySet())) {
      String name = entry.key
      Object value = entry.value
      if (value != null && !unchanged(name, value)) set.add([(Object) name, Values.encode(value, run.parts, run.kept, run.exchangeId)])
    }
    List<String> removed = []
    for (String name : before.keySet()) if (values.get(name) == null && before.get(name) != null) removed.add(name)
    if (!set.isEmpty()) answer.put(key, set)
    if (!removed.isEmpty()) answer.put(key + 'Removed', removed)
  }

  private boolean unchanged(String name, Object value) {
    Object old = before.get(name)
    if (old == null) return false
    if (old.is(value)) {
      boolean mutable = value instanceof Collection || value instanceof Map && !(value instanceof Facts) || value instanceof CharSequence && !(value instanceof String)
      return !mutable || Values.textOf(value) == textBefore.get(name)
    }
    old.getClass() == value.getClass() && !textBefore.containsKey(name) && old.equals(value)
  }
}

/** The message. Scripts get its `face`. */
class ScriptMessage implements Message {
  final Message face = Face.of(Message, (Message) this)
  private final ScriptRun run
  private final ScriptBody content
  private final TrackedValues headerValues
  private final TrackedValues propertyValues
  private final Attachments attached
  final Exchange exchange
  private List<SoapHeader> soap = []

  ScriptMessage(Frame frame, ScriptRun run) {
    this.run = run
    content = new ScriptBody(frame, run)
    headerValues = new TrackedValues(new HeaderMap(), (List<List<Object>>) frame.header.get('headers'), frame, run.kept)
    propertyValues = new TrackedValues(new LinkedHashMap<>(), (List<List<Object>>) frame.header.get('properties'), frame, run.kept)
    attached = new Attachments((List<Map<String, Object>>) frame.header.get('attachments'), run)
    exchange = Face.of(Exchange, (Exchange) new RawExchange(run.exchangeId, run.flowId, face))
  }

  private Charset charset() {
    Object name = propertyValues.values.get('CamelCharsetName')
    name == null ? null : Conversions.charsetOf(name)
  }

  Object getBody() { content.get(charset()) }
  def <T> T getBody(Class<T> type) { (T) content.get(type, charset()) }
  void setBody(Object body) { content.set(body) }
  long getBodySize() { content.size() }

  Map<String, Object> getHeaders() { headerValues.values }
  void setHeaders(Map<String, Object> headers) { replace(headerValues.values, headers) }
  Object getHeader(String name) { headerValues.values.get(name) }
  def <T> T getHeader(String name, Class<T> type) {
    (T) Conversions.convert(getHeader(name), type, charset() ?: StandardCharsets.UTF_8)
  }
  void setHeader(String name, Object value) { headerValues.values.put(name, value) }

  Map<String, Object> getProperties() { propertyValues.values }
  void setProperties(Map<String, Object> properties) { replace(propertyValues.values, properties) }
  Object getProperty(String name) { propertyValues.values.get(name) }
  void setProperty(String name, Object value) { propertyValues.values.put(name, value) }

  private static void replace(Map<String, Object> map, Map<String, Object> by) {
    if (map.is(by)) return
    Map<String, Object> copy = new LinkedHashMap<>(by)
    map.clear()
    for (Map.Entry entry : copy.entrySet()) map.put(entry.key.toString(), entry.value)
  }

  Map<String, DataHandler> getAttachments() { attached.handlers }
  void setAttachments(Map<String, DataHandler> attachments) { attached.replaceHandlers(attachments) }
  long getAttachmentsSize() { attached.size() }
  Map<String, AttachmentWrapper> getAttachmentWrapperObjects() { attached.wrappers }
  void setAttachmentWrapperObjects(Map<String, AttachmentWrapper> attachments) { attached.replaceWrappers(attachments) }
  void addAttachmentObject(String name, Object attachment) { attached.add(name, attachment) }
  void addAttachmentHeader(String name, String value, AttachmentWrapper attachment) { attachment.setHeader(name, value) }
  String getAttachmentHeader(String name, AttachmentWrapper attachment) { attachment.getHeader(name) }
  void removeAttachmentHeader(String name, AttachmentWrapper attachment) { attachment.removeHeader(name) }

  List<SoapHeader> getSoapHeaders() { soap }
  void setSoapHeaders(List<SoapHeader> headers) { soap = headers }
  void clearSoapHeaders() { soap = [] }

  void encode(Map<String, Object> answer) {
    Map<String, Object> body = content.encode(run.parts)
    if (body != null) answer.put('body', body)
    headerValues.encode('headers', answer, run)
    propertyValues.encode('properties', answer, run)
    attached.encode(answer)
  }
}
