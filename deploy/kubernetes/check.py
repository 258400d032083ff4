"""Checks the manifests of this folder without a cluster: against Kubernetes' own schemas, and against each other and
the programs, for what no schema sees: selectors that match, names that are there, options that exist, times that fit.

Prints a line for each mistake. Exit status: 0 none, 1 some.
"""

import pathlib
import re
import sys

import kubernetes_validate
import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The oldest that has every field in use, and the newest whose schemas are at hand.
VERSIONS = ("1.29", kubernetes_validate.latest_version())
# What the server needs after its drain, at most: the writers' last batches, the broker's answers, the store's end.
AFTER_DRAIN = 20

mistakes: list[str] = []


def expect(is_well: bool, text: str) -> None:
    if not is_well:
        mistakes.append(text)


def read(path: pathlib.Path) -> list[dict]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def built(folder: pathlib.Path) -> list[dict]:
    """What a kustomization is made of. These name resources and images only, so all there is to do is to add up."""
    documents = []
    for kustomization in read(folder / "kustomization.yaml"):
        unknown = set(kustomization) - {"apiVersion", "kind", "resources", "images"}
        expect(not unknown, f"{folder.name}/kustomization.yaml has {sorted(unknown)}, which is not checked here")
        expect(kustomization.get("kind") == "Kustomization", f"{folder.name}: no Kustomization")
        listed = kustomization["resources"]
        lying = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        expect(lying <= set(listed), f"{folder.name}: {sorted(lying - set(listed))} is in no kustomization")
        for name in listed:
            target = folder / name
            documents += built(target.resolve()) if target.is_dir() else read(target)
    names = [(document["kind"], document["metadata"]["name"]) for document in documents]
    expect(len(names) == len(set(names)), f"{folder.name}: something stands twice: {sorted(names)}")
    return documents


def check_schemas(where: str, documents: list[dict]) -> None:
    for document in documents:
        name = f"{where}: {document['kind']} {document['metadata']['name']}"
        if document["kind"] == "ServiceMonitor":
            expect(document["apiVersion"] == "monitoring.coreos.com/v1", f"{name}: another version")
            expect(set(document["spec"]) <= {"selector", "jobLabel", "endpoints"}, f"{name}: unknown fields")
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                place = ".".join(map(str, error.path))
                mistakes.append(f"{name}, Kubernetes {version}: {place}: {error.message[:300]}")
            except kubernetes_validate.SchemaNotFoundError as error:
                mistakes.append(f"{name}: {error.message}")


def known_options() -> set[str]:
    """The variables that ChatServer and the libraries and scripts around it read."""
    sources = "".join(path.read_text() for path in (ROOT / "Sources/ChatServer").rglob("*.swift"))
    names = re.findall(r'"([a-z][a-z-]+)"', sources)
    return {"CHAT_" + name.upper().replace("-", "_") for name in names} | {"PGSSLMODE", "PGPASSWORD_FILE"}


def matches(selector: dict, labels: dict) -> bool:
    return bool(selector) and selector.items() <= labels.items()


