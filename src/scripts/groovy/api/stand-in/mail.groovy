package javax.mail.util

import javax.activation.DataSource

/** Content in memory. */
class ByteArrayDataSource implements DataSource {
  private final byte[] bytes
  final String contentType
  String name = ''

  ByteArrayDataSource(byte[] bytes, String contentType) {
    this.bytes = bytes
    this.contentType = contentType
  }

  ByteArrayDataSource(InputStream stream, String contentType) { this(stream.readAllBytes(), contentType) }

  ByteArrayDataSource(String text, String contentType) {
    this(text.getBytes(sluice.host.Attachments.charsetOf(contentType)), contentType)
  }

  InputStream getInputStream() { new ByteArrayInputStream(bytes) }
  OutputStream getOutputStream() { throw new IOException('This content cannot be written.') }
}
