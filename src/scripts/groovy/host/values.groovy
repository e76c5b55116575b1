package sluice.host

import org.apache.camel.CaughtExceptions
import org.codehaus.groovy.runtime.InvokerHelper

import java.nio.charset.StandardCharsets
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.LocalDateTime
import java.time.LocalTime
import java.time.OffsetDateTime
import java.time.ZonedDateTime
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger

/** Objects that only scripts understand, kept until their message ends, so that its next script gets the same object. */
class KeptObjects {
  private final AtomicInteger next = new AtomicInteger()
  private final Map<Integer, Object> byHandle = new ConcurrentHashMap<>()
  private final Map<String, IdentityHashMap<Object, Integer>> byExchange = new ConcurrentHashMap<>()

  Object get(int handle) { byHandle.get(handle) }

  int keep(String exchange, Object object) {
    IdentityHashMap<Object, Integer> own = byExchange.computeIfAbsent(exchange) { new IdentityHashMap<Object, Integer>() }
    synchronized (own) {
      Integer handle = own.get(object)
      if (handle == null) {
        handle = next.incrementAndGet()
        own.put(object, handle)
        byHandle.put(handle, object)
      }
      return handle.intValue()
    }
  }

  boolean holds(String exchange) { byExchange.containsKey(exchange) }

  void release(String exchange) {
    IdentityHashMap<Object, Integer> own = byExchange.remove(exchange)
    if (own == null) return
    synchronized (own) {
      for (Integer handle : own.values()) byHandle.remove(handle)
    }
  }
}

/**
 * Values as typed JSON: text, boolean, int and null as they are; everything else as a list that begins with a letter:
 * `s` long text, `b` bytes, `t` date, `v` a value with class and text, `l` list, `m` map, `h` a kept object,
 * `x` a caught error, `p` the principal, which goes back without its facts.
 */
class Values {
  private static final int LONG_TEXT = 4096
  /** Elements of XmlSlurper, whose package changed with Groovy 3. */
  private static final Class SLURPED = GroovyVersion.classOf('groovy.xml.slurpersupport.GPathResult')

  static Object decode(Object json, Frame frame, KeptObjects kept) {
    if (!(json instanceof List)) return json
    List<Object> list = (List<Object>) json
    switch ((String) list.get(0)) {
      case 's': return frame.text((Integer) list.get(1))
      case 'b': return frame.part((Integer) list.get(1))
      case 't': return new Date(((Number) list.get(1)).longValue())
      case 'v': return valueOf((String) list.get(1), (String) list.get(2))
      case 'x': return CaughtExceptions.of((Map<String, Object>) list.get(1))
      case 'p': return new PrincipalFacts((String) list.get(1), list.get(2))
      case 'h':
        Object object = kept.get((Integer) list.get(1))
        return object == null ? list.get(2) : object
      case 'l':
        List<Object> items = new ArrayList<>()
        for (Object item : (List<Object>) list.get(1)) items.add(decode(item, frame, kept))
        return items
      case 'm':
        Map<String, Object> map = new LinkedHashMap<>()
        for (List<Object> entry : (List<List<Object>>) list.get(1)) {
          map.put((String) entry.get(0), decode(entry.get(1), frame, kept))
        }
        return map
      default: throw new IllegalStateException("a value of the unknown form '${list.get(0)}'")
    }
  }

  static Object encode(Object value, List<byte[]> parts, KeptObjects kept, String exchange) {
    if (value == null || value instanceof Boolean || value instanceof Integer) return value
    if (value instanceof String || value instanceof GString) return encodeText(value.toString(), parts)
    if (value instanceof byte[]) return ['b', addPart(parts, (byte[]) value)]
    if (value.getClass() == Date) return ['t', ((Date) value).time]
    if (value instanceof PrincipalFacts) return ['p']
    if (isPlain(value)) return ['v', value.getClass().name, value.toString()]
    if (isPlainCollection(value, 0)) return encodeCollection(value, parts, kept, exchange)
    ['h', kept.keep(exchange, value), encodeText(textOf(value), parts), value.getClass().name]
  }

