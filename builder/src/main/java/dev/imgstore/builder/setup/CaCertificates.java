package dev.imgstore.builder.setup;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;

/**
 * The trusted certificates of an image: the bundle {@code /etc/ssl/certs/ca-certificates.crt}, a
 * link for each certificate, and the links by subject hash that OpenSSL looks for.
 */
final class CaCertificates {
  private static final TreePath SHIPPED = TreePath.of("usr/share/ca-certificates");
  private static final TreePath LOCAL = TreePath.of("usr/local/share/ca-certificates");
  private static final TreePath TARGET = TreePath.of("etc/ssl/certs");
  private static final Meta FILE = Meta.of(0644, 0, 0);
  private static final Meta LINK = Meta.of(0777, 0, 0);

  private final TreeEditor tree;
  private final ByteArrayOutputStream bundle = new ByteArrayOutputStream();

  private CaCertificates(TreeEditor tree) {
    this.tree = tree;
  }

  /** Writes them if the tree has any; gives the files that are no certificates. */
  static List<String> write(TreeEditor tree) throws IOException {
    return new CaCertificates(tree).write();
  }

  private List<String> write() throws IOException {
    List<TreePath> files = new ArrayList<>();
    collect(SHIPPED, files);
    List<String> listed = new ArrayList<>();
    for (TreePath file : files) {
      listed.add(file.toString().substring(SHIPPED.toString().length() + 1) + "\n");
    }
    collect(LOCAL, files);
    if (files.isEmpty()) {
      return List.of();
    }
    List<String> bad = new ArrayList<>();
    for (TreePath file : files) {
      try {
        add(file);
      } catch (GeneralSecurityException e) {
        bad.add(file.toString());
      }
    }
    tree.putFile(TARGET.child(Name.of("ca-certificates.crt")), bundle.toByteArray(), FILE);
    byte[] list = String.join("", listed).getBytes(StandardCharsets.UTF_8);
    tree.putFile(TreePath.of("etc/ca-certificates.conf"), list, FILE);
    return bad;
  }

  private void collect(TreePath directory, List<TreePath> files) throws IOException {
    if (!tree.isDirectory(directory)) {
      return;
    }
    for (Name name : tree.list(directory)) {
      TreePath path = directory.child(name);
      if (tree.isDirectory(path)) {
        collect(path, files);
      } else if (name.toString().endsWith(".crt")) {
        files.add(path);
      }
    }
  }

  private void add(TreePath file) throws IOException, GeneralSecurityException {
    byte[] pem = tree.read(file, Place.LARGEST_TEXT);
    X509Certificate certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem));
    bundle.writeBytes(pem);
    if (pem.length > 0 && pem[pem.length - 1] != '\n') {
      bundle.write('\n');
    }
    String base = file.last().map(Name::toString).orElse("");
    String link =
        base.substring(0, base.length() - ".crt".length())
                .replaceAll("[ ,]", "_")
                .replaceAll("[()]", "=")
            + ".pem";
    put(link, file.toString());
    String hash = subjectHash(certificate.getSubjectX500Principal().getEncoded());
    int number = 0;
    while (tree.exists(TARGET.child(Name.of(hash + "." + number)))) {
      number++;
    }
    put(hash + "." + number, link);
  }

  private void put(String link, String target) throws IOException {
    tree.put(TARGET.child(Name.of(link)), new Node.Symlink(Bytes.utf8(target), LINK));
  }

  /**
   * OpenSSL's hash of a name: the first four bytes, lowest first, of the SHA-1 of its parts in a
   * canonical form (X509_NAME_hash(3)): texts in UTF-8 and lower case, blanks reduced to one.
   */
  static String subjectHash(byte[] encodedName) throws IOException, GeneralSecurityException {
    ByteArrayOutputStream canonical = new ByteArrayOutputStream();
    for (RDN part : X500Name.getInstance(encodedName).getRDNs()) {
      ASN1EncodableVector set = new ASN1EncodableVector();
      for (AttributeTypeAndValue one : part.getTypesAndValues()) {
        ASN1EncodableVector pair = new ASN1EncodableVector();
        pair.add(one.getType());
        pair.add(canonical(one.getValue()));
        set.add(new DERSequence(pair));
      }
      canonical.writeBytes(new DERSet(set).getEncoded(ASN1Encoding.DER));
    }
    byte[] hash = MessageDigest.getInstance("SHA-1").digest(canonical.toByteArray());
    return String.format(
        Locale.ROOT,
        "%02x%02x%02x%02x",
        hash[3] & 0xff,
        hash[2] & 0xff,
        hash[1] & 0xff,
        hash[0] & 0xff);
  }

  private static ASN1Encodable canonical(ASN1Encodable value) {
    if (!(value instanceof ASN1String string)) {
      return value;
    }
    StringBuilder text = new StringBuilder();
    for (char c : string.getString().strip().replaceAll("\\s+", " ").toCharArray()) {
      text.append(c < 128 ? Character.toLowerCase(c) : c);
    }
    return new DERUTF8String(text.toString());
  }
}
