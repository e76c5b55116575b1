package org.apache.camel.converter.stream

import java.nio.charset.Charset
import java.nio.charset.StandardCharsets

/** Content of a body that can be read again. Its `toString` is its text, as the conversions of the original yield it. */
class InputStreamCache extends ByteArrayInputStream {
  private final Charset charset

  InputStreamCache(byte[] bytes) { this(bytes, StandardCharsets.UTF_8) }

  InputStreamCache(byte[] bytes, Charset charset) {
    super(bytes)
    this.charset = charset
  }

  byte[] allBytes() { buf }
  long length() { count }
  void writeTo(OutputStream target) { target.write(buf, 0, count) }

  @Override
  String toString() { new String(buf, charset) }
}
