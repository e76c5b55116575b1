package sluice.host

import org.apache.camel.converter.stream.InputStreamCache
import org.w3c.dom.Document
import org.w3c.dom.Node
import org.xml.sax.InputSource

import javax.xml.XMLConstants
import javax.xml.parsers.DocumentBuilderFactory
import javax.xml.transform.OutputKeys
import javax.xml.transform.Transformer
import javax.xml.transform.TransformerFactory
import javax.xml.transform.dom.DOMSource
import javax.xml.transform.stream.StreamResult
import java.nio.charset.Charset
import java.nio.charset.StandardCharsets

/** The conversions that `getBody(Class)` and `getHeader(name, Class)` make. */
class Conversions {
  /** The value as the type; null where there is no conversion. */
  static Object convert(Object value, Class type, Charset charset) {
    if (value == null) return null
    if (type == Object || type.isInstance(value) && !(value instanceof InputStream)) return value
    if (type == String || type == CharSequence) return textOf(value, charset)
    if (type == byte[].class) return bytesOf(value, charset)
    if (type == InputStream || type == ByteArrayInputStream || type == InputStreamCache) {
      return new InputStreamCache(bytesOf(value, charset), charset)
    }
    if (type == Reader || type == StringReader) return new StringReader(textOf(value, charset))
    if (type == Document || type == Node) return documentOf(value, charset)
    plain(textOf(value, charset).trim(), type)
  }

  private static Object plain(String text, Class type) {
    try {
      if (type == Integer || type == int) return Integer.valueOf(text)
      if (type == Long || type == long) return Long.valueOf(text)
      if (type == Double || type == double) return Double.valueOf(text)
      if (type == BigDecimal) return new BigDecimal(text)
      if (type == BigInteger) return new BigInteger(text)
    } catch (NumberFormatException ignored) {
      return null
    }
    if (type == Boolean || type == boolean) return Boolean.valueOf(text)
    null
  }

  static String textOf(Object value, Charset charset) {
    if (value instanceof byte[]) return new String((byte[]) value, charset)
    if (value instanceof InputStream) return new String(bytesOf(value, charset), charset)
    if (value instanceof Reader) return ((Reader) value).text
    Values.textOf(value)
  }

  static byte[] bytesOf(Object value, Charset charset) {
    if (value instanceof byte[]) return (byte[]) value
    if (value instanceof InputStreamCache) return ((InputStreamCache) value).allBytes()
    if (value instanceof InputStream) return ((InputStream) value).readAllBytes()
    textOf(value, charset).getBytes(charset)
  }

  private static Document documentOf(Object value, Charset charset) {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance()
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true)
    factory.namespaceAware = true
    InputSource source = value instanceof String || value instanceof GString
      ? new InputSource(new StringReader(value.toString()))
      : new InputSource(new ByteArrayInputStream(bytesOf(value, charset)))
    factory.newDocumentBuilder().parse(source)
  }

  static String xmlOf(Node node) {
    Transformer transformer = TransformerFactory.newInstance().newTransformer()
    transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, 'yes')
    StringWriter writer = new StringWriter()
    transformer.transform(new DOMSource(node), new StreamResult(writer))
    writer.toString()
  }

  /** The charset of this name; UTF-8 where there is none such. */
  static Charset charsetOf(Object name) {
    try {
      return name == null ? StandardCharsets.UTF_8 : Charset.forName(name.toString())
    } catch (IllegalArgumentException ignored) {
      return StandardCharsets.UTF_8
    }
  }
}
