package dev.imgstore.sync.client;

import java.io.IOException;
import java.net.Proxy;
import java.net.URI;

/** Which proxy an address is asked through, as this machine has it. Safe for threads. */
@FunctionalInterface
public interface ProxyChoice {
  /** {@link Proxy#NO_PROXY} for none. */
  Proxy of(URI address) throws IOException;

  /** {@code USER:PASSWORD}, which the proxy for an address wants; empty for none. */
  default String login(URI address) throws IOException {
    return "";
  }
}
