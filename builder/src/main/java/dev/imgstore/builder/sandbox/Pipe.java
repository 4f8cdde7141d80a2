package dev.imgstore.builder.sandbox;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** A pipe to a process that knows whether it broke, or whoever writes to it failed. */
final class Pipe extends FilterOutputStream {
  private boolean broken;

  Pipe(OutputStream out) {
    super(out);
  }

  boolean isBroken() {
    return broken;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    try {
      out.write(bytes, offset, count);
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }
}
