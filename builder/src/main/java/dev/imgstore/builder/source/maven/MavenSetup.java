package dev.imgstore.builder.source.maven;

import dev.imgstore.builder.source.fetch.Accounts;
import dev.imgstore.builder.source.fetch.Address;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.maven.model.Repository;
import org.apache.maven.model.building.DefaultModelBuilder;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.eclipse.aether.repository.MirrorSelector;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;
import org.sonatype.plexus.components.sec.dispatcher.SecDispatcherException;

/**
 * Where this machine's Maven looks for artifacts: the repositories of active profiles, then the one
 * that Maven itself knows, each replaced by the mirror the settings name for it.
 *
 * @param repositories in the order they are asked
 * @param accounts of those that have one
 * @param environment what names the proxies: that of the process, with those of the settings
 */
public record MavenSetup(
    List<RemoteRepository> repositories, Accounts accounts, SortedMap<String, String> environment) {
  private static final String SUPER_POM = "/org/apache/maven/model/pom-4.0.0.xml";

  /** Copies in. */
  public MavenSetup {
    repositories = List.copyOf(repositories);
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
  }

  /**
   * Reads settings as Maven does.
   *
   * @param global the installation's settings.xml, which need not be there
   * @param user the user's, which is stronger and need not be there
   * @param security the path of settings-security.xml with the master password, which need not be
   *     there
   * @throws IOException if Maven would not take them
   */
  public static MavenSetup read(
      File global, File user, String security, Map<String, String> environment) throws IOException {
    Settings settings = settings(global, user, environment);
    if (settings.isOffline()) {
      throw new IOException("Maven's settings say <offline>, so no artifact is fetched");
    }
    Map<String, RemoteRepository> found = new LinkedHashMap<>();
    for (RemoteRepository each : declared(settings)) {
      RemoteRepository mirror = mirrors(settings).getMirror(each);
      RemoteRepository used = mirror == null ? each : mirror;
      if (!used.isBlocked()) {
        found.putIfAbsent(used.getId(), used);
      }
    }
    if (found.isEmpty()) {
      throw new IOException("Maven's settings leave no repository to ask");
    }
    List<RemoteRepository> repositories = List.copyOf(found.values());
    Accounts accounts = Accounts.NONE;
    for (RemoteRepository each : repositories) {
      String url =
          Address.of(
                  "Maven's settings.xml: the url of the repository or mirror " + each.getId(),
                  each.getUrl())
              .toString();
      Server server = settings.getServer(each.getId());
      if (server != null && server.getUsername() != null && server.getPassword() != null) {
        String password = password(server, security);
        accounts = with(accounts, url, Accounts.basic(server.getUsername() + ":" + password));
      }
    }
    return new MavenSetup(repositories, accounts, proxies(settings, environment));
  }

  /** A repository on this machine asks nobody who we are. */
  private static Accounts with(Accounts accounts, String url, String header) {
    return url.matches("(?i)https?:.*") ? accounts.with(url, header) : accounts;
  }

  /** As it is written, or decrypted as Maven does. */
  private static String password(Server server, String security) throws IOException {
    DefaultPlexusCipher cipher = new DefaultPlexusCipher();
    if (!cipher.isEncryptedString(server.getPassword())) {
      return server.getPassword();
    }
    try {
      return new DefaultSecDispatcher(cipher, Map.of(), security).decrypt(server.getPassword());
    } catch (SecDispatcherException e) {
      throw new IOException(
          "the password of the server "
              + server.getId()
              + " in Maven's settings.xml is encrypted, and cannot be decrypted with "
              + security
              + "; mvn --encrypt-master-password says how to make it");
    }
  }

  private static Settings settings(File global, File user, Map<String, String> environment)
      throws IOException {
    Properties properties = new Properties();
    environment.forEach((name, value) -> properties.setProperty("env." + name, value));
    DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
    request.setSystemProperties(properties);
    request.setGlobalSettingsFile(global);
    request.setUserSettingsFile(user);
    try {
      return new DefaultSettingsBuilderFactory()
          .newInstance()
          .build(request)
          .getEffectiveSettings();
    } catch (SettingsBuildingException e) {
      throw new IOException("Maven's settings.xml cannot be read: " + e.getMessage(), e);
    }
  }

  /** Those of active profiles, the last profile first as in Maven, then Maven's own. */
  private static List<RemoteRepository> declared(Settings settings) throws IOException {
    List<RemoteRepository> declared = new ArrayList<>();
    for (Profile profile : settings.getProfiles()) {
      boolean byDefault =
          profile.getActivation() != null && profile.getActivation().isActiveByDefault();
      if (byDefault || settings.getActiveProfiles().contains(profile.getId())) {
        for (var each : profile.getRepositories()) {
          declared.add(repository(each.getId(), each.getUrl()));
        }
      }
    }
    try (InputStream model = DefaultModelBuilder.class.getResourceAsStream(SUPER_POM)) {
      if (model != null) {
        for (Repository each : new MavenXpp3Reader().read(model).getRepositories()) {
          declared.add(repository(each.getId(), each.getUrl()));
        }
      }
    } catch (XmlPullParserException e) {
      throw new IOException("Maven's own model cannot be read", e);
    }
    return declared;
  }

  private static RemoteRepository repository(String id, String url) {
    return new RemoteRepository.Builder(id, "default", url).build();
  }

  private static MirrorSelector mirrors(Settings settings) {
    DefaultMirrorSelector selector = new DefaultMirrorSelector();
    for (Mirror each : settings.getMirrors()) {
      selector.add(
          each.getId(),
          each.getUrl(),
          each.getLayout(),
          false,
          each.isBlocked(),
          each.getMirrorOf(),
          each.getMirrorOfLayouts());
    }
    return selector;
  }

  private static SortedMap<String, String> proxies(
      Settings settings, Map<String, String> environment) {
    SortedMap<String, String> proxies = new TreeMap<>(environment);
    for (Proxy each : settings.getProxies()) {
      if (each.isActive()) {
        String address = "http://" + each.getHost() + ":" + each.getPort();
        proxies.put(each.getProtocol().toLowerCase(Locale.ROOT) + "_proxy", address);
        proxies.putIfAbsent("https_proxy", address);
        if (each.getNonProxyHosts() != null) {
          proxies.put("no_proxy", each.getNonProxyHosts().replace("*.", ".").replace('|', ','));
        }
      }
    }
    return proxies;
  }
}
