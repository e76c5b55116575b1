package javax.activation

/** Named content with a type. */
interface DataSource {
  InputStream getInputStream()
  OutputStream getOutputStream()
  String getContentType()
  String getName()
}

/** Content of an attachment: text for text types, else a stream. */
class DataHandler {
  final DataSource dataSource
  private final Object object

  DataHandler(DataSource source) { dataSource = source }

  DataHandler(Object object, String contentType) {
    this.object = object
    dataSource = new ObjectSource(object, contentType)
  }

  String getName() { dataSource.name }
  String getContentType() { dataSource.contentType }
  InputStream getInputStream() { dataSource.inputStream }
  OutputStream getOutputStream() { dataSource.outputStream }
  void writeTo(OutputStream target) { target.write(dataSource.inputStream.readAllBytes()) }

  Object getContent() {
    if (object != null) return object
    boolean text = contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith('text/')
    text ? new String(inputStream.readAllBytes(), sluice.host.Attachments.charsetOf(contentType)) : inputStream
  }
}

class ObjectSource implements DataSource {
  private final Object object
  final String contentType
  final String name = null

  ObjectSource(Object object, String contentType) {
    this.object = object
    this.contentType = contentType
  }

  InputStream getInputStream() {
    new ByteArrayInputStream(sluice.host.Conversions.bytesOf(object, sluice.host.Attachments.charsetOf(contentType)))
  }

  OutputStream getOutputStream() { throw new IOException('This content cannot be written.') }
}
