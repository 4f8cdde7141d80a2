package dev.imgstore.sync.cache;

/**
 * What was sent.
 *
 * @param results that are new there, or have another statement now
 * @param known results that were there already, by this key
 * @param packs that were sent
 * @param reused packs that were there and are named again
 * @param bytes of packs, lists and statements that were sent
 */
public record PushReport(int results, int known, int packs, int reused, long bytes) {}
