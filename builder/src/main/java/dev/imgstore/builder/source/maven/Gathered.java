package dev.imgstore.builder.source.maven;

import dev.imgstore.builder.source.fetch.Complaint;
import dev.imgstore.builder.source.fetch.Fetcher;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files that Maven Resolver was given, by their path in a repository. It asks one repository
 * after the other; where a later one gives what an earlier one did not, that is told. Safe for many
 * threads.
 */
final class Gathered {
  private final Fetcher fetcher;
  private final Map<String, Fetcher.Taken> files = new ConcurrentHashMap<>();
  private final Map<String, URI> givers = new ConcurrentHashMap<>();
  private final Map<String, List<Complaint>> complaints = new ConcurrentHashMap<>();

  Gathered(Fetcher fetcher) {
    this.fetcher = fetcher;
  }

  /** A repository did not give it. */
  void failed(String path, IOException failure) {
    complain(path, Fetcher.complaints(failure));
  }

  /** A repository gave it; if another one did before, Maven Resolver did not take that. */
  void took(String path, URI repository, Fetcher.Taken file) {
    URI before = givers.put(path, repository);
    if (before != null && !before.equals(repository)) {
      complain(path, List.of(Complaint.wrong(before, path + " is not what its checksum says")));
    }
    files.put(path, file);
    fetcher.helped(complaints.getOrDefault(path, List.of()), repository);
  }

  private void complain(String path, List<Complaint> more) {
    complaints.merge(
        path,
        more,
        (old, added) -> {
          List<Complaint> all = new ArrayList<>(old);
          all.addAll(added);
          return all;
        });
  }

  /** What was given last under each path. */
  Map<String, Fetcher.Taken> files() {
    return files;
  }
}
