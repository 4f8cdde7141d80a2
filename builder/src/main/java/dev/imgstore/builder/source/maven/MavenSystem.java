package dev.imgstore.builder.source.maven;

import java.util.Map;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.spi.connector.transport.Transporter;
import org.eclipse.aether.spi.connector.transport.TransporterFactory;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transport.http.ChecksumExtractor;

/** Maven Resolver with our transport and no other. */
final class MavenSystem extends RepositorySystemSupplier {
  private final Transports transports;

  /** Opens repositories. */
  interface Transports {
    Transporter open(RemoteRepository repository);
  }

  MavenSystem(Transports transports) {
    this.transports = transports;
  }

  @Override
  protected Map<String, ChecksumExtractor> getChecksumExtractors() {
    return Map.of();
  }

  @Override
  protected Map<String, TransporterFactory> getTransporterFactories(
      Map<String, ChecksumExtractor> extractors) {
    return Map.of(
        "imgstore",
        new TransporterFactory() {
          @Override
          public Transporter newInstance(
              RepositorySystemSession session, RemoteRepository repository) {
            return transports.open(repository);
          }

          @Override
          public float getPriority() {
            return 0;
          }
        });
  }
}
