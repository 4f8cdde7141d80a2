package dev.imgstore.builder.export;

import dev.imgstore.builder.pack.ArchiveWriter;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.model.Descriptor;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** An OCI layout as one tar: the two documents first, then the blobs in order of digests. */
public final class OciArchive implements ArchiveExporter {
  @Override
  public Exported write(ImageDocument image, String ref, BlobReader blobs, OutputStream out)
      throws IOException {
    byte[] index = LayoutDocuments.index(image, ref);
    byte[] layout = LayoutDocuments.layout();
    ArchiveWriter tar = new ArchiveWriter(out);
    tar.file(LayoutDocuments.LAYOUT_FILE, layout);
    tar.file(LayoutDocuments.INDEX_FILE, index);
    String directory = LayoutDocuments.BLOBS + "/" + LayoutDocuments.SHA256;
    tar.directory(LayoutDocuments.BLOBS);
    tar.directory(directory);
    long bytes = (long) layout.length + index.length;
    for (Descriptor blob : image.blobs()) {
      try (InputStream in = blobs.open(blob.digest())) {
        tar.file(directory + "/" + blob.digest().hex(), blob.size(), in);
      }
      bytes += blob.size();
    }
    tar.end();
    return new Exported(image.root().digest(), bytes);
  }
}
