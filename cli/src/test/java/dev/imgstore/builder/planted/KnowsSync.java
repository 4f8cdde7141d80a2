package dev.imgstore.builder.planted;

import dev.imgstore.sync.planted.KnowsBuilder;

/** A builder that knows the network side. */
public record KnowsSync(KnowsBuilder other) {}
