package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which rules a file is read by: its name says it, or what is in it. */
final class Formats {
  private final Findings findings;
  private final List<SpecPath> paths;
  private final List<SpecPath> idle = new ArrayList<>();

  Formats(Findings findings, List<SpecPath> paths) {
    this.findings = findings;
    this.paths = List.copyOf(paths);
  }

  /** Those that led to nothing. */
  List<SpecPath> idle() {
    return idle;
  }

  /** Reads it; gives what it was read as. */
  String read(String name) {
    String path = name.replace('\\', '/');
    String file = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    try {
      if (isDockerfile(file)) {
        new Dockerfile(findings).read();
        noPaths();
        return "Dockerfile";
      }
      if (endsWith(file, ".tf", ".tfvars", ".hcl", ".nomad")) {
        return hcl(file);
      }
      if (endsWith(file, ".tf.json", ".tfvars.json", ".nomad.json")) {
        Node node = JsonNodes.read(findings.text());
        paths(List.of(node));
        new HclRules(findings).read(node);
        return file.endsWith(".nomad.json") ? "Nomad" : "Terraform";
      }
      if (file.endsWith(".json")) {
        return documents(file, List.of(JsonNodes.read(findings.text())));
      }
      return yaml(file);
    } catch (NotRead e) {
      findings.wrong(e.place(), e.text());
      return "unknown";
    }
  }

  private static boolean isDockerfile(String file) {
    return file.equals("dockerfile")
        || file.equals("containerfile")
        || file.startsWith("dockerfile.")
        || file.startsWith("containerfile.")
        || (begins(file) && !endsWith(file, ".yaml", ".yml", ".json", ".tf", ".hcl", ".nomad"))
        || endsWith(file, ".dockerfile", ".containerfile");
  }

  private static boolean begins(String file) {
    return file.matches("(?:docker|container)file[-_].*");
  }

  private static boolean endsWith(String file, String... ends) {
    for (String end : ends) {
      if (file.endsWith(end)) {
        return true;
      }
    }
    return false;
  }

  private String hcl(String file) throws NotRead {
    List<Hcl.Attribute> attributes = Hcl.read(findings.text());
    for (SpecPath path : paths) {
      boolean found = false;
      for (Hcl.Attribute each : attributes) {
        if (fits(path, each.path())) {
          found = true;
          findings.whole(each.scalar(), "", String.join(".", each.path()));
        }
      }
      tell(path, found);
    }
    new HclRules(findings).read(attributes);
    return endsWith(file, ".tf", ".tfvars") ? "Terraform" : "Nomad";
  }

  private static boolean fits(SpecPath path, List<String> steps) {
    if (path.steps().size() != steps.size()) {
      return false;
    }
    for (int i = 0; i < steps.size(); i++) {
      if (!SpecPath.fits(path.steps().get(i), steps.get(i))) {
        return false;
      }
    }
    return true;
  }

  private String yaml(String file) throws NotRead {
    List<Node> documents;
    try {
      documents = YamlNodes.read(findings.text());
    } catch (NotRead e) {
      if (!findings.text().text().contains("{{")) {
        throw e;
      }
      TemplateLines.read(findings);
      noPaths();
      findings.left(
          findings.text().start(),
          "a template that is no YAML: only lines `image: TEXT` were read");
      return "template";
    }
    return documents(file, documents);
  }

  private String documents(String file, List<Node> documents) {
    String format = "unknown";
    paths(documents); // what a person says comes before what is guessed
    for (Node document : documents) {
      if (document instanceof Node.Mapping mapping) {
        format = document(file, mapping);
      } else if (JsonPatch.is(document)) {
        new JsonPatch(findings).read(document);
        format = "JSON patch";
      } else if (document instanceof Node.Sequence list && file.endsWith(".json")) {
        new HclRules(findings).read(list); // container definitions of a task, say
        format = "JSON";
      }
    }
    boolean any = documents.stream().anyMatch(each -> !(each instanceof Node.Scalar));
    for (Node document : documents) {
      if (!any && document instanceof Node.Scalar scalar && !scalar.value().isBlank()) {
        findings.wrong(scalar.at(), "this is no deploy spec: it holds no mapping and no list");
        break;
      }
    }
    documents.forEach(each -> new Overlooked(findings).tell(each));
    return format;
  }

  private String document(String file, Node.Mapping document) {
    if (file.startsWith("kustomization") || isKustomization(document)) {
      new FieldRules(findings).kustomization(document);
      return "Kustomize";
    }
    if (Kubernetes.is(document)) {
      new Kubernetes(findings).read(document);
      return "Kubernetes";
    }
    boolean values = file.startsWith("values");
    YamlRules rules = new YamlRules(findings);
    if (!values && YamlRules.isWorkflow(document)) {
      rules.workflow(document);
      return "workflow";
    }
    boolean named = file.startsWith("compose") || file.startsWith("docker-compose");
    if (!values && !named && YamlRules.isGitLab(file, document)) {
      rules.gitLab(document);
      return "GitLab CI";
    }
    if (!values && (named || YamlRules.isCompose(document))) {
      rules.compose(document);
      return "Compose";
    }
    if (file.endsWith(".json") && document.mapping("Job").isPresent()) {
      new HclRules(findings).read(document);
      return "Nomad";
    }
    new FieldRules(findings).values(document);
    return "Helm values";
  }

  private static boolean isKustomization(Node.Mapping document) {
    return document.text("kind").equals("Kustomization")
        && document.text("apiVersion").startsWith("kustomize.config.k8s.io/");
  }

  private void paths(List<Node> documents) {
    for (SpecPath path : paths) {
      PathRule rule = new PathRule(findings, path);
      boolean found = false;
      for (Node document : documents) {
        found |= rule.read(document);
      }
      tell(path, found);
    }
  }

  private void noPaths() {
    paths.forEach(path -> tell(path, false));
  }

  private void tell(SpecPath path, boolean found) {
    if (!found) {
      idle.add(path);
    }
  }
}
