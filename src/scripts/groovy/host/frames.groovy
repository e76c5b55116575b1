package sluice.host

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

import java.nio.charset.StandardCharsets

/** One frame of the pipe: a JSON header and the raw parts it refers to by number. */
class Frame {
  final Map<String, Object> header
  private final byte[] raw
  private final int[] ends

  Frame(Map<String, Object> header, byte[] raw) {
    this.header = header
    this.raw = raw
    List<Integer> lengths = (List<Integer>) header.get('parts')
    ends = new int[lengths == null ? 0 : lengths.size()]
    int end = 0
    for (int i = 0; i < ends.length; i++) ends[i] = (end += lengths.get(i).intValue())
  }

  byte[] part(int number) {
    Arrays.copyOfRange(raw, number == 0 ? 0 : ends[number - 1], ends[number])
  }

  String text(int number) {
    int start = number == 0 ? 0 : ends[number - 1]
    new String(raw, start, ends[number] - start, StandardCharsets.UTF_8)
  }
}

/** The pipe to the tenant process. A frame is: length of the header, length of the raw bytes (both 32 bits), header, bytes. */
class Pipe {
  private final DataInputStream input
  private final OutputStream output

  Pipe(InputStream input, OutputStream output) {
    this.input = new DataInputStream(new BufferedInputStream(input, 65536))
    this.output = output
  }

  /** The next frame; null when the tenant has closed the pipe. */
  Frame read() {
    int headerLength
    try {
      headerLength = input.readInt()
    } catch (EOFException ignored) {
      return null
    }
    byte[] header = new byte[headerLength]
    byte[] raw = new byte[input.readInt()]
    input.readFully(header)
    input.readFully(raw)
    new Frame((Map<String, Object>) new JsonSlurper().parse(header, 'UTF-8'), raw)
  }

  void write(Map<String, Object> header, List<byte[]> parts) {
    List<Integer> lengths = []
    int rawLength = 0
    for (byte[] part : parts) {
      lengths.add(part.length)
      rawLength += part.length
    }
    if (!parts.isEmpty()) header.put('parts', lengths)
    byte[] json = JsonOutput.toJson(header).getBytes(StandardCharsets.UTF_8)
    // One write for the usual small frame; large parts are not copied again.
    boolean small = rawLength < 262144
    ByteArrayOutputStream start = new ByteArrayOutputStream(8 + json.length + (small ? rawLength : 0))
    DataOutputStream data = new DataOutputStream(start)
    data.writeInt(json.length)
    data.writeInt(rawLength)
    data.write(json)
    if (small) for (byte[] part : parts) data.write(part)
    synchronized (output) {
      start.writeTo(output)
      if (!small) for (byte[] part : parts) output.write(part)
      output.flush()
    }
  }
}