def check_relations(where: str, documents: list[dict]) -> None:
    def of(kind: str) -> list[dict]:
        return [document for document in documents if document["kind"] == kind]

    workloads = of("Deployment") + of("Job")
    pods = [workload["spec"]["template"] for workload in workloads]
    services = {service["metadata"]["name"]: service for service in of("Service")}
    for deployment in of("Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        expect(matches(deployment["spec"]["selector"]["matchLabels"], labels), f"{where}: a Deployment selects no pod")
    for service in services.values():
        expect(any(matches(service["spec"]["selector"], pod["metadata"]["labels"]) for pod in pods),
               f"{where}: the Service {service['metadata']['name']} selects no pod")
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        for document in of(kind):
            selector = document["spec"].get("selector") or document["spec"].get("podSelector")
            expect(any(matches(selector["matchLabels"], pod["metadata"]["labels"]) for pod in pods),
                   f"{where}: a {kind} selects no pod")
    for scaler in of("HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        expect(any(item["kind"] == target["kind"] and item["metadata"]["name"] == target["name"] for item in workloads),
               f"{where}: the autoscaler scales {target['kind']} {target['name']}, which is not there")
    for ingress in of("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                service = services.get(backend["name"])
                ports = [port["name"] for port in service["spec"]["ports"]] if service else []
                expect(backend["port"]["name"] in ports,
                       f"{where}: an Ingress leads to {backend['name']}:{backend['port']['name']}, which is not there")
    for pod in pods:
        check_pod(where, pod["spec"], documents)


def check_pod(where: str, pod: dict, documents: list[dict]) -> None:
    maps = {item["metadata"]["name"]: item["data"] for item in documents if item["kind"] == "ConfigMap"}
    options = known_options()
    expect(pod.get("enableServiceLinks") is False, f"{where}: Service links would set CHAT_PORT")
    expect(pod.get("automountServiceAccountToken") is False, f"{where}: a token of the cluster is mounted")
    expect(pod["securityContext"].get("runAsNonRoot") is True, f"{where}: a pod may run as root")
    volumes = {volume["name"] for volume in pod["volumes"]}
    settings = {}
    for container in pod.get("initContainers", []) + pod["containers"]:
        name = f"{where}: container {container['name']}"
        context = container["securityContext"]
        expect(context.get("readOnlyRootFilesystem") is True, f"{name}: its file system can be written")
        expect(context.get("allowPrivilegeEscalation") is False, f"{name}: it may gain privileges")
        expect(context.get("capabilities") == {"drop": ["ALL"]}, f"{name}: it keeps capabilities")
        expect("memory" in container["resources"]["limits"], f"{name}: no limit of memory")
        expect({mount["name"] for mount in container["volumeMounts"]} <= volumes, f"{name}: a volume is not there")
        for source in container.get("envFrom", []):
            expect(source["configMapRef"]["name"] in maps, f"{name}: no ConfigMap {source['configMapRef']['name']}")
            settings |= maps.get(source["configMapRef"]["name"], {})
        given = [variable["name"] for variable in container.get("env", [])]
        for variable in [*given, *settings]:
            if variable.startswith(("CHAT_", "PG")):
                expect(variable in options, f"{name}: nobody reads {variable}")
        for port in container.get("ports", []):
            expect(str(port["containerPort"]) == settings.get("CHAT_PORT"), f"{name}: it listens on another port")
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in container:
                check_probe(name, container[probe])
        if "preStop" in container.get("lifecycle", {}):
            command = container["lifecycle"]["preStop"]["exec"]["command"]
            needed = float(command[-1]) + float(settings["CHAT_DRAIN_TIMEOUT"]) + AFTER_DRAIN
            expect(pod["terminationGracePeriodSeconds"] >= needed, f"{name}: it wants {needed:g} s to end")


def check_probe(name: str, probe: dict) -> None:
    sources = (ROOT / "Sources/ChatServer/Rest/RestRouter.swift").read_text()
    expect(f'"{probe["httpGet"]["path"]}"' in sources, f"{name}: there is no {probe['httpGet']['path']}")
    # Health.patience: how long the store may take to answer.
    expect(probe["timeoutSeconds"] > 2, f"{name}: a probe does not wait for the store's 2 s")


def check_load(documents: list[dict]) -> None:
    job = next(document for document in documents if document["kind"] == "Job")
    container = job["spec"]["template"]["spec"]["containers"][0]
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    expect(int(environment["SHARES"]) == job["spec"]["completions"], "load: SHARES and completions differ")
    expect((ROOT / f"scenarios/{environment['SCENARIO']}.yaml").exists(), "load: there is no such scenario")
    run = "".join(path.read_text() for path in (ROOT / "Sources/LoadGen/Commands").rglob("*.swift"))
    for option in re.findall(r"--([a-z-]+)", container["args"][0]):
        declared = re.search(rf'var {option}\b|customLong\("{option}"\)', run)
        expect(declared is not None, f"load: LoadGen has no --{option}")
    claims = {item["metadata"]["name"] for item in documents if item["kind"] == "PersistentVolumeClaim"}
    for volume in job["spec"]["template"]["spec"]["volumes"]:
        if "persistentVolumeClaim" in volume:
            expect(volume["persistentVolumeClaim"]["claimName"] in claims, "load: the claim is not there")


def check_monitoring(documents: list[dict], base: list[dict]) -> None:
    for monitor in documents:
        selector = monitor["spec"]["selector"]["matchLabels"]
        found = [item for item in base if item["kind"] == "Service" and matches(selector, item["metadata"]["labels"])]
        expect(len(found) == 1, f"monitoring: {len(found)} Services are monitored, so each instance {len(found)} times")
        ports = [port["name"] for service in found for port in service["spec"]["ports"]]
        for endpoint in monitor["spec"]["endpoints"]:
            expect(endpoint["port"] in ports, f"monitoring: no port {endpoint['port']}")


def main() -> int:
    folders = sorted(path.parent for path in HERE.rglob("kustomization.yaml"))
    whole = {str(folder.relative_to(HERE)): built(folder) for folder in folders}
    for where, documents in whole.items():
        check_schemas(where, documents)
        check_relations(where, documents)
    check_load(whole["load"])
    check_monitoring(whole["monitoring"], whole["base"])
    count = sum(len(documents) for documents in whole.values())
    expect(count > 20, f"only {count} manifests were found")
    for mistake in mistakes:
        print(mistake)
    print(f"{count} manifests in {len(folders)} kustomizations, against Kubernetes {' and '.join(VERSIONS)}")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
