package dev.imgstore.sync.cache;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.keys.PublicKey;
import java.time.Instant;

/**
 * A result in a cache, as its statement says. The signature is right; whether the key is trusted is
 * not said here.
 *
 * @param bytes of the packs it needs, some of which others need as well
 */
public record CacheEntry(
    ActionKey key,
    Kind kind,
    String name,
    Origin origin,
    Digest result,
    PublicKey signer,
    Instant when,
    int packs,
    long bytes) {}