  private static Object encodeText(String text, List<byte[]> parts) {
    if (text.length() <= LONG_TEXT) return text
    ['s', addPart(parts, text.getBytes(StandardCharsets.UTF_8))]
  }

  private static Object encodeCollection(Object value, List<byte[]> parts, KeptObjects kept, String exchange) {
    List<Object> encoded = []
    if (value instanceof List) {
      for (Object item : (List) value) encoded.add(encode(item, parts, kept, exchange))
      return ['l', encoded]
    }
    for (Map.Entry entry : ((Map) value).entrySet()) {
      encoded.add([(Object) entry.key.toString(), encode(entry.value, parts, kept, exchange)])
    }
    ['m', encoded]
  }

  static int addPart(List<byte[]> parts, byte[] bytes) {
    parts.add(bytes)
    parts.size() - 1
  }

  /** Lists and maps of nothing but values cross as they are; one closure or node inside keeps the whole in the host. */
  private static boolean isPlainCollection(Object value, int depth) {
    if (depth > 64) return false
    if (value instanceof ArrayList || value instanceof LinkedList || value instanceof FactList) {
      for (Object item : (List) value) if (!isPlainItem(item, depth)) return false
      return true
    }
    if (value instanceof HashMap || value instanceof Facts || value instanceof groovy.json.JsonDelegate || value.getClass().name.endsWith('LazyMap')) {
      for (Map.Entry entry : ((Map) value).entrySet()) {
        if (!(entry.key instanceof CharSequence) || !isPlainItem(entry.value, depth)) return false
      }
      return true
    }
    false
  }

  private static boolean isPlainItem(Object item, int depth) {
    item == null || item instanceof Boolean || item instanceof Integer || item instanceof String || item instanceof GString ||
      item instanceof byte[] || item.getClass() == Date || isPlain(item) || isPlainCollection(item, depth + 1)
  }

  private static boolean isPlain(Object value) {
    value instanceof Number && value.getClass().name.startsWith('java.') && !(value instanceof java.util.concurrent.atomic.AtomicInteger) &&
      !(value instanceof java.util.concurrent.atomic.AtomicLong) || value instanceof Character || value instanceof UUID ||
      value instanceof LocalDate || value instanceof LocalTime || value instanceof LocalDateTime || value instanceof Instant ||
      value instanceof OffsetDateTime || value instanceof ZonedDateTime || value instanceof Duration
  }

  private static Object valueOf(String type, String text) {
    switch (type) {
      case 'java.lang.Integer': return Integer.valueOf(text)
      case 'java.lang.Long': return Long.valueOf(text)
      case 'java.lang.Double': return Double.valueOf(text)
      case 'java.lang.Float': return Float.valueOf(text)
      case 'java.lang.Short': return Short.valueOf(text)
      case 'java.lang.Byte': return Byte.valueOf(text)
      case 'java.lang.Character': return Character.valueOf(text.charAt(0))
      case 'java.math.BigDecimal': return new BigDecimal(text)
      case 'java.math.BigInteger': return new BigInteger(text)
      case 'java.util.UUID': return UUID.fromString(text)
      case 'java.time.LocalDate': return LocalDate.parse(text)
      case 'java.time.LocalTime': return LocalTime.parse(text)
      case 'java.time.LocalDateTime': return LocalDateTime.parse(text)
      case 'java.time.Instant': return Instant.parse(text)
      case 'java.time.OffsetDateTime': return OffsetDateTime.parse(text)
      case 'java.time.ZonedDateTime': return ZonedDateTime.parse(text)
      case 'java.time.Duration': return Duration.parse(text)
      default: return text
    }
  }

  /** What the rest of the flow sees of an object. */
  static String textOf(Object value) {
    if (SLURPED.isInstance(value)) return InvokerHelper.invokeMethod(value, 'text', null)
    if (value instanceof org.w3c.dom.Node) return Conversions.xmlOf((org.w3c.dom.Node) value)
    String.valueOf(value)
  }
}
