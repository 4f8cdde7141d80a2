package dev.imgstore.store.planted;

import dev.imgstore.builder.planted.KnowsSync;

/** A store that knows the builder. */
record LooksUp(KnowsSync builder) {}
