package dev.imgstore.store.catalog;

import dev.imgstore.model.Profile;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What of a store a catalog is made from. */
interface Truth {
  /** All entries of the journal, oldest first. */
  List<Journal.Entry> journal() throws IOException;

  /** The names of all profiles, sorted. */
  List<String> names() throws IOException;

  /** The profile of this name as it is now. */
  Optional<Profile> profile(String name) throws IOException;

  /** What is stored. */
  BlobReader blobs();

  /** Of this store. */
  static Truth of(Store store) {
    return new Truth() {
      @Override
      public List<Journal.Entry> journal() throws IOException {
        return store.journal().list();
      }

      @Override
      public List<String> names() throws IOException {
        return store.profiles().names();
      }

      @Override
      public Optional<Profile> profile(String name) throws IOException {
        return store.profiles().open(name);
      }

      @Override
      public BlobReader blobs() {
        return store.blobs();
      }
    };
  }
}
