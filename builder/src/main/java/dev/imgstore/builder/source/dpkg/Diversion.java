package dev.imgstore.builder.source.dpkg;

import dev.imgstore.model.TreePath;

/**
 * Other packages' files at {@code from} go to {@code to} (dpkg-divert(1)).
 *
 * @param owner the package whose own file stays at {@code from}; empty where every package's goes
 */
public record Diversion(String owner, TreePath from, TreePath to) {}
