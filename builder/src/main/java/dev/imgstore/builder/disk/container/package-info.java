/**
 * The files in which a disk travels: raw, qcow2, VMDK, VHD, VHDX, VDI, and archives of them. Each
 * is written from a volume in one pass, with metadata put in when it is known; every identifier
 * comes from a digest that is handed in. No file is opened here.
 */
@NullMarked
package dev.imgstore.builder.disk.container;

import org.jspecify.annotations.NullMarked;
