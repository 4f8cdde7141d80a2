package dev.imgstore.builder.setup;

/** The users and groups with fixed numbers that programs of Debian expect (Debian Policy 9.2.2). */
final class BaseAccounts {
  static final String USERS =
      """
      root:*:0:0:root:/root:/bin/bash
      daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin
      bin:*:2:2:bin:/bin:/usr/sbin/nologin
      sys:*:3:3:sys:/dev:/usr/sbin/nologin
      sync:*:4:65534:sync:/bin:/bin/sync
      man:*:6:12:man:/var/cache/man:/usr/sbin/nologin
      mail:*:8:8:mail:/var/mail:/usr/sbin/nologin
      www-data:*:33:33:www-data:/var/www:/usr/sbin/nologin
      backup:*:34:34:backup:/var/backups:/usr/sbin/nologin
      _apt:*:42:65534::/nonexistent:/usr/sbin/nologin
      nobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
      """;

  static final String GROUPS =
      """
      root:*:0:
      daemon:*:1:
      bin:*:2:
      sys:*:3:
      adm:*:4:
      tty:*:5:
      disk:*:6:
      mail:*:8:
      man:*:12:
      kmem:*:15:
      sudo:*:27:
      www-data:*:33:
      backup:*:34:
      shadow:*:42:
      utmp:*:43:
      video:*:44:
      staff:*:50:
      users:*:100:
      nogroup:*:65534:
      """;

  private BaseAccounts() {}
}
