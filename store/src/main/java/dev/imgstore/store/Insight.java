package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Questions about everything that is stored: why it is there and what it costs. Each answer is of
 * one moment and takes no lock; a collection at the same time may have removed what it names.
 */
public interface Insight {
  /**
   * The stored objects whose digests begin with these digits, sorted.
   *
   * @param beginning lower-case hexadecimal digits
   * @param most no more than this are given
   */
  List<Digest> named(String beginning, int most) throws IOException;

  /**
   * Every chain from a root to an object.
   *
   * @param most chains that are written out for each root and for each step on the way; all are
   *     counted
   * @throws StoreException.MissingBlob if it is not stored
   */
  Why why(Digest object, int most) throws IOException;

  /**
   * A generation with what is known of its parts.
   *
   * @param inputs names of what was fetched for it
   * @param owners who owns which file, for each of its trees; paths without links on the way
   */
  record Labelled(
      Root.OfGeneration generation,
      Map<Digest, String> inputs,
      Map<TreeId, Map<TreePath, String>> owners) {
    /** Copies in. */
    public Labelled {
      inputs = Map.copyOf(inputs);
      owners = Map.copyOf(owners);
    }
  }

  /** What the parts of some generations cost, all of these generations taken together. */
  List<Usage.OfPart> parts(List<Labelled> generations) throws IOException;

  /** Where all bytes of the store are. */
  Usage usage() throws IOException;
}
