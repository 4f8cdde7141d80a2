package dev.imgstore.sync.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.http.entity.AbstractHttpEntity;

/** A body as it is sent: as many bytes as were announced, and each part taken in time. */
final class SentBody extends AbstractHttpEntity {
  private static final int PART = 64 << 10;

  private final Call.Body body;
  private final Watch.Guard guard;

  SentBody(Call.Body body, Watch.Guard guard) {
    this.body = body;
    this.guard = guard;
  }

  /** The content is not what it was said to be, or cannot be read; asking again does not help. */
  static final class Unreadable extends IOException {
    private static final long serialVersionUID = 1;

    Unreadable(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }

  @Override
  public long getContentLength() {
    return body.length();
  }

  @Override
  public InputStream getContent() throws IOException {
    return body.content().open();
  }

  @Override
  public boolean isStreaming() {
    return false;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    guard.end();
    byte[] part = new byte[(int) Math.min(PART, body.length() + 1)];
    long left = body.length();
    try (Source in = new Source(body)) {
      for (int count = in.next(part); count >= 0; count = in.next(part)) {
        left -= count;
        if (left < 0) {
          break;
        }
        guard.begin();
        out.write(part, 0, count);
        guard.end();
      }
    }
    if (left != 0) {
      throw new Unreadable(
          new IOException(
              "what is to be sent has "
                  + (left < 0 ? "more" : "fewer")
                  + " bytes than the "
                  + body.length()
                  + " that it should have"));
    }
    guard.begin();
    out.flush();
  }

  /** Tells what fails here from what fails on the way. */
  private static final class Source implements AutoCloseable {
    private final InputStream in;

    Source(Call.Body body) throws IOException {
      try {
        in = body.content().open();
      } catch (IOException e) {
        throw new Unreadable(e);
      }
    }

    int next(byte[] part) throws IOException {
      try {
        return in.read(part);
      } catch (IOException e) {
        throw new Unreadable(e);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
