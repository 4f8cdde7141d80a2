/**
 * The catalog: which packages, files and versions are in which image and generation, as tables that
 * can be asked in SQL. It is a projection of journal and store, fed by whoever asks, and may be
 * deleted at any time; what is asked of it can be answered without it, only slower. The only room
 * that speaks SQL. It opens no files: the database does, where {@link
 * dev.imgstore.store.catalog.CatalogFiles} says. How and why: {@code docs/design/08-catalog.md}.
 */
@NullMarked
package dev.imgstore.store.catalog;

import org.jspecify.annotations.NullMarked;
