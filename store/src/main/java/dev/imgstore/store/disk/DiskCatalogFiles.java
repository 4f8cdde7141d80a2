package dev.imgstore.store.disk;

import com.sun.security.auth.module.UnixSystem;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.catalog.CatalogFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@code catalog.mv.db} and {@code catalog.sum} in a store. Nothing here is synced: what a power
 * cut makes of them does not match, and is made anew (law 5).
 */
public final class DiskCatalogFiles implements CatalogFiles {
  private static final String NAME = "catalog";
  private static final RelPath LOCK = new RelPath(NAME + ".lock");
  private static final RelPath DATABASE = new RelPath(NAME + ".mv.db");
  private static final RelPath SUM = new RelPath(NAME + ".sum");
  private static final int FORMAT = 1;

  private final Path home;
  private final Filesystem files;

  /** Of the store in this directory. */
  public DiskCatalogFiles(Path home) {
    this.home = home.toAbsolutePath().normalize();
    this.files = new DiskFilesystem(home);
  }

  @Override
  public String base() {
    return home.resolve(NAME).toString();
  }

  /** Only in a store of one's own: what root leaves in another's, its owner cannot open again. */
  @Override
  public Optional<Closeable> tryLock() throws IOException {
    if (!isOurs(home)) {
      throw new IOException(home + " belongs to another user");
    }
    return files.tryLock(LOCK).map(Closeable.class::cast);
  }

  @Override
  public boolean isThere() throws IOException {
    return files.stat(DATABASE).isPresent();
  }

  /** A file of somebody else may make H2 run what that user wrote into it: it is not opened. */
  @Override
  public boolean isSound() throws IOException {
    Optional<byte[]> sum = StateFile.read(files, SUM);
    boolean file =
        files.stat(DATABASE).filter(stat -> stat.kind() == Filesystem.Kind.FILE).isPresent();
    if (sum.isEmpty() || !file || !isOurs(home.resolve(DATABASE.value()))) {
      return false;
    }
    try {
      Map<String, Object> stored = StateFile.decode(sum.get());
      return stored.equals(StateFile.decode(StateFile.encode(sum())));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isOurs(Path path) throws IOException {
    Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    return owner.equals((int) new UnixSystem().getUid());
  }

  private Map<String, Object> sum() throws IOException {
    CRC32C sum = new CRC32C();
    long size = 0;
    byte[] buffer = new byte[1 << 18];
    try (InputStream in = files.read(DATABASE)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sum.update(buffer, 0, n);
        size += n;
      }
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", FORMAT);
    object.put("size", size);
    object.put("crc", sum.getValue());
    return object;
  }

  @Override
  public long size() throws IOException {
    return files.stat(DATABASE).map(Filesystem.Stat::size).orElse(0L);
  }

  @Override
  public void begin() throws IOException {
    remove(SUM);
  }

  @Override
  public void end() throws IOException {
    StateFile.replaceLoosely(files, SUM, StateFile.encode(sum()));
  }

  @Override
  public void discard() throws IOException {
    remove(SUM);
    for (RelPath each : files.list(RelPath.ROOT)) {
      if (each.name().startsWith(NAME + ".") && each.name().endsWith(".db")) {
        remove(each);
      }
    }
  }

  private void remove(RelPath file) throws IOException {
    try {
      files.delete(file);
    } catch (NoSuchFileException e) {
      // as wanted
    }
  }
}
