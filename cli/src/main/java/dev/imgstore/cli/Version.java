package dev.imgstore.cli;

import picocli.CommandLine.IVersionProvider;

/** The version this was built as. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {"imgstore " + (version == null ? "(not packaged)" : version)};
  }
}
