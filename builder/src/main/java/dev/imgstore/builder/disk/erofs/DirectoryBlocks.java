package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A directory's names in blocks (Documentation/filesystems/erofs.rst, "Directories"): in each first
 * the entries, then the names, all in the order of bytes, {@code .} and {@code ..} among them.
 */
final class DirectoryBlocks {
  private static final int ENTRY = 12;
  private static final Bytes DOT = Bytes.utf8(".");
  private static final Bytes DOTS = Bytes.utf8("..");

  /** A name, what it stands for, and its type. */
  record Entry(Bytes name, long number, int type) {}

  private DirectoryBlocks() {}

  /** Bytes of a directory of these names. */
  static long size(Collection<Name> names) {
    long size = 0;
    int used = 0;
    List<Bytes> all = new ArrayList<>(names.size() + 2);
    names.forEach(name -> all.add(name.bytes()));
    all.add(DOT);
    all.add(DOTS);
    all.sort(null);
    for (Bytes name : all) {
      int more = ENTRY + name.length();
      if (used + more > Structure.BLOCK) {
        size += Structure.BLOCK;
        used = 0;
      }
      used += more;
    }
    return size + used;
  }

  /** The blocks of these names; all but the last have a block's size. */
  static List<byte[]> of(List<Entry> names, long self, long parent) {
    List<Entry> all = new ArrayList<>(names);
    all.add(new Entry(DOT, self, 2));
    all.add(new Entry(DOTS, parent, 2));
    all.sort((one, other) -> one.name().compareTo(other.name()));
    List<byte[]> blocks = new ArrayList<>();
    int first = 0;
    int used = 0;
    for (int i = 0; i < all.size(); i++) {
      int more = ENTRY + all.get(i).name().length();
      if (used + more > Structure.BLOCK) {
        blocks.add(block(all.subList(first, i), Structure.BLOCK));
        first = i;
        used = 0;
      }
      used += more;
    }
    blocks.add(block(all.subList(first, all.size()), used));
    return blocks;
  }

  /** struct erofs_dirent for each, and the names one after the other. */
  private static byte[] block(List<Entry> entries, int size) {
    Block out = Block.little(size);
    int name = ENTRY * entries.size();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      out.at(i * ENTRY).u64(entry.number()).u16(name).u8(entry.type()).u8(0);
      out.at(name).bytes(entry.name().toArray());
      name += entry.name().length();
    }
    return out.array();
  }
}
