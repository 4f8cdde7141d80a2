package dev.imgstore.sync.planted;

import dev.imgstore.builder.planted.KnowsSync;
import java.util.List;

/** A network side that knows the builder. */
public record KnowsBuilder(List<KnowsSync> others) {
  KnowsSync first() {
    return others.get(0);
  }
}
