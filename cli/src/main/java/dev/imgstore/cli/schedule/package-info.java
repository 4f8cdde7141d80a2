/**
 * When a store is collected by itself: calendar words and cron expressions, the decision whether a
 * collection is due, and the texts that tell systemd and cron about it. All of it is pure: clock,
 * zone and files are of the commands, which live above.
 */
@NullMarked
package dev.imgstore.cli.schedule;

import org.jspecify.annotations.NullMarked;
