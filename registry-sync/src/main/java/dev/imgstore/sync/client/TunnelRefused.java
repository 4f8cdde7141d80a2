package dev.imgstore.sync.client;

import java.io.IOException;

/** A proxy that would not lead to a registry, before anything was sent there. */
final class TunnelRefused extends IOException {
  private static final long serialVersionUID = 1;
  private static final int LOGIN = 407;

  private final int status;

  /** With what it answered to CONNECT (RFC 9110, section 9.3.6). */
  TunnelRefused(int status) {
    super(
        status == LOGIN
            ? "the proxy on the way wants a user and a password, or others: write them into"
                + " http_proxy and https_proxy, as in http://USER:PASSWORD@HOST:PORT"
            : "the proxy on the way answers " + status + " to CONNECT");
    this.status = status;
  }

  /** True if it may well lead there another time. */
  boolean isBusy() {
    return Session.isBusy(status);
  }

  /** True if it would lead there somebody with other credentials. */
  boolean wantsLogin() {
    return status == LOGIN;
  }
}
