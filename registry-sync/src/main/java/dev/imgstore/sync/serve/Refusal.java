package dev.imgstore.sync.serve;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A request that is not done, with what the client is told (distribution-spec 1.1, "Error Codes").
 */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  /** The codes of the specification, with the status that goes with each here. */
  enum Code {
    BLOB_UNKNOWN(404),
    BLOB_UPLOAD_INVALID(400),
    BLOB_UPLOAD_UNKNOWN(404),
    DIGEST_INVALID(400),
    MANIFEST_BLOB_UNKNOWN(404),
    MANIFEST_INVALID(400),
    MANIFEST_UNKNOWN(404),
    NAME_INVALID(400),
    NAME_UNKNOWN(404),
    SIZE_INVALID(400),
    UNAUTHORIZED(401),
    DENIED(403),
    UNSUPPORTED(405),
    TOOMANYREQUESTS(429),
    // Not of the specification, which has no name for what is wrong with the server.
    UNKNOWN(500),
    UNAVAILABLE(503);

    private final int status;

    Code(int status) {
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  private final Code code;
  private final int status;
  private final transient SortedMap<String, String> headers = new TreeMap<>();

  Refusal(Code code, String message) {
    this(code, code.status(), message);
  }

  Refusal(Code code, int status, String message) {
    super(message);
    this.code = code;
    this.status = status;
  }

  Refusal with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  Code code() {
    return code;
  }

  int status() {
    return status;
  }

  SortedMap<String, String> headers() {
    return headers;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
